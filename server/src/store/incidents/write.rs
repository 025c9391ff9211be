//! What the journal writes of incidents, and what ends with a device or a rule.

use super::known::{known, outages};
mod pass;
mod several;

pub(in crate::store) use pass::pass_on;
pub(in crate::store) use several::{is_partly_due, tell_partly};

use super::super::{
    Recording,
    entity::{channel, delivery, device, incident, incident_device},
    error::Result,
    outbox::{self, CLOSED, HELD, OPENED, SILENCED, WAITING},
    quiets::{self, About, InForce},
    rules, states,
};
use crate::alerts::{Crossed, Deed, Telling, deeds};
use engine::Outcome;
use model::{Crossing, DeviceId, IncidentEnd, IncidentId, IncidentKind, RuleId, Severity, State, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, Set, sea_query::Expr,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the monitor itself is called where something is said of it.
const OWN_NAME: &str = "Routewarden";
/// Messages of one statement.
const DELIVERIES_AT_ONCE: usize = 1_000;
/// A device that an incident has to do with: its name, since when, and whether it is down itself.
type Part = (String, Timestamp, bool);

impl Recording {
    /// Forgets up to `limit` incidents that ended before `before`, and what was told of them; how many.
    pub async fn forget_incidents(&self, before: Timestamp, limit: u64) -> Result<u64> {
        let found = incident::Entity::find().filter(incident::Column::ClosedAt.lt(before.0));
        self.forget(found, incident::Column::Id, limit).await
    }

    /// Opens and closes incidents as `outcomes` say, and puts what is to be told into the outbox; whether there is
    /// something new in it. To be called before the states are written: some follow from what they were.
    pub async fn incidents(&self, outcomes: &[Outcome], crossed: &[Crossed], now: Timestamp) -> Result<bool> {
        let telling: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.is_telling()).collect();
        if telling.is_empty() && crossed.is_empty() {
            return Ok(false);
        }
        let paused: Vec<i64> =
            telling.iter().filter(|outcome| is_paused(outcome)).map(|outcome| outcome.device.0).collect();
        let deeds = if telling.is_empty() {
            Vec::new()
        } else {
            deeds(&telling, known(&self.0, &telling, now).await?)
        };
        if deeds.is_empty() && crossed.is_empty() && paused.is_empty() {
            return Ok(false);
        }
        let mut writer = Writer::new(&self.0, now).await?;
        if !paused.is_empty() {
            // Nobody measures any more what a rule was about.
            let is_number = incident::Column::Kind.eq(IncidentKind::Threshold.word());
            writer.withdraw(incident::Column::DeviceId.is_in(paused).and(is_number)).await?;
        }
        writer.write(deeds).await?;
        writer.cross(crossed).await?;
        Ok(writer.has_news)
    }
}

fn is_paused(outcome: &Outcome) -> bool {
    outcome.transition.as_ref().is_some_and(|change| change.to == State::Paused)
}

/// Something to be told of an incident in some channels.
struct Message {
    channels: Vec<i64>,
    incident: i64,
    kind: &'static str,
    state: &'static str,
    wait_ms: i64,
}

/// Writes deeds down, one after the other.
pub(super) struct Writer<'a> {
    transaction: &'a DatabaseTransaction,
    now: Timestamp,
    /// Who hears of what, from which severity on.
    channels: Vec<(i64, Severity)>,
    /// Incidents that these deeds themselves opened.
    opened: HashMap<(DeviceId, IncidentKind), IncidentId>,
    /// That the monitor is cut off, where these deeds say so.
    own: Option<IncidentId>,
    quiet: InForce,
    pub(super) has_news: bool,
}

impl<'a> Writer<'a> {
    pub(super) async fn new(transaction: &'a DatabaseTransaction, now: Timestamp) -> Result<Self> {
        let rows = channel::Entity::find().filter(channel::Column::Enabled.eq(true)).all(transaction).await?;
        let severity = |row: &channel::Model| Severity::from_word(&row.severity).unwrap_or(Severity::Info);
        let channels = rows.iter().map(|row| (row.id, severity(row))).collect();
        let quiet = InForce::load(transaction, now).await?;
        Ok(Self { transaction, now, channels, opened: HashMap::new(), own: None, quiet, has_news: false })
    }

    pub(super) async fn write(&mut self, deeds: Vec<Deed>) -> Result<()> {
        // By incident and device: hidden twice is hidden since the last time.
        let mut affected = BTreeMap::new();
        for deed in deeds {
            match deed {
                Deed::Open { device, name, address, kind, at, cause, number, telling } => {
                    let what = (at, cause, number);
                    let id = self.open((device, name, address), kind, what, telling).await?;
                    self.opened.insert((device, kind), id);
                }
                Deed::Close { incident, device, kind, at, ending } => {
                    self.affect(std::mem::take(&mut affected)).await?;
                    let id = incident.or_else(|| self.opened.get(&(device, kind)).copied());
                    if let Some(id) = id {
                        self.close(id, at, ending).await?;
                    }
                }
                Deed::Affect { incident, behind, device, name, since } => {
                    let id = incident.or_else(|| self.opened.get(&(behind, IncidentKind::Down)).copied());
                    affected.extend(id.map(|id| ((id, device), (name, since, false))));
                }
                Deed::Join { incident, head, device, name, since } => {
                    let id = incident.or_else(|| self.opened_by(head));
                    affected.extend(id.map(|id| ((id, device), (name, since, true))));
                }
                Deed::Leave { incident, head, device, at } => {
                    self.affect(std::mem::take(&mut affected)).await?;
                    if let Some(id) = incident.or_else(|| self.opened_by(head)) {
                        self.leave(id, device, at).await?;
                    }
                }
                Deed::CutOff { since } => {
                    let id = self.open_own(since).await?;
                    self.own = Some(id);
                }
                Deed::Restored { incident, at } => {
                    if let Some(id) = incident.or(self.own) {
                        self.close(id, at, IncidentEnd::Recovered).await?;
                    }
                }
                Deed::Free { device, at } => {
                    self.affect(std::mem::take(&mut affected)).await?;
                    self.free(device, at).await?;
                }
            }
        }
        self.affect(affected).await
    }

    fn opened_by(&self, head: Option<DeviceId>) -> Option<IncidentId> {
        self.opened.get(&(head?, IncidentKind::Down)).copied()
    }

    /// Numbers that went where a rule says they must not be, and others that came back.
    async fn cross(&mut self, crossed: &[Crossed]) -> Result<()> {
        if crossed.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = crossed.iter().map(|one| one.device().0).collect();
        let devices =
            device::Entity::find().filter(device::Column::Id.is_in(ids)).all(self.transaction).await?;
        let devices: HashMap<i64, device::Model> = devices.into_iter().map(|row| (row.id, row)).collect();
        let rules: Vec<i64> = crossed.iter().map(|one| one.rule().0).collect();
        let severities: HashMap<i64, Severity> =
            rules::severities(self.transaction, &rules).await?.into_iter().collect();
        for one in crossed {
            // What was removed or paused since is nobody's business, nor what no rule asks any more.
            let (Some(device), Some(severity)) = (
                devices.get(&one.device().0).filter(|row| row.enabled),
                severities.get(&one.rule().0).copied(),
            ) else {
                continue;
            };
            match one {
                Crossed::Over { rule, at, crossing, .. } => {
                    self.over(device, *rule, severity, (*at, crossing)).await?
                }
                Crossed::Gone { rule, device, subject } => {
                    let which = incident::Column::RuleId
                        .eq(rule.0)
                        .and(incident::Column::DeviceId.eq(device.0))
                        .and(incident::Column::Subject.eq(subject.as_str()));
                    self.withdraw(which).await?;
                }
                Crossed::Back { rule, device, subject, at } => {
                    let open = incident::Entity::find()
                        .filter(incident::Column::RuleId.eq(rule.0))
                        .filter(incident::Column::DeviceId.eq(device.0))
                        .filter(incident::Column::Subject.eq(subject.as_str()))
                        .filter(incident::Column::ClosedAt.is_null())
                        .all(self.transaction)
                        .await?;
                    for row in open {
                        self.close(IncidentId(row.id), *at, IncidentEnd::Recovered).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn over(
        &mut self,
        device: &device::Model,
        rule: RuleId,
        severity: Severity,
        (at, crossing): (Timestamp, &Crossing),
    ) -> Result<()> {
        let row = incident::ActiveModel {
            device_id: Set(Some(device.id)),
            device: Set(device.name.clone()),
            address: Set(device.address.clone()),
            kind: Set(IncidentKind::Threshold.word().to_owned()),
            severity: Set(severity.word().to_owned()),
            opened_at: Set(at.0),
            told_at: Set(self.now.0),
            rule_id: Set(Some(rule.0)),
            subject: Set(Some(crossing.subject.clone())),
            // Words of the model are always JSON.
            facts: Set(serde_json::to_string(crossing).ok()),
            ..Default::default()
        };
        let id = incident::Entity::insert(row).exec(self.transaction).await?.last_insert_id;
        let about = About { incident: id, device: Some(device.id), rule: Some(rule.0) };
        self.tell_beginning(severity, about, (false, 0)).await
    }

    /// The channels that hear of something so severe.
    fn hearing(&self, severity: Severity) -> Vec<i64> {
        self.channels.iter().filter(|(_, least)| severity <= *least).map(|(channel, _)| *channel).collect()
    }

    async fn open(
        &mut self,
        (device, name, address): (DeviceId, String, String),
        kind: IncidentKind,
        (at, cause, number): (Timestamp, Option<String>, Option<i64>),
        telling: Telling,
    ) -> Result<IncidentId> {
        // What happened in one moment is over with it.
        let ending = (!kind.lasts()).then_some(IncidentEnd::AtOnce);
        let wait_ms = if kind == IncidentKind::Down { self.wait_ms(device, &address).await? } else { 0 };
        let row = incident::ActiveModel {
            device_id: Set(Some(device.0)),
            device: Set(name),
            address: Set(address),
            kind: Set(kind.word().to_owned()),
            severity: Set(telling.severity.word().to_owned()),
            rule_id: Set(Some(telling.rule.0)),
            opened_at: Set(at.0),
            told_at: Set(self.now.0),
            closed_at: Set(ending.map(|_| at.0)),
            ending: Set(ending.map(|ending| ending.word().to_owned())),
            cause: Set(cause.as_deref().map(states::clean)),
            number: Set(number),
            ..Default::default()
        };
        let id = incident::Entity::insert(row).exec(self.transaction).await?.last_insert_id;
        let about = About { incident: id, device: Some(device.0), rule: Some(telling.rule.0) };
        self.tell_beginning(telling.severity, about, (ending.is_some(), wait_ms)).await?;
        Ok(IncidentId(id))
    }

    /// The monitor itself is cut off.
    async fn open_own(&mut self, since: Timestamp) -> Result<IncidentId> {
        let kind = IncidentKind::CutOff;
        let row = incident::ActiveModel {
            device_id: Set(None),
            device: Set(OWN_NAME.to_owned()),
            address: Set(String::new()),
            kind: Set(kind.word().to_owned()),
            severity: Set(kind.severity().word().to_owned()),
            opened_at: Set(since.0),
            told_at: Set(self.now.0),
            ..Default::default()
        };
        let id = incident::Entity::insert(row).exec(self.transaction).await?.last_insert_id;
        let about = About { incident: id, device: None, rule: None };
        self.tell_beginning(kind.severity(), about, (false, 0)).await?;
        Ok(IncidentId(id))
    }

    /// The channels that heard of the beginning and are still there.
    async fn heard(&self, id: IncidentId) -> Result<Vec<i64>> {
        let told = outbox::told_of(self.transaction, id).await?;
        let is_there = |channel: &i64| self.channels.iter().any(|(known, _)| known == channel);
        Ok(told.into_iter().filter(is_there).collect())
    }

    /// It is told only where its beginning was.
    pub(super) async fn close(&mut self, id: IncidentId, at: Timestamp, ending: IncidentEnd) -> Result<()> {
        incident::Entity::update_many()
            .col_expr(incident::Column::ClosedAt, Expr::value(at.0))
            .col_expr(incident::Column::Ending, Expr::value(ending.word()))
            .filter(incident::Column::Id.eq(id.0))
            .filter(incident::Column::ClosedAt.is_null())
            .exec(self.transaction)
            .await?;
        if ending == IncidentEnd::Worse {
            return Ok(());
        }
        quiets::drop_held(self.transaction, id).await?;
        let hearing = self.heard(id).await?;
        let row = incident::Entity::find_by_id(id.0).one(self.transaction).await?;
        let by = match row.as_ref().filter(|_| !hearing.is_empty()) {
            Some(row) => self.quiet.closing(self.transaction, About::from(row)).await?,
            None => None,
        };
        self.tell(&hearing, (id.0, CLOSED), (if by.is_some() { HELD } else { WAITING }, 0)).await?;
        incident_device::Entity::update_many()
            .col_expr(incident_device::Column::Until, Expr::value(at.0))
            .filter(incident_device::Column::IncidentId.eq(id.0))
            .filter(incident_device::Column::Until.is_null())
            .exec(self.transaction)
            .await?;
        Ok(())
    }

    /// Tells that it began, unless a maintenance window or a silence runs for it: then it is held back, and what is over
    /// already is not told at all.
    async fn tell_beginning(
        &mut self,
        severity: Severity,
        about: About,
        (is_over, wait_ms): (bool, i64),
    ) -> Result<()> {
        let hearing = self.hearing(severity);
        let by = self.quiet.opening(self.transaction, about).await?;
        if let Some(by) = by {
            quiets::mark_incident(self.transaction, about.incident, by).await?;
        }
        let state = match by {
            None => WAITING,
            Some(_) if is_over => SILENCED,
            Some(_) => HELD,
        };
        self.tell(&hearing, (about.incident, OPENED), (state, wait_ms)).await
    }

    async fn tell(
        &mut self,
        channels: &[i64],
        (incident, kind): (i64, &'static str),
        (state, wait_ms): (&'static str, i64),
    ) -> Result<()> {
        let channels = channels.to_vec();
        self.tell_of_all(&[Message { channels, incident, kind, state, wait_ms }]).await
    }

    async fn tell_of_all(&mut self, messages: &[Message]) -> Result<()> {
        let now = self.now.0;
        let each = messages.iter().flat_map(|one| one.channels.iter().map(move |channel| (one, *channel)));
        let row = |(message, channel): (&Message, i64)| delivery::ActiveModel {
            channel_id: Set(channel),
            incident_id: Set(message.incident),
            kind: Set(message.kind.to_owned()),
            state: Set(message.state.to_owned()),
            created_at: Set(now),
            due_at: Set(now.saturating_add(message.wait_ms)),
            attempts: Set(0),
            ..Default::default()
        };
        let rows: Vec<_> = each.map(row).collect();
        for rows in rows.chunks(DELIVERIES_AT_ONCE) {
            delivery::Entity::insert_many(rows.to_vec()).exec_without_returning(self.transaction).await?;
        }
        self.has_news |= messages.iter().any(|one| one.state == WAITING && !one.channels.is_empty());
        Ok(())
    }

    async fn affect(&self, affected: BTreeMap<(IncidentId, DeviceId), Part>) -> Result<()> {
        let affected: Vec<_> = affected.into_iter().collect();
        for part in affected.chunks(500) {
            let mut wanted = Condition::any();
            for ((id, device), _) in part {
                let pair = Condition::all()
                    .add(incident_device::Column::IncidentId.eq(id.0))
                    .add(incident_device::Column::DeviceId.eq(device.0));
                wanted = wanted.add(pair);
            }
            // Hidden a second time by the same incident: since then.
            incident_device::Entity::delete_many().filter(wanted).exec(self.transaction).await?;
            let row = |((id, device), (name, since, is_down)): &((IncidentId, DeviceId), Part)| {
                incident_device::ActiveModel {
                    incident_id: Set(id.0),
                    device_id: Set(device.0),
                    device: Set(name.clone()),
                    since: Set(since.0),
                    until: Set(None),
                    is_down: Set(*is_down),
                }
            };
            let rows: Vec<_> = part.iter().map(row).collect();
            incident_device::Entity::insert_many(rows).exec_without_returning(self.transaction).await?;
        }
        Ok(())
    }

    async fn free(&self, device: DeviceId, at: Timestamp) -> Result<()> {
        incident_device::Entity::update_many()
            .col_expr(incident_device::Column::Until, Expr::value(at.0))
            .filter(incident_device::Column::DeviceId.eq(device.0))
            .filter(incident_device::Column::Until.is_null())
            // What is down itself is back when it answers.
            .filter(incident_device::Column::IsDown.eq(false))
            .exec(self.transaction)
            .await?;
        Ok(())
    }
}

/// What a device had to do with ends with it; to be called before it is removed.
pub(in crate::store) async fn end_with(
    transaction: &DatabaseTransaction,
    id: DeviceId,
    now: Timestamp,
) -> Result<bool> {
    let open = incident::Entity::find()
        .filter(incident::Column::DeviceId.eq(id.0))
        .filter(incident::Column::ClosedAt.is_null())
        .filter(incident::Column::Kind.ne(IncidentKind::Down.word()))
        .all(transaction)
        .await?;
    // One of several that is removed leaves the others where they are.
    let outages = outages(transaction, &[id.0], HashSet::new()).await?;
    if open.is_empty() && outages.is_empty() {
        return Ok(false);
    }
    let mut writer = Writer::new(transaction, now).await?;
    for row in open {
        writer.close(IncidentId(row.id), now, IncidentEnd::Removed).await?;
    }
    for outage in outages {
        let Some(incident) = outage.incident else { continue };
        if outage.down.iter().all(|device| *device == id) {
            writer.close(incident, now, IncidentEnd::Removed).await?;
        }
    }
    Ok(writer.has_news)
}
