//! What the dashboard knows at this moment, and the small changes that keep it true.

use crate::{
    CheckKind, CheckStatus, Device, DeviceId, DeviceKind, IncidentId, Interface, Metrics, QuietMark, State,
    Timestamp, WanKind,
};
use serde::{Deserialize, Serialize};

/// How many rounds a row remembers for its bar of beats.
pub const BEATS_MAX: usize = 30;

/// One past round of a device's first deciding check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "i32", into = "i32")]
pub enum Beat {
    /// Round trip in tenths of a millisecond.
    Ok(u32),
    Failed,
    Unknown,
}

impl From<i32> for Beat {
    fn from(number: i32) -> Self {
        match number {
            0.. => Beat::Ok(number.unsigned_abs()),
            -1 => Beat::Failed,
            _ => Beat::Unknown,
        }
    }
}

impl From<Beat> for i32 {
    fn from(beat: Beat) -> Self {
        match beat {
            Beat::Ok(tenths) => i32::try_from(tenths).unwrap_or(i32::MAX),
            Beat::Failed => -1,
            Beat::Unknown => -2,
        }
    }
}

/// How one check stands, for rows and pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckLive {
    pub kind: CheckKind,
    /// The port of a TCP check.
    pub port: Option<u16>,
    pub status: CheckStatus,
    /// The last answer's time in milliseconds.
    pub time_ms: Option<f32>,
    /// The last error, while it fails.
    pub why: Option<String>,
    /// When it was last asked.
    pub at: Option<Timestamp>,
}

/// The moving part of a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Live {
    pub state: State,
    pub since: Timestamp,
    pub cause: Option<String>,
    pub checked_at: Option<Timestamp>,
    pub checks: Vec<CheckLive>,
    /// The newest beat, absent when this change is not a round of the deciding check.
    pub beat: Option<Beat>,
    pub router: Option<RouterLive>,
}

/// The columns of a router's row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RouterLive {
    pub model: Option<String>,
    pub version: Option<String>,
    pub update: Option<String>,
    pub external_ip: Option<String>,
    pub cpu_percent: Option<f32>,
    pub memory_percent: Option<f32>,
    pub temperature_celsius: Option<f32>,
    pub voltage_volts: Option<f32>,
    pub wan: Option<WanKind>,
    pub rx_bps: Option<u64>,
    pub tx_bps: Option<u64>,
    pub uptime_s: Option<u64>,
    pub webfig_url: Option<String>,
    pub reconnects: u64,
}

impl From<&Metrics> for RouterLive {
    fn from(metrics: &Metrics) -> Self {
        let wan = metrics.wan.as_ref();
        Self {
            model: metrics.model.clone(),
            version: metrics.routeros_version.clone(),
            update: metrics.update_available.clone(),
            external_ip: metrics.external_ip.clone(),
            cpu_percent: metrics.cpu_percent,
            memory_percent: metrics.memory_percent,
            temperature_celsius: metrics.temperature_celsius,
            voltage_volts: metrics.voltage_volts,
            wan: wan.and_then(|wan| wan.kind),
            rx_bps: wan.and_then(|wan| wan.rx_bps),
            tx_bps: wan.and_then(|wan| wan.tx_bps),
            uptime_s: metrics.uptime_s,
            webfig_url: metrics.webfig_url.clone(),
            reconnects: metrics.reconnects,
        }
    }
}

/// One device on the dashboard: what is fixed, what moves, and the beats so far (oldest first).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub id: DeviceId,
    pub name: String,
    pub kind: DeviceKind,
    pub address: String,
    pub location: Option<String>,
    pub tags: Vec<String>,
    pub live: Live,
    pub beats: Vec<Beat>,
    /// A maintenance window or a silence that runs for it.
    pub quiet: Option<QuietMark>,
}

/// How many devices are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub up: u32,
    pub degraded: u32,
    pub down: u32,
    pub unknown: u32,
    pub paused: u32,
}

impl Counts {
    pub fn of(self, state: State) -> u32 {
        match state {
            State::Up => self.up,
            State::Degraded => self.degraded,
            State::Down => self.down,
            State::Unknown => self.unknown,
            State::Paused => self.paused,
        }
    }

    pub fn total(self) -> u32 {
        State::ALL.into_iter().map(|state| self.of(state)).sum()
    }

    pub fn add(&mut self, state: State) {
        *self.of_mut(state) += 1;
    }

    pub fn remove(&mut self, state: State) {
        let count = self.of_mut(state);
        *count = count.saturating_sub(1);
    }

    fn of_mut(&mut self, state: State) -> &mut u32 {
        match state {
            State::Up => &mut self.up,
            State::Degraded => &mut self.degraded,
            State::Down => &mut self.down,
            State::Unknown => &mut self.unknown,
            State::Paused => &mut self.paused,
        }
    }
}

/// The dashboard's first paint: the counts, and the first rows in the default order.
/// The rest of the fleet follows over the live socket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// The last change these rows contain; older ones are to be dropped.
    pub seq: u64,
    pub counts: Counts,
    pub rows: Vec<Row>,
    pub trouble: Trouble,
    pub now: Timestamp,
}

/// What is wrong with the monitor itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Since when nothing is being recorded, when the database fails.
    pub unrecorded_since: Option<Timestamp>,
    /// Since when nothing answers any more, not even the monitor's own gateway.
    pub cut_off_since: Option<Timestamp>,
}

/// Everything the device page shows at first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DevicePage {
    pub seq: u64,
    pub device: Device,
    pub parent_name: Option<String>,
    /// Through what it is likely reached, where nobody said so.
    pub suggested_parent: Option<DeviceId>,
    pub row: Row,
    pub metrics: Option<Metrics>,
    pub interfaces: Vec<Interface>,
    /// Whether there are lines of its log, or may be.
    pub may_log: bool,
    pub now: Timestamp,
}

/// One change of the fleet, numbered without gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveEvent {
    pub seq: u64,
    pub change: Change,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The moving part of one row.
    Live {
        id: DeviceId,
        live: Box<Live>,
    },
    /// A device was added or edited.
    Row(Box<Row>),
    Removed {
        id: DeviceId,
    },
    /// A maintenance window or a silence began or ended for some devices.
    Quiet(Vec<(DeviceId, Option<QuietMark>)>),
    /// Something is wrong with the monitor itself, or is no more.
    Trouble(Trouble),
}

/// What the server says on `/ws/live`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromServer {
    /// Part of the whole fleet as of `seq`; `is_last` ends it. Sent on opening and after a lag.
    Snapshot { seq: u64, rows: Vec<Row>, is_first: bool, is_last: bool, trouble: Trouble },
    /// What happened next, the oldest first.
    Changes(Vec<LiveEvent>),
    /// Facts of the one device that the page watches, after each of its rounds.
    Facts { id: DeviceId, metrics: Box<Metrics>, interfaces: Vec<Interface> },
    /// The second-by-second rate of the watched device.
    Rate { id: DeviceId, interface: String, rx_bps: u64, tx_bps: u64, at: Timestamp },
    /// Incidents that have just begun.
    Headlines(Vec<Headline>),
    /// Lines of logs that this browser looks at were written down: time to ask for what is new.
    Logs,
    /// Somebody said something of an alert, or what is kept quiet is something else now: time to ask.
    Alerts,
    /// Nothing has changed for a while, and the line still stands.
    Alive,
    /// The ticket was refused, the session ended, or too much was said. Whoever may still look gets a
    /// new ticket.
    Bye { why: String },
}

/// A new incident in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headline {
    pub incident: IncidentId,
    /// The page about it.
    pub path: String,
    /// In every language: `en`, `id`, `ru`.
    pub titles: Vec<String>,
}

/// What the browser says on `/ws/live`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromBrowser {
    /// First message, always.
    Hello { ticket: String },
    /// A device page is open (or closed, with `None`); `interface` absent means the WAN.
    Watch { id: Option<DeviceId>, interface: Option<String> },
    /// Somebody looks at logs (or no more, with `None`).
    WatchLogs(Option<LogScope>),
}

/// Whose log is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogScope {
    Fleet,
    Device(DeviceId),
}
