//! Settings of the whole program, and the counters by which one process notices what another changed.

use crate::words::{drop_all, table};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut settings = table(manager, "settings");
        settings.col(string_len("name", 64).primary_key()).col(text("value"));
        manager.create_table(settings).await?;

        let mut counters = table(manager, "counters");
        counters.col(string_len("name", 32).primary_key()).col(big_integer("value"));
        manager.create_table(counters).await?;
        for name in ["changes", "command_line_changes"] {
            let row = Query::insert()
                .into_table("counters")
                .columns(["name", "value"])
                .values_panic([name.into(), 0.into()])
                .to_owned();
            manager.execute(row).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["counters", "settings"]).await
    }
}
