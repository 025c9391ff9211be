//! When nobody is told: maintenance windows and silences, and what becomes of incidents meanwhile; notes of incidents;
//! the uptime that is promised of a device.

use crate::words::{add_column, belongs_to, drop_all, drop_columns, index, table};
use sea_orm_migration::{prelude::*, schema::*, sea_orm::ConnectionTrait};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What it is about and how it recurs are JSON. A row counts from `valid_from` to `ends_at`: what is changed
        // later leaves a row behind that says what was in force until then, and `former_of` says of which.
        let mut quiets = table(manager, "quiets");
        quiets
            .col(big_pk_auto("id"))
            .col(string_len("kind", 16))
            .col(string_len("title", 100))
            .col(text("about"))
            .col(string_len("zone", 64))
            .col(string_len("starts", 19))
            .col(integer("minutes"))
            .col(string_len("recurs", 120))
            .col(string_len_null("last_day", 10))
            .col(string_len("made_by", 64))
            .col(big_integer("made_at"))
            .col(big_integer("valid_from"))
            .col(big_integer_null("ends_at"))
            .col(big_integer_null("former_of"));
        manager.create_table(quiets).await?;
        index(manager, "quiets", &["ends_at"]).await?;

        // Which devices it was about, from when to when: neither a new tag nor a new name changes what was.
        let mut members = table(manager, "quiet_devices");
        members
            .col(big_pk_auto("id"))
            .col(big_integer("quiet_id"))
            .col(big_integer("device_id"))
            .col(big_integer("since"))
            .col(big_integer_null("until"))
            .foreign_key(&mut belongs_to("quiet_devices", "quiet_id", "quiets"))
            .foreign_key(&mut belongs_to("quiet_devices", "device_id", "devices"));
        manager.create_table(members).await?;
        index(manager, "quiet_devices", &["quiet_id", "device_id"]).await?;
        index(manager, "quiet_devices", &["device_id"]).await?;

        let mut notes = table(manager, "incident_notes");
        notes
            .col(big_pk_auto("id"))
            .col(big_integer("incident_id"))
            .col(big_integer("at"))
            .col(string_len("who", 64))
            .col(string_len("said", 500))
            .foreign_key(&mut belongs_to("incident_notes", "incident_id", "incidents"));
        manager.create_table(notes).await?;
        index(manager, "incident_notes", &["incident_id"]).await?;

        // By which of them an incident was kept quiet, and until when.
        add_column(manager, "incidents", big_integer_null("quiet_id")).await?;
        add_column(manager, "incidents", big_integer_null("quiet_until")).await?;
        // In thousandths of a percent.
        add_column(manager, "devices", integer_null("sla_target")).await?;
        keep_old_notes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "devices", &["sla_target"]).await?;
        drop_columns(manager, "incidents", &["quiet_until", "quiet_id"]).await?;
        drop_all(manager, &["incident_notes", "quiet_devices", "quiets"]).await
    }
}

/// An incident had one note, of whoever acknowledged it last: the first of several now.
async fn keep_old_notes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let words = "INSERT INTO incident_notes (incident_id, at, who, said) \
        SELECT i.id, i.acked_at, i.acked_by, i.note FROM incidents i \
        WHERE i.note IS NOT NULL AND i.acked_at IS NOT NULL AND i.acked_by IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM incident_notes n WHERE n.incident_id = i.id)";
    manager.get_connection().execute_unprepared(words).await?;
    Ok(())
}
