//! Where each session is, when its password was last given, and the second factor of accounts.

use crate::words::{add_column, belongs_to, drop_all, drop_columns, index, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, "sessions", string_len_null("browser", 64)).await?;
        add_column(manager, "sessions", string_len_null("address", 45)).await?;
        add_column(manager, "sessions", big_integer_null("password_at")).await?;

        // The secret, sealed; the last step whose code was used; and since when.
        add_column(manager, "users", text_null("totp")).await?;
        add_column(manager, "users", big_integer_null("totp_step")).await?;
        add_column(manager, "users", big_integer_null("totp_at")).await?;

        let mut codes = table(manager, "recovery_codes");
        codes
            .col(big_pk_auto("id"))
            .col(big_integer("user_id"))
            .col(string_len("hash", 64))
            .foreign_key(&mut belongs_to("recovery_codes", "user_id", "users"));
        manager.create_table(codes).await?;
        index(manager, "recovery_codes", &["user_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["recovery_codes"]).await?;
        drop_columns(manager, "users", &["totp_at", "totp_step", "totp"]).await?;
        drop_columns(manager, "sessions", &["password_at", "address", "browser"]).await
    }
}
