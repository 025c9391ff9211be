//! A maintenance window or a silence; one that was changed leaves a row behind for what it was.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quiets")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    pub title: String,
    pub about: String,
    pub zone: String,
    pub starts: String,
    pub minutes: i32,
    pub recurs: String,
    pub last_day: Option<String>,
    pub made_by: String,
    pub made_at: i64,
    pub valid_from: i64,
    pub ends_at: Option<i64>,
    pub former_of: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
