//! Incidents, and the channels by which people hear of them.

use crate::{
    ChannelForm, ChannelId, ChannelKind, Crossing, DeviceId, Hushed, IncidentId, QuietMark, RuleId, Settings,
    Severity, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A device does not answer.
    Down,
    /// Some of its checks fail.
    Degraded,
    /// A router lost its session again and again.
    Reconnects,
    Rebooted,
    /// A router showed another certificate than the one it is known by.
    Certificate,
    /// A router says that there is a newer version for it.
    Update,
    /// A number is where a rule says that it must not be.
    Threshold,
    /// The monitor itself is cut off: nothing answers any more.
    CutOff,
    /// A device showed another SSH host key than the accepted one. Rules about certificates tell of it.
    HostKey,
}

impl IncidentKind {
    pub const ALL: [IncidentKind; 9] = [
        IncidentKind::Down,
        IncidentKind::Degraded,
        IncidentKind::Reconnects,
        IncidentKind::Rebooted,
        IncidentKind::Certificate,
        IncidentKind::Update,
        IncidentKind::Threshold,
        IncidentKind::CutOff,
        IncidentKind::HostKey,
    ];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            IncidentKind::Down => "down",
            IncidentKind::Degraded => "degraded",
            IncidentKind::Reconnects => "reconnects",
            IncidentKind::Rebooted => "rebooted",
            IncidentKind::Certificate => "certificate",
            IncidentKind::Update => "update",
            IncidentKind::Threshold => "threshold",
            IncidentKind::CutOff => "cut_off",
            IncidentKind::HostKey => "host_key",
        }
    }

    /// The reverse of [`IncidentKind::word`].
    pub fn from_word(word: &str) -> Option<IncidentKind> {
        IncidentKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// How much it matters by itself; its rule may say otherwise.
    pub fn severity(self) -> Severity {
        match self {
            IncidentKind::Down | IncidentKind::Certificate | IncidentKind::CutOff | IncidentKind::HostKey => {
                Severity::Critical
            }
            IncidentKind::Degraded | IncidentKind::Reconnects | IncidentKind::Threshold => Severity::Warning,
            IncidentKind::Rebooted | IncidentKind::Update => Severity::Info,
        }
    }

    /// What a rule that tells of it is about.
    pub fn event(self) -> IncidentKind {
        if self == IncidentKind::HostKey { IncidentKind::Certificate } else { self }
    }

    /// Whether it goes on until it is ended, of all that rules about states tell of.
    pub fn lasts(self) -> bool {
        matches!(self, IncidentKind::Down | IncidentKind::Degraded | IncidentKind::HostKey)
    }
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentEnd {
    /// It answers again.
    Recovered,
    /// It answers again, but not to every check.
    Degraded,
    /// Somebody paused the device.
    Paused,
    /// Somebody removed the device.
    Removed,
    /// It became another one: what was degraded went down.
    Worse,
    /// Its device or its rule is no more, or asks no more.
    Withdrawn,
    /// It was over when it was noticed.
    AtOnce,
    /// Somebody said that it is as it should be.
    Accepted,
}

impl IncidentEnd {
    pub const ALL: [IncidentEnd; 8] = [
        IncidentEnd::Recovered,
        IncidentEnd::Degraded,
        IncidentEnd::Paused,
        IncidentEnd::Removed,
        IncidentEnd::Worse,
        IncidentEnd::Withdrawn,
        IncidentEnd::AtOnce,
        IncidentEnd::Accepted,
    ];

    /// The word of the API and of the database.
    pub fn word(self) -> &'static str {
        match self {
            IncidentEnd::Recovered => "recovered",
            IncidentEnd::Degraded => "degraded",
            IncidentEnd::Paused => "paused",
            IncidentEnd::Removed => "removed",
            IncidentEnd::Worse => "worse",
            IncidentEnd::Withdrawn => "withdrawn",
            IncidentEnd::AtOnce => "at_once",
            IncidentEnd::Accepted => "accepted",
        }
    }

    /// The reverse of [`IncidentEnd::word`].
    pub fn from_word(word: &str) -> Option<IncidentEnd> {
        IncidentEnd::ALL.into_iter().find(|ending| ending.word() == word)
    }
}

/// What people are told about: one outage and all that follows from it, or something that happened once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    /// Absent when the device was removed since.
    pub device: Option<DeviceId>,
    /// Its name and address when it happened.
    pub name: String,
    pub address: String,
    pub kind: IncidentKind,
    pub severity: Severity,
    /// The first failed try.
    pub opened_at: Timestamp,
    /// When it was sure, and people began to be told.
    pub told_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub ending: Option<IncidentEnd>,
    pub cause: Option<String>,
    /// How many reconnects, for an incident about these.
    pub number: Option<i64>,
    /// The rule that told of it, while there is one.
    pub rule: Option<RuleId>,
    /// What that rule is called now.
    pub rule_name: Option<String>,
    /// Why a rule fired, for an incident about a threshold.
    pub crossing: Option<Crossing>,
    pub acknowledged: Option<Acknowledged>,
    /// Of how many devices at its address it is, where it is of several.
    pub together: Option<Together>,
    /// Why nobody was told when it began.
    pub hushed: Option<Hushed>,
    /// What people said of it, the oldest first; no more than an answer has room for.
    pub notes: Vec<Note>,
    pub affected: Vec<Affected>,
}

/// Devices at one address that went down together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    /// All that were, at any time.
    pub devices: u32,
    /// Those that still are.
    pub down: u32,
}

/// What somebody said of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub by: String,
    pub text: String,
}

/// Somebody sees to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    pub at: Timestamp,
    pub by: String,
    pub note: Option<String>,
}

/// A device that cannot be seen because of an incident of another, or is down together with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    pub device: DeviceId,
    pub name: String,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
    /// It is down itself, at the address of the other.
    pub is_down: bool,
}

/// One incident in a list, with the first of the devices that it affects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub incident: Incident,
    /// How many it affects in all.
    pub affected: u64,
    /// What runs for it now, so that nobody is told.
    pub quiet: Option<QuietMark>,
    /// When the number it is about was measured last, where it is not measured now: what it says is of then.
    pub unmeasured_since: Option<Timestamp>,
    /// How many messages about it never came to their channels.
    pub given_up: u64,
}

/// A page of incidents: those that are open first, and of each the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertPage {
    pub alerts: Vec<Alert>,
    /// On all pages.
    pub total: u64,
    pub open: u64,
    /// How many devices are watched.
    pub watched: u64,
    /// Since when, without a break.
    pub watching_since: Timestamp,
    /// Whether anybody hears of incidents: a channel exists and is on.
    pub is_told: bool,
}

/// Where people are told, as it is shown: what is secret is only said to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    pub id: ChannelId,
    pub name: String,
    pub kind: ChannelKind,
    pub enabled: bool,
    /// The language of what is said there: `en`, `id` or `ru`.
    pub language: String,
    /// What is less severe is not said there.
    pub severity: Severity,
    pub settings: Settings,
    /// The names of the secrets that are set.
    pub secrets: Vec<String>,
    /// When the last of them was set.
    pub secrets_set_at: Option<Timestamp>,
    pub health: ChannelHealth,
}

/// How telling goes at a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHealth {
    pub sent_at: Option<Timestamp>,
    pub failing_since: Option<Timestamp>,
    pub failure: Option<String>,
    /// Why what people say to its bot is not heard, while somebody may say something.
    pub deaf: Option<String>,
    /// Messages that wait.
    pub waiting: u64,
    /// Messages that were given up.
    pub given_up: u64,
}

/// Where people are told, and what the forms of new channels are drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPage {
    pub channels: Vec<Channel>,
    pub forms: Vec<ChannelForm>,
}

/// A channel as a person or program asks for it. `Debug` hides its secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelDraft {
    pub name: String,
    pub kind: ChannelKind,
    pub enabled: bool,
    pub language: String,
    pub severity: Severity,
    #[serde(default)]
    pub settings: Settings,
    /// Secrets to set, or with nothing to remove; those that are not named stay.
    #[serde(default)]
    pub secrets: BTreeMap<String, Option<String>>,
}

impl fmt::Debug for ChannelDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.secrets.keys().collect();
        f.debug_struct("ChannelDraft")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("settings", &self.settings)
            .field("secrets", &names)
            .finish_non_exhaustive()
    }
}
