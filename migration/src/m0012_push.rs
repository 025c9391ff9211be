//! Browsers that are told by push: whose they are, and the key that they all subscribed to.

use crate::words::{belongs_to, drop_all, index, table, unique};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row, whose private half is sealed.
        let mut keys = table(manager, "push_keys");
        keys.col(integer("id").primary_key()).col(text("sealed")).col(big_integer("created_at"));
        manager.create_table(keys).await?;

        // A browser's channel has the same id. `mark` is the hash of its address at the push service.
        let mut browsers = table(manager, "push_browsers");
        browsers
            .col(big_integer("channel_id").primary_key())
            .col(big_integer("user_id"))
            .col(string_len("browser", 64))
            .col(string_len("mark", 64))
            .foreign_key(&mut belongs_to("push_browsers", "channel_id", "channels"))
            .foreign_key(&mut belongs_to("push_browsers", "user_id", "users"));
        manager.create_table(browsers).await?;
        unique(manager, "push_browsers", &["mark"]).await?;
        index(manager, "push_browsers", &["user_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["push_browsers", "push_keys"]).await
    }
}
