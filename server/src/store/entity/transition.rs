//! One change of a device from a state to another.

use engine::Transition;
use model::{State, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "transitions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub device_id: i64,
    pub at: i64,
    pub state_from: String,
    pub state_to: String,
    pub cause: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Transition {
    fn from(row: Model) -> Self {
        Self {
            from: State::from_word(&row.state_from).unwrap_or_default(),
            to: State::from_word(&row.state_to).unwrap_or_default(),
            at: Timestamp(row.at),
            cause: row.cause,
        }
    }
}
