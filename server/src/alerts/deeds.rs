//! What follows from changes of states: incidents that begin and end, and devices that one of them hides.
//!
//! Pure. One cause is one incident: what is behind a device that is down is affected, and no incident of its own.

use engine::{Outcome, Transition};
use model::{DeviceId, IncidentEnd, IncidentId, IncidentKind, State, Timestamp};
use std::collections::HashMap;

/// A router's lost sessions are told once for so many more.
const RECONNECTS: i64 = 50;

/// What is known of the devices that outcomes are about.
#[derive(Default)]
pub struct Known {
    /// Their names and addresses; what is not here was removed.
    pub devices: HashMap<DeviceId, (String, String)>,
    /// Incidents that are open.
    pub open: HashMap<(DeviceId, IncidentKind), IncidentId>,
    /// How many sessions they had lost before.
    pub reconnects: HashMap<DeviceId, i64>,
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
    Free { device: DeviceId, at: Timestamp },
}

/// What is to be done about `outcomes`, in this order.
pub fn deeds(outcomes: &[&Outcome], known: Known) -> Vec<Deed> {
    let Known { devices, open, reconnects } = known;
    let open = open.into_iter().map(|(key, id)| (key, Some(id))).collect();
    let mut list = List { devices, open, reconnects, deeds: Vec::new() };
    for outcome in outcomes {
        list.add(outcome);
    }
    list.deeds
}

struct List {
    devices: HashMap<DeviceId, (String, String)>,
    open: HashMap<(DeviceId, IncidentKind), Option<IncidentId>>,
    reconnects: HashMap<DeviceId, i64>,
    deeds: Vec<Deed>,
}

impl List {
    fn add(&mut self, outcome: &Outcome) {
        let device = outcome.device;
        if !self.devices.contains_key(&device) {
            return;
        }
        if let Some(total) = outcome.reconnects.and_then(|total| i64::try_from(total).ok()) {
            let before = self.reconnects.insert(device, total).unwrap_or(0);
            if total / RECONNECTS > before / RECONNECTS {
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
        match change.to {
            State::Down => {
                self.close(device, IncidentKind::Degraded, change.at, IncidentEnd::Worse);
                self.open(device, IncidentKind::Down, change.at, (cause(), None));
            }
            State::Degraded => {
                self.close(device, IncidentKind::Down, change.at, IncidentEnd::Degraded);
                self.open(device, IncidentKind::Degraded, change.at, (cause(), None));
            }
            State::Up | State::Paused => {
                let ending =
                    if change.to == State::Up { IncidentEnd::Recovered } else { IncidentEnd::Paused };
                self.close(device, IncidentKind::Down, change.at, ending);
                self.close(device, IncidentKind::Degraded, change.at, ending);
            }
            // Nobody can tell: what was open stays open.
            State::Unknown => {
                if let Some(behind) = behind {
                    self.affect(device, behind, change.at);
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
        let lasts = matches!(kind, IncidentKind::Down | IncidentKind::Degraded);
        if lasts && self.open.contains_key(&(device, kind)) {
            return;
        }
        let Some((name, address)) = self.devices.get(&device).cloned() else { return };
        if lasts {
            self.open.insert((device, kind), None);
        }
        self.deeds.push(Deed::Open { device, name, address, kind, at, cause, number });
    }

    fn close(&mut self, device: DeviceId, kind: IncidentKind, at: Timestamp, ending: IncidentEnd) {
        if let Some(incident) = self.open.remove(&(device, kind)) {
            self.deeds.push(Deed::Close { incident, device, kind, at, ending });
        }
    }

    fn affect(&mut self, device: DeviceId, behind: DeviceId, since: Timestamp) {
        let Some((name, _)) = self.devices.get(&device).cloned() else { return };
        if let Some(incident) = self.open.get(&(behind, IncidentKind::Down)).copied() {
            self.deeds.push(Deed::Affect { incident, behind, device, name, since });
        }
    }
}
