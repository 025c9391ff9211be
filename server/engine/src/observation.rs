//! What goes into the engine (a device to watch) and what comes out of it (what was seen, what is news).

use crate::Secret;
use model::{Device, DeviceId, Interface, Metrics, Sample, State, Timestamp};

/// A device with everything that is needed to ask it.
#[derive(Clone, Debug)]
pub struct Watched {
    pub device: Device,
    pub routeros: Option<Login>,
}

/// A RouterOS login, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub username: String,
    pub password: Secret<String>,
    /// 8728, or 8729 with TLS, when absent.
    pub port: Option<u16>,
    pub tls: bool,
    /// SHA-256 of the certificate to accept, lower-case hex; `None` accepts and reports the first one seen.
    pub pinned: Option<String>,
}

/// What one try of one check saw. A target that does not answer is an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    pub verdict: Verdict,
    /// What the device told about itself, when the check asks for that.
    pub facts: Option<Box<Facts>>,
    /// The host was heard, be it that it refused: the way to it is open.
    pub is_heard: bool,
}

impl From<Verdict> for Observation {
    fn from(verdict: Verdict) -> Self {
        let is_heard = matches!(verdict, Verdict::Up { .. });
        Self { verdict, facts: None, is_heard }
    }
}

/// The judgement of one try.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Up {
        time_ms: f32,
    },
    Down {
        why: String,
    },
    /// The failure is ours (no permission, no route from us, name not resolvable): never a device's fault.
    Unknown {
        why: String,
    },
}

/// What a router told, complete as of now (fast and slow rounds merged).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub metrics: Metrics,
    pub interfaces: Vec<Interface>,
    /// A certificate seen for the first time, to be pinned (lower-case hex).
    pub first_seen_certificate: Option<String>,
    /// Sessions lost since the last observation; `metrics.reconnects` is filled in by the fleet.
    pub sessions_lost: u32,
    /// The router's uptime went back: it rebooted.
    pub has_rebooted: bool,
    /// What of all this was told in this round; the rest is of earlier ones.
    pub fresh: Fresh,
}

/// Which groups of facts a round brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    pub load: bool,
    pub health: bool,
    pub interfaces: bool,
}

/// What one round changed, for whoever records it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub device: DeviceId,
    pub at: Timestamp,
    pub transition: Option<Transition>,
    /// The new total, when it changed.
    pub reconnects: Option<u64>,
    /// A certificate to pin.
    pub first_seen_certificate: Option<String>,
    /// A check that answered for the first time: comes back in [`Remembered::answered`].
    pub answered: Option<model::CheckId>,
    /// What was measured, at [`Outcome::at`].
    pub samples: Vec<Sample>,
    /// It is unknown only because this one, through which it is reached, is down.
    pub behind: Option<DeviceId>,
    /// The router rebooted since it was last asked.
    pub has_rebooted: bool,
    /// News of the monitor itself, at [`Outcome::at`]; such an outcome is about no device.
    pub reach: Option<Reach>,
}

/// Whether the monitor reaches anything at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing answers any more since then.
    CutOff { since: Timestamp },
    /// Something answers again.
    Restored,
}

impl Outcome {
    /// People may have to hear of it.
    pub fn is_telling(&self) -> bool {
        self.is_urgent() || self.reconnects.is_some() || self.has_rebooted
    }

    /// It is to be written down at once.
    pub fn is_urgent(&self) -> bool {
        self.transition.is_some() || self.reach.is_some()
    }

    /// Nothing is to be recorded of it. What a device is behind is said with its transition.
    pub fn is_empty(&self) -> bool {
        let has_seen = self.answered.is_some() || self.first_seen_certificate.is_some();
        !self.is_telling() && !has_seen && self.samples.is_empty()
    }
}

/// A device went from one state to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    pub from: State,
    pub to: State,
    /// When the new state began: for an outage, its first failed try.
    pub at: Timestamp,
    pub cause: Option<String>,
}

/// What is remembered of a device across a restart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remembered {
    pub state: State,
    pub since: Timestamp,
    pub cause: Option<String>,
    pub reconnects: u64,
    /// Checks that have answered at least once, by id.
    pub answered: Vec<model::CheckId>,
}
