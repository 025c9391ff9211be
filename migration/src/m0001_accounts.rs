//! People, their sessions and their API tokens.

use crate::words::{belongs_to, drop_all, index, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut users = table(manager, "users");
        users
            .col(big_pk_auto("id"))
            .col(string_len_uniq("name", 64))
            .col(string_len("role", 16))
            .col(boolean("enabled"))
            .col(string_len("password_hash", 255))
            .col(big_integer("created_at"))
            .col(big_integer_null("last_login_at"));
        manager.create_table(users).await?;

        let mut sessions = table(manager, "sessions");
        sessions
            .col(string_len("id_hash", 64).primary_key())
            .col(big_integer_null("user_id"))
            .col(text("data"))
            .col(big_integer("created_at"))
            .col(big_integer("seen_at"))
            .col(big_integer("expires_at"))
            .foreign_key(&mut belongs_to("sessions", "user_id", "users"));
        manager.create_table(sessions).await?;
        index(manager, "sessions", &["user_id"]).await?;
        index(manager, "sessions", &["expires_at"]).await?;

        let mut tokens = table(manager, "tokens");
        tokens
            .col(big_pk_auto("id"))
            .col(big_integer("user_id"))
            .col(string_len("name", 64))
            .col(string_len("prefix", 16))
            .col(string_len_uniq("hash", 64))
            .col(string_len("scope", 16))
            .col(big_integer("created_at"))
            .col(big_integer_null("last_used_at"))
            .foreign_key(&mut belongs_to("tokens", "user_id", "users"));
        manager.create_table(tokens).await?;
        index(manager, "tokens", &["user_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["tokens", "sessions", "users"]).await
    }
}
