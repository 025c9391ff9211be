//! A browser's session, as the hash of its id.

use crate::store::SessionRow;
use model::{Timestamp, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id_hash: String,
    pub user_id: Option<i64>,
    pub data: String,
    pub created_at: i64,
    pub seen_at: i64,
    pub expires_at: i64,
    pub browser: Option<String>,
    pub address: Option<String>,
    pub password_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for SessionRow {
    fn from(row: Model) -> Self {
        Self {
            id_hash: row.id_hash,
            user: row.user_id.map(UserId),
            data: row.data,
            created_at: Timestamp(row.created_at),
            seen_at: Timestamp(row.seen_at),
            expires_at: Timestamp(row.expires_at),
            browser: row.browser,
            address: row.address,
            password_at: row.password_at.map(Timestamp),
        }
    }
}
