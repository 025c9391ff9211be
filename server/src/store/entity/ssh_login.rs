//! A sealed SSH login of a device.

use model::{SshAccess, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ssh_logins")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: i64,
    pub username: String,
    pub port: Option<i32>,
    pub has_legacy: bool,
    /// Sealed; empty where there is none, as the key.
    pub password: String,
    pub private_key: String,
    pub set_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What may be told of a login: everything but its secrets.
impl From<Model> for SshAccess {
    fn from(row: Model) -> Self {
        Self {
            username: row.username,
            has_password: !row.password.is_empty(),
            has_private_key: !row.private_key.is_empty(),
            port: row.port.and_then(|port| u16::try_from(port).ok()),
            has_legacy: row.has_legacy,
            set_at: Timestamp(row.set_at),
        }
    }
}
