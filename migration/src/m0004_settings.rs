//! Settings of the whole program, and the counters by which one process notices what another changed.

use crate::words::{drop_all, table};
use sea_orm_migration::{prelude::*, schema::*, sea_orm::ConnectionTrait};

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
            counter(manager, name).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["counters", "settings"]).await
    }
}

/// Begins to count `name`, unless an earlier start got that far.
async fn counter(manager: &SchemaManager<'_>, name: &'static str) -> Result<(), DbErr> {
    let known =
        Query::select().column("name").from("counters").and_where(Expr::col("name").eq(name)).to_owned();
    if manager.get_connection().query_one(&known).await?.is_some() {
        return Ok(());
    }
    let row = Query::insert()
        .into_table("counters")
        .columns(["name", "value"])
        .values_panic([name.into(), 0.into()])
        .to_owned();
    manager.execute(row).await
}
