//! What follows from changes of states: incidents that begin and end, and devices that one of them hides.
//!
//! Pure. One cause is one incident: what is behind a device that is down is affected, and no incident of its own.

use super::together::{Group, Groups, Way};
use engine::{Outcome, Reach, Transition};
use model::{
    Device, DeviceId, IncidentEnd, IncidentId, IncidentKind, QuietId, Rule, RuleId, Severity, State,
    Timestamp,
};
use std::collections::{HashMap, HashSet};

/// How the engine begins to say that a router is not the one it was.
const OTHER_CERTIFICATE: &str = "the certificate changed";

/// By which rule something is told of a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Telling {
    pub rule: RuleId,
    pub severity: Severity,
    /// Only once it lasted so long.
    pub for_s: u32,
    /// A router's lost sessions are told once for so many more.
    pub every: u32,
}

/// What is told of a device: of several rules about the same, the one that tells first, then the most severe.
pub fn tellings(rules: &[Rule], device: &Device) -> HashMap<IncidentKind, Telling> {
    let mut tellings = HashMap::<IncidentKind, Telling>::new();
    for rule in rules.iter().filter(|rule| rule.draft.enabled && rule.draft.scope.holds(device)) {
        let Some(event) = rule.draft.about.event() else { continue };
        let for_s = if event.lasts() { rule.draft.for_s } else { 0 };
        let telling = Telling { rule: rule.id, severity: rule.draft.severity, for_s, every: event.every };
        let rank = |telling: &Telling| (telling.for_s, telling.severity, telling.rule);
        let known = tellings.entry(event.state).or_insert(telling);
        if rank(&telling) < rank(known) {
            *known = telling;
        }
    }
    tellings
}

/// What is known of the devices that outcomes are about.
#[derive(Default)]
pub struct Known {
    /// Their names and addresses; what is not here was removed.
    pub devices: HashMap<DeviceId, (String, String)>,
    /// Incidents that are open, but for outages.
    pub open: HashMap<(DeviceId, IncidentKind), IncidentId>,
    /// Outages that are open: those of these devices, and those at their addresses.
    pub outages: Vec<Group>,
    /// That the monitor itself is cut off.
    pub cut_off: Option<IncidentId>,
    /// How many sessions they had lost before.
    pub reconnects: HashMap<DeviceId, i64>,
    /// What is told of them at all.
    pub tellings: HashMap<DeviceId, HashMap<IncidentKind, Telling>>,
    /// The windows that keep outages of devices that go down quiet.
    pub quiet: HashMap<DeviceId, QuietId>,
}

/// Something to be written down. Where no incident is named, it is the one that an earlier deed opens.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Open {
        device: DeviceId,
        name: String,
        address: String,
        kind: IncidentKind,
        at: Timestamp,
        cause: Option<String>,
        number: Option<i64>,
        telling: Telling,
    },
    Close {
        incident: Option<IncidentId>,
        device: DeviceId,
        kind: IncidentKind,
        at: Timestamp,
        ending: IncidentEnd,
    },
    /// `device` is hidden behind an incident of `behind`.
    Affect {
        incident: Option<IncidentId>,
        behind: DeviceId,
        device: DeviceId,
        name: String,
        since: Timestamp,
    },
    /// It is hidden no more.
    Free {
        device: DeviceId,
        at: Timestamp,
    },
    /// `device` is down too, as a part of the outage of `head`.
    Join {
        incident: Option<IncidentId>,
        head: Option<DeviceId>,
        device: DeviceId,
        name: String,
        since: Timestamp,
    },
    /// It is back, and others of that outage are not.
    Leave {
        incident: Option<IncidentId>,
        head: Option<DeviceId>,
        device: DeviceId,
        at: Timestamp,
    },
    /// The monitor itself is cut off.
    CutOff {
        since: Timestamp,
    },
    Restored {
        incident: Option<IncidentId>,
        at: Timestamp,
    },
}

/// What is to be done about `outcomes`, in this order.
pub fn deeds(outcomes: &[&Outcome], known: Known) -> Vec<Deed> {
    let Known { devices, open, outages, cut_off, reconnects, tellings, quiet } = known;
    let open = open.into_iter().map(|(key, id)| (key, Some(id))).collect();
    let (outages, cut_off) = (Groups::new(outages), cut_off.map(Some));
    let deeds = Vec::new();
    let mut list = List { devices, open, outages, cut_off, reconnects, tellings, quiet, deeds };
    for outcome in outcomes {
        list.add(outcome);
    }
    list.deeds
}

struct List {
    devices: HashMap<DeviceId, (String, String)>,
    open: HashMap<(DeviceId, IncidentKind), Option<IncidentId>>,
    outages: Groups,
    /// Whether the monitor is known to be cut off, and by which incident.
    cut_off: Option<Option<IncidentId>>,
    reconnects: HashMap<DeviceId, i64>,
    tellings: HashMap<DeviceId, HashMap<IncidentKind, Telling>>,
    quiet: HashMap<DeviceId, QuietId>,
    deeds: Vec<Deed>,
}

impl List {
    fn add(&mut self, outcome: &Outcome) {
        match outcome.reach {
            Some(Reach::CutOff { since }) if self.cut_off.is_none() => {
                self.cut_off = Some(None);
                self.deeds.push(Deed::CutOff { since });
            }
            Some(Reach::Restored) => {
                let open = self.cut_off.take();
                self.deeds.extend(open.map(|incident| Deed::Restored { incident, at: outcome.at }));
            }
            Some(Reach::CutOff { .. }) | None => {}
        }
        let device = outcome.device;
        if !self.devices.contains_key(&device) {
            return;
        }
        if let Some(total) = outcome.reconnects.and_then(|total| i64::try_from(total).ok()) {
            let before = self.reconnects.insert(device, total).unwrap_or(0);
            let every = self.telling(device, IncidentKind::Reconnects).map_or(0, |telling| telling.every);
            let every = i64::from(every.max(1));
            if total / every > before / every {
                self.open(device, IncidentKind::Reconnects, outcome.at, (None, Some(total)));
            }
        }
        if outcome.has_rebooted {
            self.open(device, IncidentKind::Rebooted, outcome.at, (None, None));
        }
        if let Some(change) = &outcome.transition {
            self.follow(device, change, outcome.behind);
        }
    }

    fn follow(&mut self, device: DeviceId, change: &Transition, behind: Option<DeviceId>) {
        if change.from == State::Unknown && change.to != State::Unknown {
            self.deeds.push(Deed::Free { device, at: change.at });
        }
        let cause = || change.cause.clone();
        let is_trouble = matches!(change.to, State::Down | State::Degraded);
        if is_trouble && change.cause.as_deref().is_some_and(|cause| cause.contains(OTHER_CERTIFICATE)) {
            self.open(device, IncidentKind::Certificate, change.at, (cause(), None));
        }
        match change.to {
            State::Down => {
                // Where nobody is told at once that it is down, what was told of it goes on until somebody is.
                if self.tells_down_at_once(device) {
                    self.close(device, IncidentKind::Degraded, change.at, IncidentEnd::Worse);
                }
                self.go_down(device, change.at, cause());
            }
            State::Degraded => {
                self.come_back(device, change.at, IncidentEnd::Degraded);
                self.open(device, IncidentKind::Degraded, change.at, (cause(), None));
            }
            State::Up | State::Paused => {
                let ending =
                    if change.to == State::Up { IncidentEnd::Recovered } else { IncidentEnd::Paused };
                self.come_back(device, change.at, ending);
                self.close(device, IncidentKind::Degraded, change.at, ending);
            }
            // Nobody can tell: what was open stays open.
            State::Unknown => {
                if let Some(behind) = behind {
                    self.affect(device, behind, change);
                }
            }
        }
    }

    fn open(
        &mut self,
        device: DeviceId,
        kind: IncidentKind,
        at: Timestamp,
        (cause, number): (Option<String>, Option<i64>),
    ) {
        let lasts = kind == IncidentKind::Degraded;
        if lasts && self.open.contains_key(&(device, kind)) {
            return;
        }
        let Some((name, address)) = self.devices.get(&device).cloned() else { return };
        // What is told only after a while is opened then, if it still lasts.
        let Some(telling) = self.telling(device, kind).filter(|telling| telling.for_s == 0) else { return };
        if lasts {
            self.open.insert((device, kind), None);
        }
        self.deeds.push(Deed::Open { device, name, address, kind, at, cause, number, telling });
    }

    fn telling(&self, device: DeviceId, kind: IncidentKind) -> Option<Telling> {
        self.tellings.get(&device)?.get(&kind).copied()
    }

    fn tells_down_at_once(&self, device: DeviceId) -> bool {
        self.telling(device, IncidentKind::Down).is_some_and(|telling| telling.for_s == 0)
    }

    fn go_down(&mut self, device: DeviceId, at: Timestamp, cause: Option<String>) {
        let Some((name, address)) = self.devices.get(&device).cloned() else { return };
        // What is told only after a while is opened then, and alone.
        let telling = self.telling(device, IncidentKind::Down).filter(|telling| telling.for_s == 0);
        let Some(telling) = telling.filter(|_| !self.outages.holds(device)) else { return };
        let quiet = self.quiet.get(&device).copied();
        let way = Way { rule: (telling.rule, telling.severity), quiet };
        let Some(joined) = self.outages.join(device, &address, at, way) else {
            self.open(device, IncidentKind::Down, at, (cause, None));
            let only = HashSet::from([device]);
            self.outages.add(Group {
                incident: None,
                head: Some(device),
                name,
                address,
                opened_at: at,
                last: at,
                down: only.clone(),
                ever: only,
                rule: Some(way.rule),
                quiet,
                is_told: false,
            });
            return;
        };
        let Group { incident, head, .. } = joined;
        // The first that joins makes one of several of what was one's own.
        if let Some(first) = head.filter(|_| joined.ever.len() == 1) {
            let (name, since) = (joined.name, joined.opened_at);
            self.deeds.push(Deed::Join { incident, head, device: first, name, since });
        }
        self.deeds.push(Deed::Join { incident, head, device, name, since: at });
    }

    fn come_back(&mut self, device: DeviceId, at: Timestamp, ending: IncidentEnd) {
        let Some(left) = self.outages.leave(device) else { return };
        let Group { incident, head, .. } = left;
        self.deeds.push(if left.down.is_empty() {
            // Whoever heads it, it is known by its incident or by who opened it.
            Deed::Close { incident, device: head.unwrap_or(device), kind: IncidentKind::Down, at, ending }
        } else {
            Deed::Leave { incident, head, device, at }
        });
    }

    fn close(&mut self, device: DeviceId, kind: IncidentKind, at: Timestamp, ending: IncidentEnd) {
        if let Some(incident) = self.open.remove(&(device, kind)) {
            self.deeds.push(Deed::Close { incident, device, kind, at, ending });
        }
    }

    fn affect(&mut self, device: DeviceId, behind: DeviceId, change: &Transition) {
        let Some((name, _)) = self.devices.get(&device).cloned() else { return };
        if let Some(outage) = self.outages.of(behind) {
            let (incident, behind) = (outage.incident, outage.head.unwrap_or(behind));
            self.deeds.push(Deed::Affect { incident, behind, device, name, since: change.at });
        } else if self.devices.contains_key(&behind) && self.telling(behind, IncidentKind::Down).is_none() {
            // Nobody is told of what hides it: it is told by its own rule.
            self.go_down(device, change.at, change.cause.clone());
        }
    }
}
