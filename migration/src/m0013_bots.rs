//! Who may speak to a bot and how far its messages were read; and the reports that are to be sent.

use crate::words::{add_column, belongs_to, drop_all, drop_columns, index, table, unique};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A bot is its number at its server; which of its messages is the next is kept with what the last one did.
        let mut bots = table(manager, "bots");
        bots.col(string_len("name", 300).primary_key())
            .col(big_integer("next_update"))
            .col(big_integer("read_at"));
        manager.create_table(bots).await?;

        // A person at Telegram who speaks for an account, to one bot.
        let mut bindings = table(manager, "bindings");
        bindings
            .col(big_pk_auto("id"))
            .col(big_integer("user_id"))
            .col(string_len("bot", 300))
            .col(big_integer("person"))
            .col(string_len("called", 64))
            .col(string_len("bot_called", 64))
            .col(string_len("language", 8))
            .col(big_integer("bound_at"))
            .col(big_integer_null("used_at"))
            .foreign_key(&mut belongs_to("bindings", "user_id", "users"));
        manager.create_table(bindings).await?;
        unique(manager, "bindings", &["bot", "person"]).await?;
        index(manager, "bindings", &["user_id"]).await?;

        // One code an account at a time, by its hash.
        let mut codes = table(manager, "binding_codes");
        codes
            .col(big_integer("user_id").primary_key())
            .col(string_len_uniq("hash", 64))
            .col(string_len("language", 8))
            .col(big_integer("expires_at"))
            .foreign_key(&mut belongs_to("binding_codes", "user_id", "users"));
        manager.create_table(codes).await?;

        // Why a channel's bot does not hear, while it should.
        add_column(manager, "channels", string_len_null("deaf", 300)).await?;

        let mut chosen = table(manager, "report_channels");
        chosen.col(big_integer("channel_id").primary_key()).foreign_key(&mut belongs_to(
            "report_channels",
            "channel_id",
            "channels",
        ));
        manager.create_table(chosen).await?;

        // One report a channel and period. What it says was true when it was written.
        let mut reports = table(manager, "reports");
        reports
            .col(big_pk_auto("id"))
            .col(big_integer("channel_id"))
            .col(big_integer("period_to"))
            .col(text("facts"))
            .col(string_len("state", 16))
            .col(big_integer("created_at"))
            .col(big_integer("due_at"))
            .col(integer("attempts"))
            .col(big_integer_null("done_at"))
            .col(string_len_null("failure", 300))
            .foreign_key(&mut belongs_to("reports", "channel_id", "channels"));
        manager.create_table(reports).await?;
        unique(manager, "reports", &["channel_id", "period_to"]).await?;
        index(manager, "reports", &["state", "channel_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "channels", &["deaf"]).await?;
        drop_all(manager, &["reports", "report_channels", "binding_codes", "bindings", "bots"]).await
    }
}
