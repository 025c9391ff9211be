//! What routers wrote into their logs, and where each log was read to.

use crate::words::{belongs_to, drop_all, index, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Topics between commas, with one at either end.
        let mut lines = table(manager, "log_lines");
        lines
            .col(big_pk_auto("id"))
            .col(big_integer("device_id"))
            .col(big_integer("at"))
            .col(small_integer("level"))
            .col(small_integer("way"))
            .col(boolean("is_after_gap"))
            .col(string_len("topics", 255))
            .col(text("message"))
            .foreign_key(&mut belongs_to("log_lines", "device_id", "devices"));
        manager.create_table(lines).await?;
        index(manager, "log_lines", &["at", "id"]).await?;
        index(manager, "log_lines", &["device_id", "at", "id"]).await?;
        index(manager, "log_lines", &["level", "at", "id"]).await?;

        let mut books = table(manager, "log_books");
        books
            .col(big_integer("device_id").primary_key())
            .col(boolean("is_off"))
            .col(var_binary("known", 1_024))
            .foreign_key(&mut belongs_to("log_books", "device_id", "devices"));
        manager.create_table(books).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["log_books", "log_lines"]).await
    }
}
