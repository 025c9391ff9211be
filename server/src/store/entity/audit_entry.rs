//! One act, bound to the one before it.

use model::{AuditEntry, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: i64,
    pub user_id: Option<i64>,
    pub who: String,
    pub via: String,
    pub address: Option<String>,
    pub act: String,
    pub subject: Option<String>,
    pub detail: Option<String>,
    /// HMAC-SHA-256, lower-case hex.
    pub mac: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for AuditEntry {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            at: Timestamp(row.at),
            who: row.who,
            via: row.via,
            address: row.address,
            act: row.act,
            subject: row.subject,
            detail: row.detail,
        }
    }
}
