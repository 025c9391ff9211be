//! What is remembered of a device across a restart.

use engine::Remembered;
use model::{State, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "device_states")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: i64,
    pub state: String,
    pub since: i64,
    pub cause: Option<String>,
    pub reconnects: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without the checks that have answered, which the checks' own table knows.
impl From<Model> for Remembered {
    fn from(row: Model) -> Self {
        Self {
            state: State::from_word(&row.state).unwrap_or_default(),
            since: Timestamp(row.since),
            cause: row.cause,
            reconnects: row.reconnects.unsigned_abs(),
            answered: Vec::new(),
        }
    }
}
