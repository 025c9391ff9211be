//! What becomes of open incidents whose rule asks for them no more: another rule tells of them from then on, or they
//! are withdrawn.
//!
//! An outage may be of thousands, and all the while nobody else writes: they are read and changed in sets, and the
//! number of statements does not follow the number of incidents.

use super::{
    super::{
        super::{
            entity::{delivery, incident, incident_device},
            error::Result,
            outbox::{self, CLOSED, HELD, OPENED, WAITING},
            quiets::{self, About},
            rules,
        },
        late::devices,
    },
    Message, Writer,
};
use crate::alerts::{Telling, tellings};
use model::{Device, IncidentEnd, IncidentKind, QuietId, Rule, RuleId, Severity, Timestamp};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, IntoCondition},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Incidents of one statement: with what stands beside them, few enough values for every database.
const PART: usize = 500;

/// Which devices are down in an outage of several, by its number.
type Parts = HashMap<i64, Vec<i64>>;

impl Writer<'_> {
    /// Closes those open incidents that nothing will ever end. That is told where the beginning was; of what nobody was
    /// told yet nobody is told any more.
    pub(super) async fn withdraw(&mut self, which: impl IntoCondition) -> Result<()> {
        let open = incident::Entity::find().filter(which).filter(incident::Column::ClosedAt.is_null());
        let rows = open.all(self.transaction).await?;
        self.withdraw_all(&rows.iter().collect::<Vec<_>>()).await
    }

    async fn withdraw_all(&mut self, rows: &[&incident::Model]) -> Result<()> {
        for part in rows.chunks(PART) {
            let ids = || part.iter().map(|row| row.id);
            outbox::drop_beginnings(self.transaction, ids()).await?;
            incident::Entity::update_many()
                .col_expr(incident::Column::ClosedAt, Expr::value(self.now.0))
                .col_expr(incident::Column::Ending, Expr::value(IncidentEnd::Withdrawn.word()))
                .filter(incident::Column::Id.is_in(ids()))
                .filter(incident::Column::ClosedAt.is_null())
                .exec(self.transaction)
                .await?;
            incident_device::Entity::update_many()
                .col_expr(incident_device::Column::Until, Expr::value(self.now.0))
                .filter(incident_device::Column::IncidentId.is_in(ids()))
                .filter(incident_device::Column::Until.is_null())
                .exec(self.transaction)
                .await?;
            self.tell_withdrawn(part).await?;
        }
        Ok(())
    }

    /// Tells of the end where the beginning was told, unless a silence holds it.
    async fn tell_withdrawn(&mut self, part: &[&incident::Model]) -> Result<()> {
        let told = outbox::told_of_each(self.transaction, part.iter().map(|row| row.id)).await?;
        let is_there = |channel: &i64| self.channels.iter().any(|(known, _)| known == channel);
        let mut hearing = HashMap::<i64, Vec<i64>>::new();
        for (incident, channel) in told.into_iter().filter(|(_, channel)| is_there(channel)) {
            hearing.entry(incident).or_default().push(channel);
        }
        let heard: Vec<About> =
            part.iter().filter(|row| hearing.contains_key(&row.id)).map(|row| About::from(*row)).collect();
        let held = self.quiet.closings(self.transaction, &heard).await?;
        let message = |about: &About| {
            let state = if held.contains_key(&about.incident) { HELD } else { WAITING };
            let channels = hearing.remove(&about.incident).unwrap_or_default();
            Message { channels, incident: about.incident, kind: CLOSED, state, wait_ms: 0 }
        };
        let messages: Vec<Message> = heard.iter().map(message).collect();
        self.tell_of_all(&messages).await
    }

    /// Lets other rules tell of what goes on; what none tells of is withdrawn.
    async fn pass(&mut self, rows: &[incident::Model], events: &[Rule]) -> Result<()> {
        let mut passed = Vec::new();
        let mut withdrawn = Vec::new();
        for part in rows.chunks(PART) {
            let down = self.down_in(part).await?;
            let of = |row: &incident::Model| down.get(&row.id).cloned().unwrap_or_default();
            // One that is alone has no parts.
            let concerned = |row: &incident::Model| match of(row) {
                several if several.is_empty() => row.device_id.into_iter().collect(),
                several => several,
            };
            let mut devices = HashMap::new();
            let all: HashSet<i64> = part.iter().flat_map(concerned).collect();
            for some in all.into_iter().collect::<Vec<_>>().chunks(PART) {
                devices.extend(self::devices(self.transaction, some.iter().copied()).await?);
            }
            for row in part {
                let its = concerned(row);
                let its = its.iter().filter_map(|id| devices.get(id));
                match self.telling(row, its, events) {
                    Some(telling) => passed.push((row, telling)),
                    None => withdrawn.push(row),
                }
            }
        }
        for part in passed.chunks(PART) {
            self.pass_to(part).await?;
        }
        self.withdraw_all(&withdrawn).await
    }

    async fn pass_to(&mut self, part: &[(&incident::Model, Telling)]) -> Result<()> {
        let mut by_telling = BTreeMap::<(RuleId, Severity), Vec<i64>>::new();
        for (row, telling) in part {
            by_telling.entry((telling.rule, telling.severity)).or_default().push(row.id);
        }
        for ((rule, severity), ids) in by_telling {
            incident::Entity::update_many()
                .col_expr(incident::Column::RuleId, Expr::value(rule.0))
                .col_expr(incident::Column::Severity, Expr::value(severity.word()))
                .filter(incident::Column::Id.is_in(ids))
                .exec(self.transaction)
                .await?;
        }
        // It may matter more than it did: who hears only of that hears of it now, and nobody else again.
        let known: Vec<(i64, i64)> = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::IncidentId)
            .column(delivery::Column::ChannelId)
            .filter(delivery::Column::IncidentId.is_in(part.iter().map(|(row, _)| row.id)))
            .filter(delivery::Column::Kind.eq(OPENED))
            .into_tuple()
            .all(self.transaction)
            .await?;
        let known: HashSet<(i64, i64)> = known.into_iter().collect();
        let mut news = Vec::new();
        for (row, telling) in part {
            let mut hearing = self.hearing(telling.severity);
            hearing.retain(|channel| !known.contains(&(row.id, *channel)));
            if !hearing.is_empty() {
                let rule = Some(telling.rule.0);
                news.push((About { incident: row.id, device: row.device_id, rule }, hearing));
            }
        }
        let abouts: Vec<About> = news.iter().map(|(about, _)| *about).collect();
        let held = self.quiet.openings(self.transaction, &abouts).await?;
        self.mark_all(&held).await?;
        let message = |(about, channels): (About, Vec<i64>)| {
            let state = if held.contains_key(&about.incident) { HELD } else { WAITING };
            Message { channels, incident: about.incident, kind: OPENED, state, wait_ms: 0 }
        };
        let messages: Vec<Message> = news.into_iter().map(message).collect();
        self.tell_of_all(&messages).await
    }

    /// Writes down by which windows incidents are kept quiet.
    async fn mark_all(&self, held: &HashMap<i64, QuietId>) -> Result<()> {
        let mut by_window = BTreeMap::<i64, Vec<i64>>::new();
        for (incident, by) in held {
            by_window.entry(by.0).or_default().push(*incident);
        }
        for (by, incidents) in by_window {
            quiets::mark_incidents(self.transaction, &incidents, QuietId(by)).await?;
        }
        Ok(())
    }

    /// Which devices are down in those of these outages that are of several.
    async fn down_in(&self, rows: &[incident::Model]) -> Result<Parts> {
        let found: Vec<(i64, i64)> = incident_device::Entity::find()
            .select_only()
            .column(incident_device::Column::IncidentId)
            .column(incident_device::Column::DeviceId)
            .filter(incident_device::Column::IncidentId.is_in(rows.iter().map(|row| row.id)))
            .filter(incident_device::Column::IsDown.eq(true))
            .filter(incident_device::Column::Until.is_null())
            .into_tuple()
            .all(self.transaction)
            .await?;
        let mut parts = Parts::new();
        for (incident, device) in found {
            parts.entry(incident).or_default().push(device);
        }
        Ok(parts)
    }

    /// By which rule what goes on is to be told now; of several devices that are down together, one is enough.
    fn telling<'a>(
        &self,
        row: &incident::Model,
        its: impl Iterator<Item = &'a Device>,
        events: &[Rule],
    ) -> Option<Telling> {
        let kind = IncidentKind::from_word(&row.kind).filter(|kind| kind.lasts())?;
        let lasted_ms = self.now.since_ms(Timestamp(row.opened_at));
        let all = its.filter_map(|device| tellings(events, device).remove(&kind.event()));
        let due = all.filter(|telling| lasted_ms >= i64::from(telling.for_s) * 1_000);
        due.min_by_key(|telling| (telling.for_s, telling.severity, telling.rule))
    }
}

/// Lets other rules tell of what this one told of, and withdraws the rest. To be called once its change is written, and
/// before it is removed.
pub(in crate::store) async fn pass_on(
    transaction: &DatabaseTransaction,
    (rule, is_removed): (RuleId, bool),
    now: Timestamp,
) -> Result<()> {
    let open = incident::Entity::find()
        .filter(incident::Column::RuleId.eq(rule.0))
        .filter(incident::Column::ClosedAt.is_null())
        .order_by_asc(incident::Column::Id)
        .all(transaction)
        .await?;
    if open.is_empty() {
        return Ok(());
    }
    let mut events = rules::events(transaction).await?;
    events.retain(|event| !is_removed || event.id != rule);
    Writer::new(transaction, now).await?.pass(&open, &events).await
}
