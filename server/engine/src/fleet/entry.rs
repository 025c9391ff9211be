//! What is known of one device.

use crate::{Facts, Remembered};
use model::{BEATS_MAX, Beat, Check, CheckLive, CheckStatus, Device, Live, QuietMark, Row, State, Timestamp};
use std::sync::Arc;

pub(super) struct Entry {
    pub device: Arc<Device>,
    /// The device's name, shared with the indexes.
    pub name: Arc<str>,
    pub state: State,
    pub since: Timestamp,
    pub cause: Option<String>,
    pub checked_at: Option<Timestamp>,
    /// In the order of the device's checks.
    pub checks: Box<[CheckLive]>,
    pub beats: Beats,
    pub facts: Option<Arc<Facts>>,
    /// What runs for it, so that nobody is told.
    pub quiet: Option<Box<QuietMark>>,
    reconnects: u64,
}

impl Entry {
    pub fn new(device: Arc<Device>, remembered: &Remembered, now: Timestamp) -> Self {
        let is_fresh = remembered.since == Timestamp::default();
        Self {
            name: device.name.as_str().into(),
            state: remembered.state,
            since: if is_fresh { now } else { remembered.since },
            cause: remembered.cause.clone(),
            checked_at: None,
            checks: device.checks.iter().map(pending).collect(),
            beats: Beats::default(),
            facts: None,
            quiet: None,
            reconnects: remembered.reconnects,
            device,
        }
    }

    /// The same device with new settings: what they do not touch is kept.
    pub fn with(self, device: Arc<Device>) -> Self {
        let same_check = |new: &Check| {
            let place =
                self.device.checks.iter().position(|old| is_same_question(&self.device, old, &device, new));
            place.and_then(|place| self.checks.get(place)).cloned().unwrap_or_else(|| pending(new))
        };
        let checks = device.checks.iter().map(same_check).collect();
        let is_same_target = self.device.address == device.address;
        let is_same_router = is_same_target && device.routeros.is_some();
        Self {
            name: device.name.as_str().into(),
            checks,
            beats: if is_same_target { self.beats } else { Beats::default() },
            facts: self.facts.filter(|_| is_same_router),
            device,
            ..self
        }
    }

    /// Takes over the router's facts; the new total, when sessions were lost.
    pub fn learn(&mut self, mut facts: Box<Facts>) -> Option<u64> {
        let lost = u64::from(facts.sessions_lost);
        self.reconnects += lost;
        facts.metrics.reconnects = self.reconnects;
        self.facts = Some(Arc::from(facts));
        (lost > 0).then_some(self.reconnects)
    }

    /// The router does not answer: what moves is not known any more. Whether that is news.
    pub fn lose_sight(&mut self) -> bool {
        let Some(known) = &self.facts else { return false };
        let blank = without_what_moves(known);
        let is_news = blank != **known;
        if is_news {
            self.facts = Some(Arc::new(blank));
        }
        is_news
    }

    pub fn live(&self, beat: Option<Beat>) -> Live {
        Live {
            state: self.state,
            since: self.since,
            cause: self.cause.clone(),
            checked_at: self.checked_at,
            checks: self.checks.to_vec(),
            beat,
            router: self.facts.as_ref().map(|facts| (&facts.metrics).into()),
        }
    }

    pub fn row(&self) -> Row {
        Row {
            id: self.device.id,
            name: self.device.name.clone(),
            kind: self.device.kind,
            address: self.device.address.clone(),
            location: self.device.location.clone(),
            tags: self.device.tags.clone(),
            live: self.live(None),
            beats: self.beats.iter().collect(),
            quiet: self.quiet.as_deref().cloned(),
        }
    }

    pub fn remembered(&self) -> Remembered {
        // Only a check that has answered once can be in one of these.
        let has_answered = |live: &CheckLive| {
            matches!(live.status, CheckStatus::Ok | CheckStatus::Failing | CheckStatus::Failed)
        };
        let checks = self.device.checks.iter().zip(&self.checks);
        Remembered {
            state: self.state,
            since: self.since,
            cause: self.cause.clone(),
            reconnects: self.reconnects,
            answered: checks.filter(|(_, live)| has_answered(live)).map(|(check, _)| check.id).collect(),
        }
    }
}

/// Whether a check still asks what it asked before an edit, so that what it saw still counts.
pub(crate) fn is_same_question(old_device: &Device, old: &Check, new_device: &Device, new: &Check) -> bool {
    old_device.address == new_device.address
        && old.id == new.id
        && old.kind == new.kind
        && old.settings == new.settings
}

/// What a router is stays true while it is away; what it does is absent when it is not known.
fn without_what_moves(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    let metrics = &mut facts.metrics;
    (metrics.cpu_percent, metrics.memory_percent, metrics.disk_percent) = (None, None, None);
    (metrics.uptime_s, metrics.temperature_celsius, metrics.voltage_volts) = (None, None, None);
    metrics.sensors.clear();
    if let Some(wan) = &mut metrics.wan {
        (wan.rx_bps, wan.tx_bps) = (None, None);
    }
    for interface in &mut facts.interfaces {
        (interface.rx_bps, interface.tx_bps) = (None, None);
    }
    facts
}

fn pending(check: &Check) -> CheckLive {
    CheckLive {
        kind: check.kind,
        port: check.port(),
        status: CheckStatus::Pending,
        time_ms: None,
        why: None,
        at: None,
    }
}

/// The last [`BEATS_MAX`] beats, in place.
#[derive(Default)]
pub(super) struct Beats {
    ring: [i32; BEATS_MAX],
    /// How many were ever pushed.
    pushed: usize,
}

impl Beats {
    pub fn push(&mut self, beat: Beat) {
        self.ring[self.pushed % BEATS_MAX] = beat.into();
        self.pushed += 1;
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Beat> + '_ {
        (self.pushed.saturating_sub(BEATS_MAX)..self.pushed).map(|at| Beat::from(self.ring[at % BEATS_MAX]))
    }
}
