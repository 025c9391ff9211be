//! How devices are reached by SSH: sealed logins, and the host keys that somebody accepted.

use crate::words::{belongs_to, drop_all, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What is sealed is empty where there is none of it.
        let mut logins = table(manager, "ssh_logins");
        logins
            .col(big_integer("device_id").primary_key())
            .col(string_len("username", 64))
            .col(integer_null("port"))
            .col(boolean("has_legacy"))
            .col(text("password"))
            .col(text("private_key"))
            .col(big_integer("set_at"))
            .foreign_key(&mut belongs_to("ssh_logins", "device_id", "devices"));
        manager.create_table(logins).await?;

        // Apart from the login: a device that has none, or loses it, is still the same device.
        let mut keys = table(manager, "ssh_host_keys");
        keys.col(big_integer("device_id").primary_key())
            .col(string_len("algorithm", 64))
            .col(string_len("fingerprint", 64))
            .col(big_integer("pinned_at"))
            .col(string_len("pinned_by", 64))
            .foreign_key(&mut belongs_to("ssh_host_keys", "device_id", "devices"));
        manager.create_table(keys).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["ssh_host_keys", "ssh_logins"]).await
    }
}
