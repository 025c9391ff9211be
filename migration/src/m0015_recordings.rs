//! Recordings of terminals: what is known of each, with the key of its own, sealed; and what it holds, under that key.

use crate::words::{belongs_to, drop_all, index, points_to, table};
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
        // Who and what keep the names of that time, and outlive the account and the device.
        let mut recordings = table(manager, "recordings");
        recordings
            .col(big_pk_auto("id"))
            .col(big_integer_null("device_id"))
            .col(string_len("device", 64))
            .col(big_integer_null("user_id"))
            .col(string_len("who", 64))
            .col(string_len_null("address", 64))
            .col(big_integer("begun_at"))
            .col(big_integer("until"))
            .col(string_len_null("why", 16))
            .col(integer("width"))
            .col(integer("height"))
            .col(big_integer("bytes"))
            .col(big_integer("stored_bytes"))
            .col(big_integer("lost_bytes"))
            .col(boolean("is_cut"))
            .col(text("sealed_key"))
            .foreign_key(&mut points_to("recordings", "device_id", "devices"))
            .foreign_key(&mut points_to("recordings", "user_id", "users"));
        manager.create_table(recordings).await?;
        index(manager, "recordings", &["device"]).await?;
        index(manager, "recordings", &["who"]).await?;

        let mut chunks = table(manager, "recording_chunks");
        chunks
            .col(big_integer("recording_id"))
            .col(integer("number"))
            .col(blob("data"))
            .primary_key(Index::create().col("recording_id").col("number"))
            .foreign_key(&mut belongs_to("recording_chunks", "recording_id", "recordings"));
        manager.create_table(chunks).await?;
        keep_as_it_is(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["recording_chunks", "recordings"]).await
    }
}

/// PostgreSQL would try to compress what is compressed and sealed.
async fn keep_as_it_is(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let words = "ALTER TABLE recording_chunks ALTER COLUMN data SET STORAGE EXTERNAL";
    manager.get_connection().execute_unprepared(words).await.map(drop)
}
