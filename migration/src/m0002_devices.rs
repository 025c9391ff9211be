//! What is watched, how it is asked, and the sealed logins that takes.

use crate::words::{belongs_to, drop_all, index, points_to, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut devices = table(manager, "devices");
        devices
            .col(big_pk_auto("id"))
            .col(string_len_uniq("name", 64))
            .col(string_len("kind", 16))
            .col(string_len("address", 253))
            .col(string_len_null("description", 500))
            .col(string_len_null("location", 64))
            .col(string_len_null("vendor", 64))
            .col(string_len_null("model", 64))
            .col(big_integer_null("parent_id"))
            .col(text("tags"))
            .col(boolean("enabled"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .foreign_key(&mut points_to("devices", "parent_id", "devices"));
        manager.create_table(devices).await?;
        index(manager, "devices", &["parent_id"]).await?;

        let mut checks = table(manager, "checks");
        checks
            .col(big_pk_auto("id"))
            .col(big_integer("device_id"))
            .col(string_len("kind", 16))
            .col(integer("interval_s"))
            .col(integer("timeout_s"))
            .col(text("settings"))
            .col(boolean("has_answered"))
            .foreign_key(&mut belongs_to("checks", "device_id", "devices"));
        manager.create_table(checks).await?;
        index(manager, "checks", &["device_id"]).await?;

        let mut credentials = table(manager, "credentials");
        credentials
            .col(big_integer("device_id"))
            .col(string_len("service", 16))
            .col(string_len("username", 64))
            .col(integer_null("port"))
            .col(boolean("tls"))
            .col(text("sealed"))
            .col(big_integer("set_at"))
            .col(string_len_null("pinned", 64))
            .primary_key(Index::create().col("device_id").col("service"))
            .foreign_key(&mut belongs_to("credentials", "device_id", "devices"));
        manager.create_table(credentials).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["credentials", "checks", "devices"]).await
    }
}
