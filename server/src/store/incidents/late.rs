//! Incidents that follow from no change of a state: trouble that lasts for longer than a rule lets pass, and updates.

use super::super::{
    Recording,
    entity::{device, device_state, incident},
    error::Result,
    rules,
};
use super::{
    known::{known, outages},
    write::Writer,
};
use crate::alerts::{Deed, Known, Telling, deeds, tellings};
use engine::{Outcome, Transition};
use model::{Device, DeviceId, IncidentId, IncidentKind, Rule, State, Timestamp};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{HashMap, HashSet};

/// Devices that are looked at in one transaction.
const DEVICES_MAX: usize = 1_000;
/// How the engine begins to say that a device is out of sight because another is down.
const BEHIND: &str = "behind ";

impl Recording {
    /// Opens the incidents of devices that are in trouble for as long as their rules say, and of `updates` that no
    /// incident tells of yet; whether there is something new in the outbox.
    pub async fn late_incidents(&self, updates: &[(DeviceId, String)], now: Timestamp) -> Result<bool> {
        let events = rules::events(&self.0).await?;
        let mut writer = Writer::new(&self.0, now).await?;
        self.lasting(&events, &mut writer, now).await?;
        writer.write(self.newer(&events, updates, now).await?).await?;
        Ok(writer.has_news)
    }

    /// What has lasted is told as if it had just begun: what is told of already is not told again, and who shares an
    /// address shares an outage. Also what is to be told at once: its rule may be younger than the trouble.
    async fn lasting(&self, events: &[Rule], writer: &mut Writer<'_>, now: Timestamp) -> Result<()> {
        let lasts = |rule: &&Rule| rule.draft.about.event().is_some_and(|event| event.lasts());
        let Some(least_s) = events.iter().filter(lasts).map(|rule| rule.draft.for_s).min() else {
            return Ok(());
        };
        let latest = now.0.saturating_sub(i64::from(least_s) * 1_000);
        let trouble = [State::Down, State::Degraded].map(State::word);
        let rows = device_state::Entity::find()
            .filter(device_state::Column::State.is_in(trouble))
            .filter(device_state::Column::Since.lte(latest))
            .order_by_asc(device_state::Column::Since)
            .all(&self.0)
            .await?;
        for part in rows.chunks(DEVICES_MAX) {
            let devices = devices(&self.0, part.iter().map(|row| row.device_id)).await?;
            let told = self.told(part).await?;
            let (mut lasting, mut due) = (Vec::new(), HashMap::new());
            for row in part {
                let Some(device) = devices.get(&row.device_id) else { continue };
                let Some(kind) = IncidentKind::from_word(&row.state) else { continue };
                if told.contains(&(device.id, kind)) {
                    continue;
                }
                let Some(telling) = tellings(events, device).remove(&kind) else { continue };
                let lasted_ms = now.since_ms(Timestamp(row.since));
                if lasted_ms >= i64::from(telling.for_s) * 1_000 {
                    due.insert(device.id, HashMap::from([(kind, Telling { for_s: 0, ..telling })]));
                    lasting.extend(begins(row));
                }
            }
            let lasting: Vec<&Outcome> = lasting.iter().collect();
            if !lasting.is_empty() {
                let known = Known { tellings: due, ..known(&self.0, &lasting, now).await? };
                let deeds = deeds(&lasting, known);
                let hidden = self.hidden(&deeds).await?;
                writer.write(deeds).await?;
                writer.write(hidden).await?;
            }
        }
        Ok(())
    }

    /// Of which of these devices an open incident tells, and what.
    async fn told(&self, rows: &[device_state::Model]) -> Result<HashSet<(DeviceId, IncidentKind)>> {
        let ids: Vec<i64> = rows.iter().map(|row| row.device_id).collect();
        let down = outages(&self.0, &ids, HashSet::new()).await?;
        let down = down.into_iter().flat_map(|outage| outage.down);
        let mut told: HashSet<_> = down.map(|device| (device, IncidentKind::Down)).collect();
        let degraded = incident::Entity::find()
            .filter(incident::Column::DeviceId.is_in(ids))
            .filter(incident::Column::ClosedAt.is_null())
            .filter(incident::Column::Kind.eq(IncidentKind::Degraded.word()))
            .all(&self.0)
            .await?;
        let degraded = degraded.into_iter().filter_map(|row| row.device_id);
        told.extend(degraded.map(|device| (DeviceId(device), IncidentKind::Degraded)));
        Ok(told)
    }

    /// What is out of sight behind those of which it is told now that they are down, down the tree.
    async fn hidden(&self, told: &[Deed]) -> Result<Vec<Deed>> {
        // By which incident each is told, or whose that is.
        let mut by = HashMap::<i64, (Option<IncidentId>, DeviceId)>::new();
        for deed in told {
            match deed {
                Deed::Open { device, kind: IncidentKind::Down, .. } => {
                    by.insert(device.0, (None, *device));
                }
                Deed::Join { incident, head, device, .. } => {
                    by.insert(device.0, (*incident, head.unwrap_or(*device)));
                }
                _ => {}
            }
        }
        let mut hidden = Vec::new();
        let mut parents: Vec<i64> = by.keys().copied().collect();
        while !parents.is_empty() {
            let mut found = Vec::new();
            for part in parents.chunks(DEVICES_MAX) {
                found.extend(self.behind(part).await?);
            }
            parents.clear();
            for (child, since) in found {
                let parent = child.parent_id.and_then(|parent| by.get(&parent).copied());
                let Some((incident, behind)) = parent.filter(|_| !by.contains_key(&child.id)) else {
                    continue;
                };
                by.insert(child.id, (incident, behind));
                parents.push(child.id);
                let device = DeviceId(child.id);
                hidden.push(Deed::Affect { incident, behind, device, name: child.name, since });
            }
        }
        Ok(hidden)
    }

    /// The children of these that are out of sight behind something that is down, and since when.
    async fn behind(&self, parents: &[i64]) -> Result<Vec<(device::Model, Timestamp)>> {
        let children = device::Entity::find()
            .filter(device::Column::ParentId.is_in(parents.iter().copied()))
            .filter(device::Column::Enabled.eq(true))
            .all(&self.0)
            .await?;
        let mut since = HashMap::new();
        for part in children.chunks(DEVICES_MAX) {
            let states = device_state::Entity::find()
                .filter(device_state::Column::DeviceId.is_in(part.iter().map(|child| child.id)))
                .filter(device_state::Column::State.eq(State::Unknown.word()))
                .all(&self.0)
                .await?;
            let is_behind = |row: &device_state::Model| {
                row.cause.as_deref().is_some_and(|cause| cause.starts_with(BEHIND))
            };
            let behind = states.into_iter().filter(is_behind);
            since.extend(behind.map(|row| (row.device_id, Timestamp(row.since))));
        }
        let whole = |child: device::Model| {
            let since = since.get(&child.id).copied()?;
            Some((child, since))
        };
        Ok(children.into_iter().filter_map(whole).collect())
    }

    async fn newer(
        &self,
        events: &[Rule],
        updates: &[(DeviceId, String)],
        now: Timestamp,
    ) -> Result<Vec<Deed>> {
        let mut deeds = Vec::new();
        for part in updates.chunks(DEVICES_MAX) {
            let ids: Vec<i64> = part.iter().map(|(device, _)| device.0).collect();
            let devices = devices(&self.0, ids.iter().copied()).await?;
            let told = incident::Entity::find()
                .filter(incident::Column::Kind.eq(IncidentKind::Update.word()))
                .filter(incident::Column::DeviceId.is_in(ids))
                .all(&self.0)
                .await?;
            let told: HashSet<_> = told.into_iter().map(|row| (row.device_id, row.cause)).collect();
            for (id, version) in part {
                let Some(device) = devices.get(&id.0) else { continue };
                let Some(telling) = tellings(events, device).remove(&IncidentKind::Update) else { continue };
                if !told.contains(&(Some(id.0), Some(version.clone()))) {
                    let what = (now, Some(version.clone()));
                    deeds.push(open_deed(device, IncidentKind::Update, what, telling));
                }
            }
        }
        Ok(deeds)
    }
}

/// How it came to be as it is.
fn begins(row: &device_state::Model) -> Option<Outcome> {
    let (to, at) = (State::from_word(&row.state)?, Timestamp(row.since));
    let transition = Some(Transition { from: State::Up, to, at, cause: row.cause.clone() });
    Some(Outcome { device: DeviceId(row.device_id), at, transition, ..Outcome::default() })
}

/// Those of them that are watched.
pub(super) async fn devices(
    transaction: &DatabaseTransaction,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Device>> {
    let found = device::Entity::find()
        .filter(device::Column::Id.is_in(ids))
        .filter(device::Column::Enabled.eq(true))
        .all(transaction)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row.into())).collect())
}

fn open_deed(
    device: &Device,
    kind: IncidentKind,
    (at, cause): (Timestamp, Option<String>),
    telling: Telling,
) -> Deed {
    let (name, address) = (device.name.clone(), device.address.clone());
    Deed::Open { device: device.id, name, address, kind, at, cause, number: None, telling }
}
