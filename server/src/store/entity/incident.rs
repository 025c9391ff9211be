//! What people are told about.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub device_id: Option<i64>,
    pub device: String,
    pub address: String,
    pub kind: String,
    pub severity: String,
    pub opened_at: i64,
    pub told_at: i64,
    pub closed_at: Option<i64>,
    pub ending: Option<String>,
    pub cause: Option<String>,
    pub number: Option<i64>,
    pub rule_id: Option<i64>,
    pub subject: Option<String>,
    pub facts: Option<String>,
    pub acked_at: Option<i64>,
    pub acked_by: Option<String>,
    pub note: Option<String>,
    pub partly_at: Option<i64>,
    pub quiet_id: Option<i64>,
    pub quiet_until: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
