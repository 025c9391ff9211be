//! Incidents: opened and closed by the journal in the transaction of the states they are about, with the deliveries
//! they cause. What is to be told cannot be lost between the two.

mod beside;
mod host_keys;
mod known;
mod late;
mod write;

pub(super) use beside::rule_names;
pub(super) use host_keys::host_key_accepted;
pub(super) use write::{end_with, pass_on};

use super::{
    Store,
    entity::{incident, incident_device},
    error::{Result, StoreError},
    outbox::given_up,
    quiets::{About, InForce},
};
use beside::Beside;
use model::{
    Acknowledged, Act, Affected, Alert, DeviceId, FieldError, Incident, IncidentEnd, IncidentId,
    IncidentKind, RuleId, Severity, Timestamp, Together,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set,
};
use std::collections::HashMap;

/// Devices that an incident shows as affected; the others are counted.
const AFFECTED_MAX: u64 = 5_000;
/// With so many they are read together with those of other incidents.
const AFFECTED_FEW: i64 = 100;
/// Those that a list of incidents shows of each.
const AFFECTED_SHOWN: u64 = 20;
/// Those that the page of a device shows as open.
const OPEN_MAX: u64 = 20;

pub struct Incidents<'a>(pub(super) &'a Store);

/// A page of incidents for people, and how many there are on all.
pub struct Page {
    pub alerts: Vec<Alert>,
    pub total: u64,
    pub open: u64,
}

/// A page of incidents, and how many there are on all.
pub struct Listed {
    pub incidents: Vec<Incident>,
    /// How many messages about each of them were given up.
    pub given_up: Vec<u64>,
    pub total: u64,
}

/// When something was so at a device.
pub struct Lasted {
    pub device: DeviceId,
    pub from: Timestamp,
    /// Absent while it goes on.
    pub until: Option<Timestamp>,
}

impl Incidents<'_> {
    /// The newest first; only those that are open, where that is asked for.
    pub async fn list(&self, only_open: bool, (offset, limit): (u64, u64)) -> Result<Listed> {
        let snapshot = self.0.snapshot().await?;
        let found = || {
            let all = incident::Entity::find();
            if only_open { all.filter(incident::Column::ClosedAt.is_null()) } else { all }
        };
        let rows =
            found().order_by_desc(incident::Column::Id).offset(offset).limit(limit).all(&snapshot).await?;
        let total = found().count(&snapshot).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let lost = given_up(&snapshot, &ids).await?;
        let given_up = ids.iter().map(|id| lost.get(id).map_or(0, |count| count.unsigned_abs())).collect();
        Ok(Listed { incidents: whole(&snapshot, rows).await?, given_up, total })
    }

    /// The last one that began.
    pub async fn last(&self) -> Result<Option<IncidentId>> {
        let ids = incident::Entity::find().select_only().column(incident::Column::Id);
        let last = ids.order_by_desc(incident::Column::Id).limit(1).into_tuple::<i64>();
        Ok(last.one(self.0.reader()).await?.map(IncidentId))
    }

    /// The next that began after this one, the oldest first; without the devices that they affect.
    pub async fn since(&self, last: Option<IncidentId>, limit: u64) -> Result<Vec<Incident>> {
        let newer = incident::Column::Id.gt(last.map_or(0, |last| last.0));
        let found = incident::Entity::find().filter(newer).order_by_asc(incident::Column::Id).limit(limit);
        let rows = found.all(self.0.reader()).await?;
        without_affected(self.0.reader(), rows).await
    }

    /// When devices had incidents of this kind that began at `since` or later, the newest first.
    pub async fn lasted(&self, kind: IncidentKind, since: Timestamp, limit: u64) -> Result<Vec<Lasted>> {
        use incident::Column;
        let found = incident::Entity::find()
            .select_only()
            .column(Column::DeviceId)
            .column(Column::OpenedAt)
            .column(Column::ClosedAt)
            .filter(Column::Kind.eq(kind.word()))
            .filter(Column::OpenedAt.gte(since.0))
            .filter(Column::DeviceId.is_not_null())
            .order_by_desc(Column::Id)
            .limit(limit);
        let rows: Vec<(i64, i64, Option<i64>)> = found.into_tuple().all(self.0.reader()).await?;
        let lasted = |(device, from, until): (i64, i64, Option<i64>)| Lasted {
            device: DeviceId(device),
            from: Timestamp(from),
            until: until.map(Timestamp),
        };
        Ok(rows.into_iter().map(lasted).collect())
    }

    /// Those that are open before those that are over, and of each the newest first; with the first of the devices
    /// that they affect.
    pub async fn page(&self, only_open: bool, (offset, limit): (u64, u64)) -> Result<Page> {
        let snapshot = self.0.snapshot().await?;
        let some = |is_open: bool| {
            let closed_at = incident::Column::ClosedAt;
            incident::Entity::find().filter(if is_open {
                closed_at.is_null()
            } else {
                closed_at.is_not_null()
            })
        };
        let open = some(true).count(&snapshot).await?;
        let total = if only_open { open } else { open + some(false).count(&snapshot).await? };
        let of = |is_open: bool, offset| some(is_open).order_by_desc(incident::Column::Id).offset(offset);
        let mut rows = of(true, offset).limit(limit).all(&snapshot).await?;
        let left = limit - rows.len() as u64;
        if !only_open && left > 0 {
            rows.extend(of(false, offset.saturating_sub(open)).limit(left).all(&snapshot).await?);
        }
        Ok(Page { alerts: with_affected(&snapshot, rows, self.0.now()).await?, total, open })
    }

    /// How many are open, and how many of them nobody sees to.
    pub async fn open(&self) -> Result<(u64, u64)> {
        let open = || incident::Entity::find().filter(incident::Column::ClosedAt.is_null());
        let unseen = open().filter(incident::Column::AckedAt.is_null());
        Ok((open().count(self.0.reader()).await?, unseen.count(self.0.reader()).await?))
    }

    /// The devices that an incident affects.
    pub async fn affected(&self, id: IncidentId) -> Result<Vec<Affected>> {
        let rows = affected_by(id.0).limit(AFFECTED_MAX).all(self.0.reader()).await?;
        Ok(rows.into_iter().map(one_affected).collect())
    }

    /// Those that are open of a device, the newest first: that are about it, that hide it, or of which it is a part.
    /// Without the devices that they affect.
    pub async fn open_of(&self, device: DeviceId) -> Result<Vec<Incident>> {
        use incident::Column;
        let snapshot = self.0.snapshot().await?;
        let parts: Vec<i64> = incident_device::Entity::find()
            .select_only()
            .column(incident_device::Column::IncidentId)
            .filter(incident_device::Column::DeviceId.eq(device.0))
            .filter(incident_device::Column::Until.is_null())
            .order_by_desc(incident_device::Column::IncidentId)
            .limit(OPEN_MAX)
            .into_tuple()
            .all(&snapshot)
            .await?;
        let rows = incident::Entity::find()
            .filter(Column::ClosedAt.is_null())
            .filter(Condition::any().add(Column::DeviceId.eq(device.0)).add(Column::Id.is_in(parts.clone())))
            .order_by_desc(Column::Id)
            .limit(OPEN_MAX)
            .all(&snapshot)
            .await?;
        let mut open = without_affected(&snapshot, rows).await?;
        // The first of several may be back, and others not.
        open.retain(|incident| incident.together.is_none() || parts.contains(&incident.id.0));
        Ok(open)
    }

    /// Puts into the outbox what is to be told because nothing happened: that of several which were down together
    /// some are not back. Whether there is something new in it.
    pub async fn look(&self) -> Result<bool> {
        let now = self.0.now();
        if !write::is_partly_due(self.0.reader(), now).await? {
            return Ok(false);
        }
        let transaction = self.0.begin().await?;
        let has_news = write::tell_partly(&transaction, now).await?;
        transaction.commit().await?;
        Ok(has_news)
    }

    /// Since when the monitor is cut off, as far as was written down.
    pub async fn cut_off_since(&self) -> Result<Option<Timestamp>> {
        let found = incident::Entity::find()
            .filter(incident::Column::ClosedAt.is_null())
            .filter(incident::Column::Kind.eq(IncidentKind::CutOff.word()))
            .one(self.0.reader())
            .await?;
        Ok(found.map(|row| Timestamp(row.opened_at)))
    }

    /// Somebody sees to it. A second word of theirs replaces the first, and one of somebody else's who is named in
    /// `replaces`; each stays among the notes.
    pub async fn acknowledge(
        &self,
        id: IncidentId,
        by: &str,
        (note, replaces): (Option<&str>, Option<&str>),
    ) -> Result<Incident> {
        let transaction = self.0.change().await?;
        let row = open_row(&transaction, id, "id").await?;
        let before = row.acked_by.as_deref().filter(|before| *before != by && replaces != Some(*before));
        if let Some(before) = before {
            return Err(StoreError::Changed { by: Some(before.to_owned()), at: row.acked_at.map(Timestamp) });
        }
        let row = seen_to(&transaction, row, (self.0.now(), by, note)).await?;
        if let Some(note) = note {
            beside::write_note(self.0, &transaction, id, (by, note)).await?;
        }
        let subject = row.device.clone();
        self.0.note(&transaction, Act::IncidentAcknowledged, Some(&subject), note).await?;
        let found = whole(&transaction, vec![row]).await?.pop();
        transaction.commit().await?;
        self.0.alerts_changed();
        found.ok_or(StoreError::NotFound)
    }
}

/// One that is not over. `field` is where somebody named it.
pub(super) async fn open_row(
    transaction: &DatabaseTransaction,
    id: IncidentId,
    field: &str,
) -> Result<incident::Model> {
    let row = incident::Entity::find_by_id(id.0).one(transaction).await?.ok_or(StoreError::NotFound)?;
    if row.closed_at.is_some() {
        let over = FieldError::new(field, "error_alert_over", "names an alert that is over");
        return Err(StoreError::Conflict(over));
    }
    Ok(row)
}

/// Writes down on an incident that somebody sees to it since when, with which word.
pub(super) async fn seen_to(
    transaction: &DatabaseTransaction,
    row: incident::Model,
    (at, by, note): (Timestamp, &str, Option<&str>),
) -> Result<incident::Model> {
    let mut changed = row.into_active_model();
    changed.acked_at = Set(Some(at.0));
    changed.acked_by = Set(Some(by.to_owned()));
    changed.note = Set(note.map(str::to_owned));
    Ok(changed.update(transaction).await?)
}

/// Incidents with the devices they affect.
pub(super) async fn whole(
    connection: &impl ConnectionTrait,
    rows: Vec<incident::Model>,
) -> Result<Vec<Incident>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let counts = counts(connection, &ids).await?;
    let together = together(connection, &ids).await?;
    let mut by_incident = HashMap::<i64, Vec<Affected>>::new();
    // Most affect few, and are read together; the others each up to its own limit.
    let (few, many): (Vec<_>, Vec<_>) = counts.iter().partition(|(_, count)| **count <= AFFECTED_FEW);
    let affected = incident_device::Entity::find()
        .filter(incident_device::Column::IncidentId.is_in(few.into_iter().map(|(id, _)| *id)))
        .order_by_asc(incident_device::Column::Device)
        .all(connection)
        .await?;
    for row in affected {
        by_incident.entry(row.incident_id).or_default().push(one_affected(row));
    }
    for (id, _) in many {
        let some = affected_by(*id).limit(AFFECTED_MAX).all(connection).await?;
        by_incident.insert(*id, some.into_iter().map(one_affected).collect());
    }
    let mut beside = Beside::of(connection, &rows).await?;
    Ok(rows.into_iter().map(|row| read((&mut by_incident, &mut beside), &together, row)).collect())
}

/// Incidents without the devices they affect, however many these are.
async fn without_affected(
    connection: &impl ConnectionTrait,
    rows: Vec<incident::Model>,
) -> Result<Vec<Incident>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let together = together(connection, &ids).await?;
    let (mut none, mut beside) = (HashMap::new(), Beside::of(connection, &rows).await?);
    Ok(rows.into_iter().map(|row| read((&mut none, &mut beside), &together, row)).collect())
}

/// How many devices each incident affects; those that affect none are not in the answer.
async fn counts(connection: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, i64>> {
    use incident_device::{Column, Entity};
    let counted = Entity::find()
        .select_only()
        .column(Column::IncidentId)
        .column_as(Column::DeviceId.count(), "count")
        .filter(Column::IncidentId.is_in(ids.iter().copied()))
        .group_by(Column::IncidentId);
    let counts: Vec<(i64, i64)> = counted.into_tuple().all(connection).await?;
    Ok(counts.into_iter().collect())
}

/// How many devices were down together in each incident, and are; one that was alone is not in the answer.
async fn together(connection: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, Together>> {
    use incident_device::{Column, Entity};
    let counted = Entity::find()
        .select_only()
        .column(Column::IncidentId)
        .column_as(Column::DeviceId.count(), "all_of_them")
        .column_as(Column::Until.count(), "back")
        .filter(Column::IncidentId.is_in(ids.iter().copied()))
        .filter(Column::IsDown.eq(true))
        .group_by(Column::IncidentId);
    let counts: Vec<(i64, i64, i64)> = counted.into_tuple().all(connection).await?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let one = |(id, all, back)| (id, Together { devices: number(all), down: number(all - back) });
    Ok(counts.into_iter().map(one).collect())
}

/// Incidents with the first of the devices they affect, and the number of all.
async fn with_affected(
    connection: &impl ConnectionTrait,
    rows: Vec<incident::Model>,
    now: Timestamp,
) -> Result<Vec<Alert>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let counts = counts(connection, &ids).await?;
    let together = together(connection, &ids).await?;
    let mut first = HashMap::new();
    for id in counts.keys() {
        let some = affected_by(*id).limit(AFFECTED_SHOWN).all(connection).await?;
        first.insert(*id, some.into_iter().map(one_affected).collect());
    }
    let mut beside = Beside::of(connection, &rows).await?;
    let in_force = InForce::load(connection, now).await?;
    let lost = given_up(connection, &ids).await?;
    let mut alerts = Vec::with_capacity(rows.len());
    for row in rows {
        let affected = counts.get(&row.id).map_or(0, |count| count.unsigned_abs());
        let is_open = row.closed_at.is_none();
        let quiet = if is_open { in_force.mark(connection, About::from(&row)).await? } else { None };
        let given_up = lost.get(&row.id).map_or(0, |count| count.unsigned_abs());
        let incident = read((&mut first, &mut beside), &together, row);
        alerts.push(Alert { affected, quiet, incident, unmeasured_since: None, given_up });
    }
    Ok(alerts)
}

/// By name.
fn affected_by(id: i64) -> Select<incident_device::Entity> {
    incident_device::Entity::find()
        .filter(incident_device::Column::IncidentId.eq(id))
        .order_by_asc(incident_device::Column::Device)
}

fn one_affected(row: incident_device::Model) -> Affected {
    Affected {
        device: DeviceId(row.device_id),
        name: row.device,
        since: Timestamp(row.since),
        until: row.until.map(Timestamp),
        is_down: row.is_down,
    }
}

fn read(
    (affected, beside): (&mut HashMap<i64, Vec<Affected>>, &mut Beside),
    together: &HashMap<i64, Together>,
    row: incident::Model,
) -> Incident {
    let acknowledged = row.acked_at.map(|at| Acknowledged {
        at: Timestamp(at),
        by: row.acked_by.clone().unwrap_or_default(),
        note: row.note.clone(),
    });
    Incident {
        hushed: beside.hushed(&row),
        notes: beside.notes(row.id),
        rule_name: beside.rule(&row),
        id: IncidentId(row.id),
        device: row.device_id.map(DeviceId),
        name: row.device,
        address: row.address,
        kind: IncidentKind::from_word(&row.kind).unwrap_or(IncidentKind::Down),
        severity: Severity::from_word(&row.severity).unwrap_or(Severity::Info),
        opened_at: Timestamp(row.opened_at),
        told_at: Timestamp(row.told_at),
        closed_at: row.closed_at.map(Timestamp),
        ending: row.ending.as_deref().and_then(IncidentEnd::from_word),
        cause: row.cause,
        number: row.number,
        rule: row.rule_id.map(RuleId),
        crossing: row.facts.as_deref().and_then(|facts| serde_json::from_str(facts).ok()),
        acknowledged,
        together: together.get(&row.id).copied(),
        affected: affected.remove(&row.id).unwrap_or_default(),
    }
}
