//! Where a router's log was read to, and whether it is read.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "log_books")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: i64,
    pub is_off: bool,
    /// The newest lines that were read, eight bytes each.
    #[sea_orm(column_type = "VarBinary(StringLen::N(1024))")]
    pub known: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
