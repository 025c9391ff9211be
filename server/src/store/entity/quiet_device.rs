//! A device that a maintenance window or a silence is about, and since when.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quiet_devices")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub quiet_id: i64,
    pub device_id: i64,
    pub since: i64,
    pub until: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
