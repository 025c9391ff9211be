//! A recording of a terminal, with its key.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "recordings")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub device_id: Option<i64>,
    pub device: String,
    pub user_id: Option<i64>,
    pub who: String,
    pub address: Option<String>,
    pub begun_at: i64,
    pub until: i64,
    pub why: Option<String>,
    pub width: i32,
    pub height: i32,
    pub bytes: i64,
    pub stored_bytes: i64,
    pub lost_bytes: i64,
    pub is_cut: bool,
    pub sealed_key: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
