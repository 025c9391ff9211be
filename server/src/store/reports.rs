//! Reports: when they are due and where to, and each of them until it is there or given up. That a period was
//! reported is written with its reports: there is one of each, wherever the program is killed.

use super::{
    Came, Store,
    entity::{channel, report, report_channel, setting},
    error::Result,
    outbox::{GIVEN_UP, SENT, WAITING, cut},
    settings,
};
use model::{Act, ChannelId, REPORT_HOURS_DEFAULT, ReportPlan, Summary, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, Set, sea_query::Expr,
};
use std::collections::BTreeMap;

/// The setting that says how many hours lie between two reports …
const HOURS: &str = "report_hours";
/// … and the one that says up to when the last one reached.
const TOLD: &str = "report_told";
/// What is over is forgotten after so long.
const KEPT_MS: i64 = 30 * 24 * 3_600 * 1_000;

pub struct Reports<'a>(pub(super) &'a Store);

/// One report that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportDelivery {
    pub id: i64,
    pub summary: Summary,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub attempts: i32,
}

impl Reports<'_> {
    pub async fn plan(&self) -> Result<ReportPlan> {
        let hours = setting::Entity::find_by_id(HOURS).one(self.0.reader()).await?;
        let hours = hours.and_then(|row| row.value.parse().ok()).unwrap_or(REPORT_HOURS_DEFAULT);
        let rows = report_channel::Entity::find().order_by_asc(report_channel::Column::ChannelId);
        let rows = rows.all(self.0.reader()).await?;
        Ok(ReportPlan { hours, channels: rows.into_iter().map(|row| ChannelId(row.channel_id)).collect() })
    }

    /// Changes when and where to. Channels that are not there (any more) are left out.
    pub async fn set_plan(&self, plan: &ReportPlan) -> Result<()> {
        let transaction = self.0.change().await?;
        settings::set(&transaction, HOURS, &plan.hours.to_string()).await?;
        let known = channel::Entity::find()
            .select_only()
            .column(channel::Column::Id)
            .filter(channel::Column::Id.is_in(plan.channels.iter().map(|id| id.0)));
        let known: Vec<i64> = known.into_tuple().all(&transaction).await?;
        report_channel::Entity::delete_many().exec(&transaction).await?;
        let rows: Vec<_> =
            known.iter().map(|id| report_channel::ActiveModel { channel_id: Set(*id) }).collect();
        if !rows.is_empty() {
            report_channel::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
        }
        let detail = format!("every {} h, {} channels", plan.hours, known.len());
        self.0.note(&transaction, Act::ReportChanged, None, Some(&detail)).await?;
        Ok(transaction.commit().await?)
    }

    /// Up to when the last report reached.
    pub async fn told(&self) -> Result<Option<Timestamp>> {
        told(self.0.reader()).await
    }

    /// Writes what is to be told of the period up to `summary.to`, once; whether there is anything new to send.
    pub async fn write(&self, summary: &Summary) -> Result<bool> {
        let transaction = self.0.begin().await?;
        if told(&transaction).await?.is_some_and(|told| told >= summary.to) {
            return Ok(false);
        }
        let now = self.0.now();
        settings::set(&transaction, TOLD, &summary.to.0.to_string()).await?;
        let chosen = report_channel::Entity::find().select_only().column(report_channel::Column::ChannelId);
        let chosen: Vec<i64> = chosen.into_tuple().all(&transaction).await?;
        let on = channel::Entity::find()
            .select_only()
            .column(channel::Column::Id)
            .filter(channel::Column::Id.is_in(chosen))
            .filter(channel::Column::Enabled.eq(true));
        let on: Vec<i64> = on.into_tuple().all(&transaction).await?;
        let told = report::Entity::find().filter(report::Column::PeriodTo.eq(summary.to.0)).all(&transaction);
        let told: Vec<i64> = told.await?.into_iter().map(|row| row.channel_id).collect();
        // Words of the model are always JSON.
        let facts = serde_json::to_string(summary).unwrap_or_default();
        let row = |channel: &i64| report::ActiveModel {
            channel_id: Set(*channel),
            period_to: Set(summary.to.0),
            facts: Set(facts.clone()),
            state: Set(WAITING.to_owned()),
            created_at: Set(now.0),
            due_at: Set(now.0),
            attempts: Set(0),
            ..Default::default()
        };
        let rows: Vec<_> = on.iter().filter(|channel| !told.contains(channel)).map(row).collect();
        let has_news = !rows.is_empty();
        if has_news {
            report::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
        }
        report::Entity::delete_many()
            .filter(report::Column::State.ne(WAITING))
            .filter(report::Column::CreatedAt.lt(now.0.saturating_sub(KEPT_MS)))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(has_news)
    }

    /// The periods up to `to` are not reported: nobody watched them, or nobody wanted it.
    pub async fn pass_over(&self, to: Timestamp) -> Result<()> {
        let transaction = self.0.begin().await?;
        settings::set(&transaction, TOLD, &to.0.to_string()).await?;
        Ok(transaction.commit().await?)
    }

    /// The channels that are on and have a report waiting, and when the first of it is due.
    pub async fn due(&self) -> Result<BTreeMap<ChannelId, Timestamp>> {
        let rows = report::Entity::find().filter(report::Column::State.eq(WAITING));
        let rows = rows.order_by_desc(report::Column::Id).all(self.0.reader()).await?;
        let on = channel::Entity::find()
            .select_only()
            .column(channel::Column::Id)
            .filter(channel::Column::Id.is_in(rows.iter().map(|row| row.channel_id)))
            .filter(channel::Column::Enabled.eq(true));
        let on: Vec<i64> = on.into_tuple().all(self.0.reader()).await?;
        let waiting = rows.into_iter().filter(|row| on.contains(&row.channel_id));
        Ok(waiting.map(|row| (ChannelId(row.channel_id), Timestamp(row.due_at))).collect())
    }

    /// The first report that waits for a channel. One that cannot be read is given up.
    pub async fn head(&self, id: ChannelId) -> Result<Option<ReportDelivery>> {
        let first = report::Entity::find()
            .filter(report::Column::State.eq(WAITING))
            .filter(report::Column::ChannelId.eq(id.0))
            .order_by_asc(report::Column::Id)
            .one(self.0.reader())
            .await?;
        let Some(row) = first else { return Ok(None) };
        match serde_json::from_str(&row.facts) {
            Ok(summary) => Ok(Some(ReportDelivery {
                id: row.id,
                summary,
                created_at: Timestamp(row.created_at),
                due_at: Timestamp(row.due_at),
                attempts: row.attempts,
            })),
            Err(_) => {
                let why = "it was written by another version of the program".to_owned();
                self.settle(row.id, &Came::GivenUp { why }).await?;
                Ok(None)
            }
        }
    }

    /// Writes down what became of a try.
    pub async fn settle(&self, id: i64, came: &Came) -> Result<()> {
        let transaction = self.0.begin().await?;
        settle(&transaction, id, came, self.0.now()).await?;
        Ok(transaction.commit().await?)
    }
}

async fn told(connection: &impl ConnectionTrait) -> Result<Option<Timestamp>> {
    let row = setting::Entity::find_by_id(TOLD).one(connection).await?;
    Ok(row.and_then(|row| row.value.parse().ok()).map(Timestamp))
}

async fn settle(transaction: &DatabaseTransaction, id: i64, came: &Came, now: Timestamp) -> Result<()> {
    use report::{Column, Entity};
    let changed = Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id));
    let over = |state: &str| Expr::value(state);
    let changed = match came {
        Came::Sent => {
            changed.col_expr(Column::State, over(SENT)).col_expr(Column::DoneAt, Expr::value(now.0))
        }
        Came::Later { at, why } => changed
            .col_expr(Column::DueAt, Expr::value(at.0))
            .col_expr(Column::Failure, Expr::value(cut(why))),
        Came::GivenUp { why } => changed
            .col_expr(Column::State, over(GIVEN_UP))
            .col_expr(Column::DoneAt, Expr::value(now.0))
            .col_expr(Column::Failure, Expr::value(cut(why))),
    };
    changed.exec(transaction).await?;
    Ok(())
}
