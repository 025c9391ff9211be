//! The live state of every device, in memory: what pages and feeds read.
//!
//! Written by the engine (what a check saw, at once) and by whoever records transitions (after the commit).
//! Every change has a number without gaps; a snapshot and its feed are taken under one lock.

use crate::{Clock, Facts, Outcome, Reach, Remembered};
use entry::Entry;
pub(crate) use entry::is_same_question;
use model::{
    Beat, Change, CheckKind, CheckStatus, Counts, Device, DeviceId, LiveEvent, Overview, QuietMark, Row,
    State, Timestamp, Trouble,
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio::sync::broadcast;

mod entry;
#[cfg(test)]
mod tests;

/// Changes that a slow reader may lag behind before it has to take a new snapshot.
const EVENTS_MAX: usize = 4096;
/// Devices whose marks are told in one change.
const MARKS_TOLD: usize = 20;

/// The fleet as it is now. No method waits.
pub struct Fleet {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    events: broadcast::Sender<Arc<LiveEvent>>,
    facts: broadcast::Sender<DeviceId>,
}

#[derive(Default)]
struct Inner {
    seq: u64,
    /// Boxed, for a table keeps room for twice as many as there are.
    entries: HashMap<DeviceId, Box<Entry>>,
    names: HashMap<Arc<str>, DeviceId>,
    /// The default order of lists: worst state first, then name.
    order: BTreeSet<(State, Arc<str>, DeviceId)>,
    counts: Counts,
    trouble: Trouble,
    states_unwritten_since: Option<Timestamp>,
}

/// What one try of one check changes.
pub(crate) struct Seen {
    pub device: DeviceId,
    /// The check's place among the device's checks.
    pub place: usize,
    pub at: Timestamp,
    pub status: CheckStatus,
    pub time_ms: Option<f32>,
    pub why: Option<String>,
    /// Only where this was a round of the check that the beats tell of.
    pub beat: Option<Beat>,
    pub facts: Option<Box<Facts>>,
}

impl Fleet {
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Fleet> {
        let events = broadcast::Sender::new(EVENTS_MAX);
        let facts = broadcast::Sender::new(EVENTS_MAX);
        Arc::new(Fleet { clock, inner: Mutex::default(), events, facts })
    }

    /// The counts and the first `limit` rows in the default order.
    pub fn overview(&self, limit: usize) -> Overview {
        let inner = self.inner.lock();
        Overview {
            seq: inner.seq,
            counts: inner.counts,
            rows: inner.rows().take(limit).collect(),
            trouble: inner.trouble,
            now: self.clock.now(),
        }
    }

    /// Every row in the default order, and the number of the last change they contain.
    pub fn rows(&self) -> (u64, Vec<Row>) {
        let inner = self.inner.lock();
        (inner.seq, inner.rows().collect())
    }

    /// The rows of the devices that are asked in this way; the others cost nothing.
    pub fn rows_asked_by(&self, kind: CheckKind) -> Vec<Row> {
        let inner = self.inner.lock();
        let is_asked = |entry: &&Entry| entry.device.checks.iter().any(|check| check.kind == kind);
        inner.entries().filter(is_asked).map(Entry::row).collect()
    }

    pub fn row(&self, id: DeviceId) -> Option<Row> {
        self.inner.lock().entries.get(&id).map(|entry| entry.row())
    }

    pub fn counts(&self) -> Counts {
        self.inner.lock().counts
    }

    pub fn id_of(&self, name: &str) -> Option<DeviceId> {
        self.inner.lock().names.get(name).copied()
    }

    pub fn device(&self, id: DeviceId) -> Option<Arc<Device>> {
        self.inner.lock().entries.get(&id).map(|entry| entry.device.clone())
    }

    /// Every device, by name.
    pub fn devices(&self) -> Vec<Arc<Device>> {
        let inner = self.inner.lock();
        let mut devices: Vec<_> = inner.entries.values().map(|entry| entry.device.clone()).collect();
        drop(inner);
        devices.sort_by(|a, b| a.name.cmp(&b.name));
        devices
    }

    /// What a router last told about itself.
    pub fn facts(&self, id: DeviceId) -> Option<Arc<Facts>> {
        self.inner.lock().entries.get(&id)?.facts.clone()
    }

    /// Every change from now on, numbered without gaps.
    pub fn changes(&self) -> broadcast::Receiver<Arc<LiveEvent>> {
        self.events.subscribe()
    }

    /// Says whose facts are new.
    pub fn subscribe_facts(&self) -> broadcast::Receiver<DeviceId> {
        self.facts.subscribe()
    }

    /// Since when nothing is being recorded, while the database fails.
    pub fn unrecorded_since(&self) -> Option<Timestamp> {
        self.inner.lock().trouble.unrecorded_since
    }

    /// Since when nothing answers the monitor any more, not even its own gateway.
    pub fn cut_off_since(&self) -> Option<Timestamp> {
        self.inner.lock().trouble.cut_off_since
    }

    /// What is wrong with the monitor itself.
    pub fn trouble(&self) -> Trouble {
        self.inner.lock().trouble
    }

    /// Recording stopped, or works again.
    pub fn set_unrecorded(&self, since: Option<Timestamp>) {
        self.change_trouble(|trouble| trouble.unrecorded_since = since);
    }

    /// Since when not even changes of states are being recorded: nobody is told of them either.
    pub fn states_unwritten_since(&self) -> Option<Timestamp> {
        self.inner.lock().states_unwritten_since
    }

    /// Changes of states cannot be recorded, or can be again.
    pub fn set_states_unwritten(&self, since: Option<Timestamp>) {
        self.inner.lock().states_unwritten_since = since;
    }

    /// The monitor is cut off, or sees again.
    pub fn set_cut_off(&self, since: Option<Timestamp>) {
        self.change_trouble(|trouble| trouble.cut_off_since = since);
    }

    fn change_trouble(&self, change: impl FnOnce(&mut Trouble)) {
        let mut inner = self.inner.lock();
        let before = inner.trouble;
        change(&mut inner.trouble);
        let trouble = inner.trouble;
        if trouble != before {
            self.tell(&mut inner, || Change::Trouble(trouble));
        }
    }

    /// Maintenance windows and silences run for these devices now, and for no others.
    pub fn set_quiet(&self, marks: &HashMap<DeviceId, QuietMark>) {
        let mut inner = self.inner.lock();
        let mut changed = Vec::new();
        for (id, entry) in &mut inner.entries {
            let mark = marks.get(id);
            if entry.quiet.as_deref() != mark {
                entry.quiet = mark.cloned().map(Box::new);
                changed.push((*id, mark.cloned()));
            }
        }
        for part in changed.chunks(MARKS_TOLD) {
            self.tell(&mut inner, || Change::Quiet(part.to_vec()));
        }
    }

    /// A device is new or has new settings. What is known of it stays as far as it is still true;
    /// `remembered` counts only for a new one.
    pub fn put(&self, device: impl Into<Arc<Device>>, remembered: &Remembered) {
        let device = device.into();
        let mut inner = self.inner.lock();
        let id = device.id;
        let entry = match inner.take(id) {
            Some(known) => known.with(device),
            None => Entry::new(device, remembered, self.clock.now()),
        };
        let row = entry.row();
        inner.give(entry);
        self.tell(&mut inner, || Change::Row(Box::new(row)));
    }

    pub fn remove(&self, id: DeviceId) {
        let mut inner = self.inner.lock();
        if inner.take(id).is_some() {
            self.tell(&mut inner, || Change::Removed { id });
        }
    }

    /// A transition is recorded (or cannot be): from now on it is what everybody sees.
    pub fn confirm(&self, outcome: &Outcome) {
        match outcome.reach {
            Some(Reach::CutOff { since }) => self.set_cut_off(Some(since)),
            Some(Reach::Restored) => self.set_cut_off(None),
            None => {}
        }
        let Some(transition) = &outcome.transition else { return };
        let mut inner = self.inner.lock();
        let Some(mut entry) = inner.take(outcome.device) else { return };
        entry.state = transition.to;
        entry.since = transition.at;
        entry.cause.clone_from(&transition.cause);
        inner.give(entry);
        self.tell_live(&mut inner, outcome.device, None);
    }

    /// Takes over what a check saw. Says the new total when sessions were lost.
    pub(crate) fn apply(&self, seen: Seen) -> Option<u64> {
        let mut inner = self.inner.lock();
        let entry = inner.entries.get_mut(&seen.device)?;
        if let Some(check) = entry.checks.get_mut(seen.place) {
            check.status = seen.status;
            (check.time_ms, check.why, check.at) = (seen.time_ms, seen.why, Some(seen.at));
        }
        entry.checked_at = Some(seen.at);
        if let Some(beat) = seen.beat {
            entry.beats.push(beat);
        }
        let is_router = entry.checks.get(seen.place).is_some_and(|check| check.kind == CheckKind::Routeros);
        let is_out_of_sight = is_router && matches!(seen.status, CheckStatus::Failed | CheckStatus::Unknown);
        let has_facts = seen.facts.is_some() || (is_out_of_sight && entry.lose_sight());
        let reconnects = seen.facts.and_then(|facts| entry.learn(facts));
        self.tell_live(&mut inner, seen.device, seen.beat);
        drop(inner);
        if has_facts {
            // An error only says that nobody listens.
            let _ = self.facts.send(seen.device);
        }
        reconnects
    }

    /// What would be remembered of a device if the engine started now.
    pub(crate) fn remembered(&self, id: DeviceId) -> Option<Remembered> {
        self.inner.lock().entries.get(&id).map(|entry| entry.remembered())
    }

    fn tell_live(&self, inner: &mut Inner, id: DeviceId, beat: Option<Beat>) {
        let Some(live) = inner.entries.get(&id).map(|entry| Box::new(entry.live(beat))) else { return };
        self.tell(inner, || Change::Live { id, live });
    }

    /// Numbers a change and sends it, under the lock that the change was made under.
    fn tell(&self, inner: &mut Inner, change: impl FnOnce() -> Change) {
        inner.seq += 1;
        if self.events.receiver_count() > 0 {
            let _ = self.events.send(Arc::new(LiveEvent { seq: inner.seq, change: change() }));
        }
    }
}

impl Inner {
    fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.entries().map(Entry::row)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.order.iter().filter_map(|(_, _, id)| self.entries.get(id).map(Box::as_ref))
    }

    /// Takes an entry out of every index; [`Inner::give`] puts it back.
    fn take(&mut self, id: DeviceId) -> Option<Entry> {
        let entry = *self.entries.remove(&id)?;
        self.order.remove(&(entry.state, entry.name.clone(), id));
        // While names are being swapped, another device may have it already.
        if self.names.get(&entry.name) == Some(&id) {
            self.names.remove(&entry.name);
        }
        self.counts.remove(entry.state);
        Some(entry)
    }

    fn give(&mut self, entry: Entry) {
        let id = entry.device.id;
        self.order.insert((entry.state, entry.name.clone(), id));
        self.names.insert(entry.name.clone(), id);
        self.counts.add(entry.state);
        self.entries.insert(id, Box::new(entry));
    }
}
