//! Who did what, as a chain: each entry carries a code over itself and the one before.

use crate::words::{drop_all, index, table};
use sea_orm_migration::{prelude::*, schema::*, sea_orm::ConnectionTrait};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No reference to an account: what somebody did outlives them.
        let mut entries = table(manager, "audit_entries");
        entries
            .col(big_pk_auto("id"))
            .col(big_integer("at"))
            .col(big_integer_null("user_id"))
            .col(string_len("who", 64))
            .col(string_len("via", 16))
            .col(string_len_null("address", 45))
            .col(string_len("act", 32))
            .col(string_len_null("subject", 128))
            .col(string_len_null("detail", 500))
            .col(string_len("mac", 64));
        manager.create_table(entries).await?;
        index(manager, "audit_entries", &["at"]).await?;

        let mut head = table(manager, "audit_head");
        head.col(integer("id").primary_key())
            .col(big_integer("entries"))
            .col(string_len("mac", 64))
            .col(text("sealed_key"));
        manager.create_table(head).await?;
        // An earlier start may have got that far.
        let known = Query::select().column("id").from("audit_head").to_owned();
        if manager.get_connection().query_one(&known).await?.is_some() {
            return Ok(());
        }
        let row = Query::insert()
            .into_table("audit_head")
            .columns(["id", "entries", "mac", "sealed_key"])
            .values_panic([1.into(), 0.into(), "".into(), "".into()])
            .to_owned();
        manager.execute(row).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["audit_head", "audit_entries"]).await
    }
}
