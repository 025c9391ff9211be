//! What is not told while a window runs, and what becomes of it afterwards.
//!
//! What is held back waits in the outbox under a state of its own: it is let go when nothing holds it any more, and
//! dropped when there is nothing left to tell. In maintenance only beginnings are held, so that the end of what was
//! told before is told; a silence holds both.

use super::super::{
    entity::{delivery, incident, incident_device, quiet_device},
    error::Result,
    outbox::{CLOSED, HELD, OPENED, PARTLY, SENT, SILENCED, WAITING},
};
use super::live;
use crate::quiet::Window;
use model::{IncidentId, QuietAbout, QuietId, QuietKind, QuietMark, RuleId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use std::collections::{HashMap, HashSet};

/// Messages that are looked at in one go.
const PAGE: u64 = 500;

/// Every window that runs at one moment.
pub struct InForce {
    windows: Vec<Window>,
    now: Timestamp,
}

/// What a window may be about.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub incident: i64,
    pub device: Option<i64>,
    pub rule: Option<i64>,
}

impl From<&incident::Model> for About {
    fn from(row: &incident::Model) -> Self {
        Self { incident: row.id, device: row.device_id, rule: row.rule_id }
    }
}

impl InForce {
    pub async fn load(connection: &impl ConnectionTrait, now: Timestamp) -> Result<Self> {
        let mut windows = live(connection, now).await?;
        windows.retain(|window| window.current(now).is_some());
        // Maintenance says more than a silence, and comes first.
        windows.sort_by_key(|window| (window.draft.kind == QuietKind::Silence, window.id));
        Ok(Self { windows, now })
    }

    /// By which window nobody is told that this began, if by any.
    pub async fn opening(&self, connection: &impl ConnectionTrait, about: About) -> Result<Option<QuietId>> {
        Ok(self.first(connection, about, None).await?.map(|window| window.id))
    }

    /// The same, where all that are down together with its device are in a window too.
    async fn opening_for_all(
        &self,
        connection: &impl ConnectionTrait,
        about: About,
    ) -> Result<Option<QuietId>> {
        let Some(by) = self.opening(connection, about).await? else { return Ok(None) };
        let others: Vec<i64> = incident_device::Entity::find()
            .select_only()
            .column(incident_device::Column::DeviceId)
            .filter(incident_device::Column::IncidentId.eq(about.incident))
            .filter(incident_device::Column::IsDown.eq(true))
            .filter(incident_device::Column::Until.is_null())
            .into_tuple()
            .all(connection)
            .await?;
        for other in others {
            let about = About { device: Some(other), ..about };
            if self.opening(connection, about).await?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(by))
    }

    /// By which window nobody is told yet that this ended.
    pub async fn closing(&self, connection: &impl ConnectionTrait, about: About) -> Result<Option<QuietId>> {
        Ok(self.first(connection, about, Some(QuietKind::Silence)).await?.map(|window| window.id))
    }

    /// What an incident wears.
    pub async fn mark(&self, connection: &impl ConnectionTrait, about: About) -> Result<Option<QuietMark>> {
        Ok(self.first(connection, about, None).await?.and_then(|window| window.mark(self.now)))
    }

    /// By which windows nobody is told that these began, by their incidents.
    pub async fn openings(
        &self,
        connection: &impl ConnectionTrait,
        of: &[About],
    ) -> Result<HashMap<i64, QuietId>> {
        self.each(connection, of, None).await
    }

    /// By which windows nobody is told yet that these ended, by their incidents.
    pub async fn closings(
        &self,
        connection: &impl ConnectionTrait,
        of: &[About],
    ) -> Result<HashMap<i64, QuietId>> {
        self.each(connection, of, Some(QuietKind::Silence)).await
    }

    async fn each(
        &self,
        connection: &impl ConnectionTrait,
        of: &[About],
        only: Option<QuietKind>,
    ) -> Result<HashMap<i64, QuietId>> {
        let devices = of.iter().filter_map(|about| about.device).collect();
        let joined = self.joined(connection, devices, only).await?;
        let held = |about: &About| Some((about.incident, self.chosen(*about, only, &joined)?.id));
        Ok(of.iter().filter_map(held).collect())
    }

    async fn first(
        &self,
        connection: &impl ConnectionTrait,
        about: About,
        only: Option<QuietKind>,
    ) -> Result<Option<&Window>> {
        let joined = self.joined(connection, about.device.into_iter().collect(), only).await?;
        Ok(self.chosen(about, only, &joined))
    }

    fn windows(&self, only: Option<QuietKind>) -> impl Iterator<Item = &Window> {
        self.windows.iter().filter(move |window| only.is_none_or(|kind| window.draft.kind == kind))
    }

    /// Which of these devices are in which windows.
    async fn joined(
        &self,
        connection: &impl ConnectionTrait,
        devices: Vec<i64>,
        only: Option<QuietKind>,
    ) -> Result<HashSet<(i64, i64)>> {
        let about_devices = self.windows(only).filter(|window| window.is_about_devices());
        let ids: Vec<i64> = about_devices.map(|window| window.id.0).collect();
        if ids.is_empty() || devices.is_empty() {
            return Ok(HashSet::new());
        }
        let found: Vec<(i64, i64)> = quiet_device::Entity::find()
            .select_only()
            .column(quiet_device::Column::QuietId)
            .column(quiet_device::Column::DeviceId)
            .filter(quiet_device::Column::DeviceId.is_in(devices))
            .filter(quiet_device::Column::QuietId.is_in(ids))
            .filter(quiet_device::Column::Until.is_null())
            .into_tuple()
            .all(connection)
            .await?;
        Ok(found.into_iter().collect())
    }

    fn chosen(&self, about: About, only: Option<QuietKind>, joined: &HashSet<(i64, i64)>) -> Option<&Window> {
        self.windows(only).find(|window| match &window.draft.about {
            QuietAbout::Devices(_) => {
                about.device.is_some_and(|device| joined.contains(&(window.id.0, device)))
            }
            QuietAbout::Incident(id) => *id == IncidentId(about.incident),
            QuietAbout::Rule(id) => about.rule.map(RuleId) == Some(*id),
        })
    }
}

pub async fn is_any_held(connection: &impl ConnectionTrait) -> Result<bool> {
    Ok(delivery::Entity::find().filter(delivery::Column::State.eq(HELD)).limit(1).count(connection).await?
        > 0)
}

/// What waits to be told and is to be told no more is held from now on.
pub async fn hold_waiting(transaction: &DatabaseTransaction, now: Timestamp) -> Result<()> {
    let in_force = InForce::load(transaction, now).await?;
    let mut after = 0;
    loop {
        let page = page(transaction, WAITING, after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.0.id;
        for (row, incident) in page {
            let about = About::from(&incident);
            let by = match row.kind.as_str() {
                OPENED => in_force.opening_for_all(transaction, about).await?,
                _ => in_force.closing(transaction, about).await?,
            };
            let Some(by) = by else { continue };
            if row.kind != OPENED {
                hold(transaction, row.id).await?;
                continue;
            }
            if incident.closed_at.is_some() {
                // Who is not told that it began is not told either that it ended.
                silence(transaction, &row, &[OPENED, PARTLY, CLOSED]).await?;
            } else {
                hold(transaction, row.id).await?;
                silence(transaction, &row, &[PARTLY]).await?;
            }
            // Where one channel told it already it was not kept quiet, though another is not to tell it now.
            if !is_told(transaction, incident.id).await? {
                mark_incident(transaction, incident.id, by).await?;
            }
        }
    }
}

/// Lets go what nothing holds any more, and drops beginnings of what is over; whether there is something to tell.
pub async fn release(transaction: &DatabaseTransaction, now: Timestamp) -> Result<bool> {
    let in_force = InForce::load(transaction, now).await?;
    let (mut after, mut has_news) = (0, false);
    loop {
        let page = page(transaction, HELD, after).await?;
        let Some(last) = page.last() else { return Ok(has_news) };
        after = last.0.id;
        for (row, incident) in page {
            let about = About::from(&incident);
            let is_opening = row.kind == OPENED;
            if is_opening && incident.closed_at.is_some() {
                silence(transaction, &row, &[OPENED, PARTLY, CLOSED]).await?;
                continue;
            }
            let by = match is_opening {
                true => in_force.opening_for_all(transaction, about).await?,
                false => in_force.closing(transaction, about).await?,
            };
            if by.is_some() {
                continue;
            }
            delivery::Entity::update_many()
                .col_expr(delivery::Column::State, Expr::value(WAITING))
                // It is not late: nobody was to hear of it before.
                .col_expr(delivery::Column::CreatedAt, Expr::value(now.0))
                .col_expr(delivery::Column::DueAt, Expr::value(now.0))
                .filter(delivery::Column::Id.eq(row.id))
                // What was silenced together with its beginning stays so.
                .filter(delivery::Column::State.eq(HELD))
                .exec(transaction)
                .await?;
            if is_opening {
                incident::Entity::update_many()
                    .col_expr(incident::Column::QuietUntil, Expr::value(now.0))
                    .filter(incident::Column::Id.eq(incident.id))
                    .exec(transaction)
                    .await?;
            }
            has_news = true;
        }
    }
}

/// Nobody hears any more that it began.
pub async fn drop_held(transaction: &DatabaseTransaction, incident: IncidentId) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::value(SILENCED))
        .filter(delivery::Column::IncidentId.eq(incident.0))
        .filter(delivery::Column::Kind.eq(OPENED))
        .filter(delivery::Column::State.eq(HELD))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Whether anybody was told that it began.
async fn is_told(transaction: &DatabaseTransaction, incident: i64) -> Result<bool> {
    let sent = delivery::Entity::find()
        .filter(delivery::Column::IncidentId.eq(incident))
        .filter(delivery::Column::Kind.eq(OPENED))
        .filter(delivery::Column::State.eq(SENT));
    Ok(sent.limit(1).count(transaction).await? > 0)
}

/// Writes down by which window an incident was kept quiet.
pub async fn mark_incident(transaction: &DatabaseTransaction, incident: i64, by: QuietId) -> Result<()> {
    mark_incidents(transaction, &[incident], by).await
}

/// The same of several.
pub async fn mark_incidents(transaction: &DatabaseTransaction, incidents: &[i64], by: QuietId) -> Result<()> {
    incident::Entity::update_many()
        .col_expr(incident::Column::QuietId, Expr::value(by.0))
        .filter(incident::Column::Id.is_in(incidents.iter().copied()))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn hold(transaction: &DatabaseTransaction, id: i64) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::value(HELD))
        .filter(delivery::Column::Id.eq(id))
        // It may have been silenced since it was read.
        .filter(delivery::Column::State.eq(WAITING))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The channel of a message hears none of these any more about its incident.
async fn silence(transaction: &DatabaseTransaction, row: &delivery::Model, kinds: &[&str]) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::value(SILENCED))
        .filter(delivery::Column::IncidentId.eq(row.incident_id))
        .filter(delivery::Column::ChannelId.eq(row.channel_id))
        .filter(delivery::Column::Kind.is_in(kinds.iter().copied()))
        .filter(delivery::Column::State.is_in([WAITING, HELD]))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The next messages in a state, with what they are about.
async fn page(
    transaction: &DatabaseTransaction,
    state: &str,
    after: i64,
) -> Result<Vec<(delivery::Model, incident::Model)>> {
    let rows = delivery::Entity::find()
        .filter(delivery::Column::State.eq(state))
        .filter(delivery::Column::Kind.is_in([OPENED, CLOSED]))
        .filter(delivery::Column::Id.gt(after))
        .order_by_asc(delivery::Column::Id)
        .limit(PAGE)
        .all(transaction)
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.incident_id).collect();
    let incidents = incident::Entity::find().filter(incident::Column::Id.is_in(ids)).all(transaction).await?;
    let incidents: HashMap<i64, incident::Model> = incidents.into_iter().map(|row| (row.id, row)).collect();
    let whole = |row: delivery::Model| {
        let incident = incidents.get(&row.incident_id)?.clone();
        Some((row, incident))
    };
    Ok(rows.into_iter().filter_map(whole).collect())
}
