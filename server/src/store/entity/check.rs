//! A check of a device.

use model::{Check, CheckId, CheckKind};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "checks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub device_id: i64,
    pub kind: String,
    pub interval_s: i32,
    pub timeout_s: i32,
    /// A JSON object of texts.
    pub settings: String,
    /// Has succeeded at least once since it was added.
    pub has_answered: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Check {
    fn from(row: Model) -> Self {
        Self {
            id: CheckId(row.id),
            kind: CheckKind::from_word(&row.kind).unwrap_or(CheckKind::Icmp),
            interval_s: row.interval_s.unsigned_abs(),
            timeout_s: row.timeout_s.unsigned_abs(),
            settings: serde_json::from_str(&row.settings).unwrap_or_default(),
        }
    }
}
