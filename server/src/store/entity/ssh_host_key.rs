//! The SSH host key of a device that somebody accepted.

use model::{PinnedHostKey, SshHostKey, Timestamp};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ssh_host_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: i64,
    pub algorithm: String,
    pub fingerprint: String,
    pub pinned_at: i64,
    pub pinned_by: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for PinnedHostKey {
    fn from(row: Model) -> Self {
        Self {
            key: SshHostKey { algorithm: row.algorithm, fingerprint: row.fingerprint },
            pinned_at: Timestamp(row.pinned_at),
            pinned_by: row.pinned_by,
        }
    }
}
