//! Devices that are down together at one address, and when a channel's secrets were set.

use crate::words::{add_column, drop_columns};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Whether it is down itself, at the address of the incident's device, and not only out of sight.
        add_column(manager, "incident_devices", boolean("is_down").default(false).take()).await?;
        add_column(manager, "incidents", big_integer_null("partly_at")).await?;
        add_column(manager, "channels", big_integer_null("sealed_at")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "channels", &["sealed_at"]).await?;
        drop_columns(manager, "incidents", &["partly_at"]).await?;
        drop_columns(manager, "incident_devices", &["is_down"]).await
    }
}
