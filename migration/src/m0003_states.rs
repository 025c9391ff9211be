//! What is remembered of every device across a restart, and the history of its states.

use crate::words::{belongs_to, drop_all, index, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut states = table(manager, "device_states");
        states
            .col(big_integer("device_id").primary_key())
            .col(string_len("state", 16))
            .col(big_integer("since"))
            .col(text_null("cause"))
            .col(big_integer("reconnects"))
            .foreign_key(&mut belongs_to("device_states", "device_id", "devices"));
        manager.create_table(states).await?;

        let mut transitions = table(manager, "transitions");
        transitions
            .col(big_pk_auto("id"))
            .col(big_integer("device_id"))
            .col(big_integer("at"))
            .col(string_len("state_from", 16))
            .col(string_len("state_to", 16))
            .col(text_null("cause"))
            .foreign_key(&mut belongs_to("transitions", "device_id", "devices"));
        manager.create_table(transitions).await?;
        index(manager, "transitions", &["device_id", "at"]).await?;
        index(manager, "transitions", &["at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["transitions", "device_states"]).await
    }
}
