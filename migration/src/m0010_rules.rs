//! What was told of states without a rule becomes rules: with them nothing changes until somebody changes them.

use crate::words::index;
use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// State, name, severity. The last two were told by nothing before.
const STATES: [(&str, &str, &str); 6] = [
    ("down", "Device down", "critical"),
    ("degraded", "Device degraded", "warning"),
    ("reconnects", "Lost sessions", "warning"),
    ("rebooted", "Router rebooted", "info"),
    ("certificate", "Certificate changed", "critical"),
    ("update", "RouterOS update available", "info"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let first = Expr::col("name").eq("first_rules");
        let is_new = !is_there(manager, "settings", "name", first).await?;
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now: i64 = since_1970.as_millis().try_into().unwrap_or(i64::MAX);
        for (state, name, severity) in STATES {
            let condition = condition(state);
            if is_there(manager, "rules", "id", Expr::col("condition").eq(condition.as_str())).await? {
                continue;
            }
            let is_taken = is_there(manager, "rules", "id", Expr::col("name").eq(name)).await?;
            let name = if is_taken { format!("{name} (state)") } else { name.to_owned() };
            let is_on = match state {
                "certificate" => is_new,
                "update" => false,
                _ => true,
            };
            let row = Query::insert()
                .into_table("rules")
                .columns([
                    "name",
                    "enabled",
                    "severity",
                    "condition",
                    "scope",
                    "for_s",
                    "cool_down_s",
                    "created_at",
                    "updated_at",
                ])
                .values_panic([
                    name.into(),
                    is_on.into(),
                    severity.into(),
                    condition.into(),
                    "{}".into(),
                    0.into(),
                    0.into(),
                    now.into(),
                    now.into(),
                ])
                .to_owned();
            manager.execute(row).await?;
        }
        // How often each fired of late is asked for every rule at once.
        index(manager, "incidents", &["rule_id", "opened_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = STATES.map(|(state, ..)| condition(state));
        let rows =
            Query::delete().from_table("rules").and_where(Expr::col("condition").is_in(states)).to_owned();
        manager.execute(rows).await
    }
}

fn condition(state: &str) -> String {
    format!(r#"{{"state":"{state}","every":50}}"#)
}

async fn is_there(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
    which: Expr,
) -> Result<bool, DbErr> {
    let found = Query::select().column(column).from(table).and_where(which).limit(1).to_owned();
    Ok(manager.get_connection().query_one(&found).await?.is_some())
}
