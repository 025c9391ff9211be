//! Channels, rules, incidents, and the outbox: what is to be told to whom, until it is told.

use crate::words::{belongs_to, drop_all, index, points_to, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What is secret of the settings is sealed, as one; the last columns say how telling goes.
        let mut channels = table(manager, "channels");
        channels
            .col(big_pk_auto("id"))
            .col(string_len_uniq("name", 64))
            .col(string_len("kind", 16))
            .col(boolean("enabled"))
            .col(string_len("language", 8))
            .col(string_len("severity", 16))
            .col(text("settings"))
            .col(text_null("sealed"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .col(big_integer_null("sent_at"))
            .col(big_integer_null("failing_since"))
            .col(string_len_null("failure", 300));
        manager.create_table(channels).await?;

        // The condition and the scope are JSON: each kind of condition has fields of its own.
        let mut rules = table(manager, "rules");
        rules
            .col(big_pk_auto("id"))
            .col(string_len_uniq("name", 64))
            .col(boolean("enabled"))
            .col(string_len("severity", 16))
            .col(text("condition"))
            .col(text("scope"))
            .col(integer("for_s"))
            .col(integer("cool_down_s"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"));
        manager.create_table(rules).await?;

        // What happened outlives the device: its name and address are kept.
        let mut incidents = table(manager, "incidents");
        incidents
            .col(big_pk_auto("id"))
            .col(big_integer_null("device_id"))
            .col(string_len("device", 64))
            .col(string_len("address", 253))
            .col(string_len("kind", 16))
            .col(string_len("severity", 16))
            .col(big_integer("opened_at"))
            .col(big_integer("told_at"))
            .col(big_integer_null("closed_at"))
            .col(string_len_null("ending", 16))
            .col(text_null("cause"))
            .col(big_integer_null("number"))
            .col(big_integer_null("rule_id"))
            .col(string_len_null("subject", 64))
            .col(text_null("facts"))
            .col(big_integer_null("acked_at"))
            .col(string_len_null("acked_by", 64))
            .col(string_len_null("note", 500))
            .foreign_key(&mut points_to("incidents", "device_id", "devices"))
            .foreign_key(&mut points_to("incidents", "rule_id", "rules"));
        manager.create_table(incidents).await?;
        index(manager, "incidents", &["device_id", "closed_at"]).await?;
        index(manager, "incidents", &["closed_at"]).await?;

        let mut affected = table(manager, "incident_devices");
        affected
            .col(big_integer("incident_id"))
            .col(big_integer("device_id"))
            .col(string_len("device", 64))
            .col(big_integer("since"))
            .col(big_integer_null("until"))
            .primary_key(Index::create().col("incident_id").col("device_id"))
            .foreign_key(&mut belongs_to("incident_devices", "incident_id", "incidents"))
            .foreign_key(&mut belongs_to("incident_devices", "device_id", "devices"));
        manager.create_table(affected).await?;
        index(manager, "incident_devices", &["device_id", "until"]).await?;

        let mut deliveries = table(manager, "deliveries");
        deliveries
            .col(big_pk_auto("id"))
            .col(big_integer("channel_id"))
            .col(big_integer("incident_id"))
            .col(string_len("kind", 16))
            .col(string_len("state", 16))
            .col(big_integer("created_at"))
            .col(big_integer("due_at"))
            .col(integer("attempts"))
            .col(big_integer_null("done_at"))
            .col(string_len_null("failure", 300))
            .foreign_key(&mut belongs_to("deliveries", "channel_id", "channels"))
            .foreign_key(&mut belongs_to("deliveries", "incident_id", "incidents"));
        manager.create_table(deliveries).await?;
        index(manager, "deliveries", &["state", "channel_id"]).await?;
        index(manager, "deliveries", &["incident_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["deliveries", "incident_devices", "incidents", "rules", "channels"]).await
    }
}
