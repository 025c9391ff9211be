//! Samples: a log of what was just measured, chunks of what is kept, rollups of it; and when the program ran.

use crate::words::{belongs_to, drop_all, index, table, unique};
use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Up to which entry of the log its samples are in chunks.
        let mut series = table(manager, "series");
        series
            .col(big_pk_auto("id"))
            .col(big_integer("device_id"))
            .col(integer("measure"))
            .col(string_len("subject", 64))
            .col(big_integer("folded_entry"))
            .foreign_key(&mut belongs_to("series", "device_id", "devices"));
        manager.create_table(series).await?;
        unique(manager, "series", &["device_id", "measure", "subject"]).await?;

        // Times of the first and the last sample in milliseconds, as they are in the order of recording.
        let mut chunks = table(manager, "chunks");
        chunks
            .col(big_pk_auto("id"))
            .col(big_integer("series_id"))
            .col(big_integer("begins"))
            .col(big_integer("ends"))
            .col(integer("samples"))
            .col(var_binary("data", 4_000))
            .foreign_key(&mut belongs_to("chunks", "series_id", "series"));
        manager.create_table(chunks).await?;
        index(manager, "chunks", &["series_id", "ends"]).await?;
        index(manager, "chunks", &["ends"]).await?;

        let mut rollups = table(manager, "rollups");
        rollups
            .col(big_pk_auto("id"))
            .col(big_integer("series_id"))
            .col(integer("step_s"))
            .col(big_integer("begins"))
            .col(big_integer("ends"))
            .col(var_binary("data", 4_000))
            .foreign_key(&mut belongs_to("rollups", "series_id", "series"));
        manager.create_table(rollups).await?;
        index(manager, "rollups", &["series_id", "step_s", "ends"]).await?;
        index(manager, "rollups", &["step_s", "ends"]).await?;

        let mut log = table(manager, "sample_log");
        log.col(big_integer("entry").primary_key()).col(blob("data"));
        manager.create_table(log).await?;

        let mut runs = table(manager, "runs");
        runs.col(big_pk_auto("id")).col(big_integer("began_at")).col(big_integer("seen_at"));
        manager.create_table(runs).await?;
        index(manager, "runs", &["seen_at"]).await?;

        keep_in_the_row(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["runs", "sample_log", "rollups", "chunks", "series"]).await
    }
}

/// PostgreSQL would try to compress what is compressed, and move what is beyond 2 kB out of the row's page.
async fn keep_in_the_row(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for table in ["chunks", "rollups"] {
        let words = format!("ALTER TABLE {table} ALTER COLUMN data SET STORAGE PLAIN");
        manager.get_connection().execute_unprepared(&words).await?;
    }
    Ok(())
}
