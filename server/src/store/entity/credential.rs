//! A sealed login of a device for one service.

use model::{CredentialSummary, RouterosAccess, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credentials")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub service: String,
    pub username: String,
    pub port: Option<i32>,
    pub tls: bool,
    pub sealed: String,
    pub set_at: i64,
    pub pinned: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn port(&self) -> Option<u16> {
        self.port.and_then(|port| u16::try_from(port).ok())
    }
}

/// What may be told of a login: everything but its secret.
impl From<Model> for RouterosAccess {
    fn from(row: Model) -> Self {
        Self {
            port: row.port(),
            tls: row.tls,
            credential: CredentialSummary { username: row.username, set_at: Timestamp(row.set_at) },
            pinned: row.pinned,
        }
    }
}
