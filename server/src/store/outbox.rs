//! The outbox: deliveries in order per channel, until they are made or visibly given up.

use super::Opened;
use super::{
    Store,
    channels::opened,
    entity::{channel, delivery, incident},
    error::Result,
    incidents::whole,
};
use crate::vault::Vault;
use model::{ChannelId, Incident, IncidentId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use std::collections::{BTreeMap, HashMap};

pub(super) const OPENED: &str = "opened";
pub(super) const CLOSED: &str = "closed";
pub(super) const PARTLY: &str = "partly";
pub(super) const WAITING: &str = "waiting";
/// Not told for now: a maintenance window or a silence runs.
pub(super) const HELD: &str = "held";
/// Never told: it was over before what held it.
pub(super) const SILENCED: &str = "silenced";
pub(super) const SENT: &str = "sent";
pub(super) const GIVEN_UP: &str = "given_up";
/// Farther apart are no two messages of one channel that were told in one: so many fit between them, of all channels.
const APART_MAX: i64 = 100_000;
/// Longest reason kept.
const FAILURE_CHARS_MAX: usize = 300;

/// Names one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub i64);

/// What a delivery tells of its incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Opened,
    Closed,
    /// Of several that were down together some are back, and others are not.
    Partly,
}

/// One message that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub told: Told,
    pub incident: Incident,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub attempts: i32,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq)]
pub enum Came {
    Sent,
    /// To be tried again.
    Later {
        at: Timestamp,
        why: String,
    },
    GivenUp {
        why: String,
    },
}

/// What a beginning was told together with, in one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Company {
    /// How many beginnings, itself included.
    pub told: usize,
    /// Something of it is not over yet.
    pub goes_on: bool,
}

pub struct Outbox<'a>(pub(super) &'a Store);

impl Outbox<'_> {
    /// The channels for which something waits, and when the first of it is due.
    pub async fn due(&self) -> Result<Vec<(ChannelId, Timestamp)>> {
        use delivery::{Column, Entity};
        let enabled = channel::Entity::find()
            .select_only()
            .column(channel::Column::Id)
            .filter(channel::Column::Enabled.eq(true))
            .into_tuple::<i64>()
            .all(self.0.reader())
            .await?;
        // The first in line decides: what comes after it waits for it.
        let mut first = BTreeMap::new();
        for id in enabled {
            let head = Entity::find()
                .filter(Column::State.eq(WAITING))
                .filter(Column::ChannelId.eq(id))
                .order_by_asc(Column::Id)
                .one(self.0.reader())
                .await?;
            let Some(head) = head else { continue };
            let mut due_at = head.due_at;
            // An end that waits for company makes way for what begins.
            if head.kind == CLOSED && head.attempts == 0 && due_at > self.0.now().0 {
                let begun = Entity::find()
                    .filter(Column::State.eq(WAITING))
                    .filter(Column::ChannelId.eq(id))
                    .filter(Column::Kind.eq(OPENED))
                    .order_by_asc(Column::DueAt)
                    .one(self.0.reader())
                    .await?;
                due_at = begun.map_or(due_at, |row| Ord::min(row.due_at, due_at));
            }
            first.insert(ChannelId(id), Timestamp(due_at));
        }
        Ok(first.into_iter().collect())
    }

    /// What the channel was told together with the beginning of this one: those were settled as one.
    pub async fn company(&self, id: ChannelId, incident: IncidentId) -> Result<Company> {
        use delivery::{Column, Entity};
        let told = Entity::find()
            .filter(Column::State.eq(SENT))
            .filter(Column::ChannelId.eq(id.0))
            .filter(Column::Kind.eq(OPENED));
        let own = told.clone().filter(Column::IncidentId.eq(incident.0)).one(self.0.reader()).await?;
        let Some((own, Some(done_at))) = own.map(|row| (row.id, row.done_at)) else {
            return Ok(Company::default());
        };
        let together: Vec<i64> = told
            .select_only()
            .column(Column::IncidentId)
            .filter(Column::DoneAt.eq(done_at))
            .filter(Column::Id.between(own.saturating_sub(APART_MAX), own.saturating_add(APART_MAX)))
            .into_tuple()
            .all(self.0.reader())
            .await?;
        let open = incident::Entity::find()
            .filter(incident::Column::Id.is_in(together.iter().copied()))
            .filter(incident::Column::ClosedAt.is_null())
            .one(self.0.reader())
            .await?;
        Ok(Company { told: together.len(), goes_on: open.is_some() })
    }

    /// The first messages that wait for a channel, at most `limit`, and the channel itself.
    pub async fn head(&self, id: ChannelId, limit: u64, vault: &Vault) -> Result<(Opened, Vec<Delivery>)> {
        let snapshot = self.0.snapshot().await?;
        let channel = super::channels::row(&snapshot, id).await?;
        let rows = delivery::Entity::find()
            .filter(delivery::Column::State.eq(WAITING))
            .filter(delivery::Column::ChannelId.eq(id.0))
            .order_by_asc(delivery::Column::Id)
            .limit(limit)
            .all(&snapshot)
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.incident_id).collect();
        let incidents =
            incident::Entity::find().filter(incident::Column::Id.is_in(ids)).all(&snapshot).await?;
        let incidents: HashMap<IncidentId, Incident> =
            whole(&snapshot, incidents).await?.into_iter().map(|incident| (incident.id, incident)).collect();
        let delivery = |row: delivery::Model| {
            Some(Delivery {
                id: DeliveryId(row.id),
                told: match row.kind.as_str() {
                    CLOSED => Told::Closed,
                    PARTLY => Told::Partly,
                    _ => Told::Opened,
                },
                incident: incidents.get(&IncidentId(row.incident_id))?.clone(),
                created_at: Timestamp(row.created_at),
                due_at: Timestamp(row.due_at),
                attempts: row.attempts,
            })
        };
        Ok((opened(channel, vault), rows.into_iter().filter_map(delivery).collect()))
    }

    /// The first in line waits for company until `at`.
    pub async fn put_off(&self, id: DeliveryId, at: Timestamp) -> Result<()> {
        let transaction = self.0.begin().await?;
        delivery::Entity::update_many()
            .col_expr(delivery::Column::DueAt, Expr::value(at.0))
            .filter(delivery::Column::Id.eq(id.0))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Writes down what became of a try, and how the channel is.
    pub async fn settle(
        &self,
        id: ChannelId,
        tried: &[DeliveryId],
        came: &Came,
        now: Timestamp,
    ) -> Result<()> {
        let transaction = self.0.begin().await?;
        write(&transaction, tried, came, now).await?;
        let mut changed = channel::Entity::update_many().filter(channel::Column::Id.eq(id.0));
        changed = match came {
            Came::Sent => changed
                .col_expr(channel::Column::SentAt, Expr::value(now.0))
                .col_expr(channel::Column::FailingSince, Expr::value(None::<i64>))
                .col_expr(channel::Column::Failure, Expr::value(None::<String>)),
            Came::Later { why, .. } | Came::GivenUp { why } => {
                let since = Expr::col(channel::Column::FailingSince).if_null(now.0);
                changed
                    .col_expr(channel::Column::FailingSince, since)
                    .col_expr(channel::Column::Failure, Expr::value(cut(why)))
            }
        };
        changed.exec(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}

async fn write(
    transaction: &DatabaseTransaction,
    tried: &[DeliveryId],
    came: &Came,
    now: Timestamp,
) -> Result<()> {
    use delivery::{Column, Entity};
    let changed = Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.is_in(tried.iter().map(|id| id.0)));
    let changed = match came {
        Came::Sent => {
            changed.col_expr(Column::State, Expr::value(SENT)).col_expr(Column::DoneAt, Expr::value(now.0))
        }
        Came::Later { at, why } => changed
            .col_expr(Column::DueAt, Expr::value(at.0))
            .col_expr(Column::Failure, Expr::value(cut(why))),
        Came::GivenUp { why } => changed
            .col_expr(Column::State, Expr::value(GIVEN_UP))
            .col_expr(Column::DoneAt, Expr::value(now.0))
            .col_expr(Column::Failure, Expr::value(cut(why))),
    };
    changed.exec(transaction).await?;
    if matches!(came, Came::GivenUp { .. }) {
        give_up_endings(transaction, tried, came, now).await?;
    }
    Ok(())
}

/// Where nobody heard of its beginning, nobody hears of its end.
async fn give_up_endings(
    transaction: &DatabaseTransaction,
    tried: &[DeliveryId],
    came: &Came,
    now: Timestamp,
) -> Result<()> {
    use delivery::{Column, Entity};
    let Came::GivenUp { why } = came else { return Ok(()) };
    let rows =
        Entity::find().filter(Column::Id.is_in(tried.iter().map(|id| id.0))).filter(Column::Kind.eq(OPENED));
    for row in rows.all(transaction).await? {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(GIVEN_UP))
            .col_expr(Column::DoneAt, Expr::value(now.0))
            .col_expr(Column::Failure, Expr::value(cut(why)))
            .filter(Column::IncidentId.eq(row.incident_id))
            .filter(Column::ChannelId.eq(row.channel_id))
            .filter(Column::Kind.eq(CLOSED))
            .filter(Column::State.is_in([WAITING, HELD]))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

pub(super) fn cut(why: &str) -> String {
    why.chars().filter(|char| *char != '\0').take(FAILURE_CHARS_MAX).collect()
}

/// The channels that were told, or are to be told, that an incident began.
pub(super) async fn told_of(transaction: &DatabaseTransaction, id: IncidentId) -> Result<Vec<i64>> {
    let told = told_of_each(transaction, [id.0]).await?;
    Ok(told.into_iter().map(|(_, channel)| channel).collect())
}

/// The same of several: each incident with each of its channels.
pub(super) async fn told_of_each(
    transaction: &DatabaseTransaction,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, i64)>> {
    use delivery::{Column, Entity};
    let told = Entity::find()
        .select_only()
        .column(Column::IncidentId)
        .column(Column::ChannelId)
        .filter(Column::IncidentId.is_in(ids))
        .filter(Column::Kind.eq(OPENED))
        .filter(Column::State.is_not_in([GIVEN_UP, SILENCED, HELD]));
    Ok(told.into_tuple().all(transaction).await?)
}

/// How many messages about each of these incidents were given up; those of which none was are not in the answer.
pub(super) async fn given_up(connection: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    use delivery::{Column, Entity};
    let counted = Entity::find()
        .select_only()
        .column(Column::IncidentId)
        .column_as(Column::Id.count(), "count")
        .filter(Column::IncidentId.is_in(ids.iter().copied()))
        .filter(Column::State.eq(GIVEN_UP))
        .group_by(Column::IncidentId);
    let counts: Vec<(i64, i64)> = counted.into_tuple().all(connection).await?;
    Ok(counts.into_iter().collect())
}

/// Who was not told yet that these began is told nothing of them any more.
pub(super) async fn drop_beginnings(
    transaction: &DatabaseTransaction,
    ids: impl IntoIterator<Item = i64>,
) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::value(SILENCED))
        .filter(delivery::Column::IncidentId.is_in(ids))
        .filter(delivery::Column::Kind.is_in([OPENED, PARTLY]))
        .filter(delivery::Column::State.is_in([WAITING, HELD]))
        .exec(transaction)
        .await?;
    Ok(())
}

/// What waits for a channel is due now: somebody mended it.
pub(super) async fn hurry(transaction: &DatabaseTransaction, id: ChannelId, now: Timestamp) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::DueAt, Expr::value(now.0))
        .filter(delivery::Column::ChannelId.eq(id.0))
        .filter(delivery::Column::State.eq(WAITING))
        .exec(transaction)
        .await?;
    Ok(())
}

/// How many messages wait for each channel, and how many were given up.
pub(super) async fn counts(connection: &impl ConnectionTrait) -> Result<HashMap<ChannelId, (u64, u64)>> {
    use delivery::{Column, Entity};
    let found = Entity::find()
        .select_only()
        .column(Column::ChannelId)
        .column(Column::State)
        .column_as(Column::Id.count(), "count")
        .filter(Column::State.is_in([WAITING, GIVEN_UP]))
        .group_by(Column::ChannelId)
        .group_by(Column::State);
    let rows: Vec<(i64, String, i64)> = found.into_tuple().all(connection).await?;
    let mut counts = HashMap::<ChannelId, (u64, u64)>::new();
    for (channel, state, count) in rows {
        let (waiting, given_up) = counts.entry(ChannelId(channel)).or_default();
        let count = count.unsigned_abs();
        *(if state == WAITING { waiting } else { given_up }) = count;
    }
    Ok(counts)
}
