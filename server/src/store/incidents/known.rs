//! What is to be known of devices before it can be said what follows from what they did.

use super::super::{
    entity::{delivery, device, device_state, incident, incident_device},
    error::Result,
    outbox::{HELD, OPENED, WAITING},
    quiets::{About, InForce},
    rules,
};
use crate::alerts::{Group, Known, Telling, is_shareable, tellings};
use engine::Outcome;
use model::{DeviceId, IncidentId, IncidentKind, QuietId, RuleId, Severity, State, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::Query,
};
use std::collections::{HashMap, HashSet};

/// Of the devices that these outcomes are about.
pub(super) async fn known(
    transaction: &DatabaseTransaction,
    outcomes: &[&Outcome],
    now: Timestamp,
) -> Result<Known> {
    let ids: HashSet<i64> = outcomes
        .iter()
        .flat_map(|outcome| [Some(outcome.device.0), outcome.behind.map(|id| id.0)])
        .flatten()
        .collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let devices = device::Entity::find().filter(device::Column::Id.is_in(ids.iter().copied()));
    let devices = devices.all(transaction).await?;
    let open = incident::Entity::find()
        .filter(incident::Column::DeviceId.is_in(ids.iter().copied()))
        .filter(incident::Column::ClosedAt.is_null())
        .filter(incident::Column::Kind.ne(IncidentKind::Down.word()))
        .all(transaction)
        .await?;
    let counted: Vec<i64> = outcomes
        .iter()
        .filter(|outcome| outcome.reconnects.is_some())
        .map(|outcome| outcome.device.0)
        .collect();
    let states = device_state::Entity::find().filter(device_state::Column::DeviceId.is_in(counted));
    let states = states.all(transaction).await?;
    let cut_off = match outcomes.iter().any(|outcome| outcome.reach.is_some()) {
        true => cut_off(transaction).await?,
        false => None,
    };
    let events = rules::events(transaction).await?;
    let told = |row: &device::Model| (DeviceId(row.id), tellings(&events, &row.clone().into()));
    let tellings: HashMap<DeviceId, HashMap<IncidentKind, Telling>> = devices.iter().map(told).collect();
    // Also what is hidden by something of which nobody is told: it is told itself.
    let is_untold =
        |behind: DeviceId| tellings.get(&behind).is_none_or(|told| !told.contains_key(&IncidentKind::Down));
    let falling: HashSet<i64> = outcomes
        .iter()
        .filter(|outcome| goes_down(outcome) || outcome.behind.is_some_and(is_untold))
        .map(|outcome| outcome.device.0)
        .collect();
    let shared: Vec<&device::Model> =
        devices.iter().filter(|row| falling.contains(&row.id) && is_shareable(&row.address)).collect();
    let addresses: HashSet<String> = shared.iter().map(|row| row.address.clone()).collect();
    let in_force = InForce::load(transaction, now).await?;
    let mut quiet = HashMap::new();
    for row in shared {
        let device = DeviceId(row.id);
        let telling = tellings.get(&device).and_then(|told| told.get(&IncidentKind::Down));
        // No incident yet: no window is about it.
        let about = About { incident: 0, device: Some(row.id), rule: telling.map(|telling| telling.rule.0) };
        quiet.extend(in_force.opening(transaction, about).await?.map(|by| (device, by)));
    }
    Ok(Known {
        tellings,
        quiet,
        outages: outages(transaction, &ids, addresses).await?,
        cut_off,
        devices: devices.into_iter().map(|row| (DeviceId(row.id), (row.name, row.address))).collect(),
        open: open.into_iter().filter_map(open_one).collect(),
        reconnects: states.into_iter().map(|row| (DeviceId(row.device_id), row.reconnects)).collect(),
    })
}

fn goes_down(outcome: &Outcome) -> bool {
    outcome.transition.as_ref().is_some_and(|change| change.to == State::Down)
}

/// The open incident that says that the monitor is cut off.
pub(super) async fn cut_off(transaction: &DatabaseTransaction) -> Result<Option<IncidentId>> {
    let found = incident::Entity::find()
        .filter(incident::Column::ClosedAt.is_null())
        .filter(incident::Column::Kind.eq(IncidentKind::CutOff.word()))
        .one(transaction)
        .await?;
    Ok(found.map(|row| IncidentId(row.id)))
}

fn open_one(row: incident::Model) -> Option<((DeviceId, IncidentKind), IncidentId)> {
    Some(((DeviceId(row.device_id?), IncidentKind::from_word(&row.kind)?), IncidentId(row.id)))
}

/// Open outages that these devices began or are a part of, and those at these addresses.
pub(super) async fn outages(
    transaction: &DatabaseTransaction,
    devices: &[i64],
    addresses: HashSet<String>,
) -> Result<Vec<Group>> {
    let part_of = Query::select()
        .column(incident_device::Column::IncidentId)
        .from(incident_device::Entity)
        .and_where(incident_device::Column::DeviceId.is_in(devices.iter().copied()))
        .and_where(incident_device::Column::IsDown.eq(true))
        .and_where(incident_device::Column::Until.is_null())
        .to_owned();
    let mut wanted = Condition::any()
        .add(incident::Column::DeviceId.is_in(devices.iter().copied()))
        .add(incident::Column::Id.in_subquery(part_of));
    if !addresses.is_empty() {
        wanted = wanted.add(incident::Column::Address.is_in(addresses));
    }
    let rows = incident::Entity::find()
        .filter(incident::Column::ClosedAt.is_null())
        .filter(incident::Column::Kind.eq(IncidentKind::Down.word()))
        .filter(wanted)
        .all(transaction)
        .await?;
    let parts = incident_device::Entity::find()
        .filter(incident_device::Column::IncidentId.is_in(rows.iter().map(|row| row.id)))
        .filter(incident_device::Column::IsDown.eq(true))
        .all(transaction)
        .await?;
    let mut by_incident = HashMap::<i64, Vec<incident_device::Model>>::new();
    for part in parts {
        by_incident.entry(part.incident_id).or_default().push(part);
    }
    let told: Vec<i64> = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::IncidentId)
        .filter(delivery::Column::IncidentId.is_in(rows.iter().map(|row| row.id)))
        .filter(delivery::Column::Kind.eq(OPENED))
        .filter(delivery::Column::State.is_not_in([WAITING, HELD]))
        .into_tuple()
        .all(transaction)
        .await?;
    let told: HashSet<i64> = told.into_iter().collect();
    let whole = |row: incident::Model| {
        let is_told = told.contains(&row.id);
        Group { is_told, ..group(by_incident.remove(&row.id).unwrap_or_default(), row) }
    };
    Ok(rows.into_iter().map(whole).collect())
}

fn group(parts: Vec<incident_device::Model>, row: incident::Model) -> Group {
    let head = row.device_id.map(DeviceId);
    let opened_at = Timestamp(row.opened_at);
    // One that is alone has no parts.
    let alone: HashSet<DeviceId> = if parts.is_empty() { head.into_iter().collect() } else { HashSet::new() };
    let device = |part: &incident_device::Model| DeviceId(part.device_id);
    let down = parts.iter().filter(|part| part.until.is_none()).map(device);
    Group {
        incident: Some(IncidentId(row.id)),
        head,
        name: row.device,
        address: row.address,
        opened_at,
        last: parts.iter().map(|part| Timestamp(part.since)).max().unwrap_or(opened_at),
        down: down.chain(alone.iter().copied()).collect(),
        ever: parts.iter().map(device).chain(alone).collect(),
        rule: row.rule_id.map(RuleId).zip(Severity::from_word(&row.severity)),
        quiet: row.quiet_id.filter(|_| row.quiet_until.is_none()).map(QuietId),
        is_told: false,
    }
}
