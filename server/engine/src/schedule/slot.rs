//! The entries of the table: a check with all that is needed to ask and judge it, and its device.

use super::{
    Known, Ticket, Why,
    phase::{Grid, apart, together},
};
use crate::{check::Check, evaluate::Standing, limit::HostKey};
use model::{CheckId, DeviceId, State, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// A check's place in the table; never used twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SlotId(u64);

impl SlotId {
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One check, with everything that is needed to ask and to judge it.
pub(super) struct Slot {
    pub device: DeviceId,
    /// Its place among the device's checks.
    pub place: usize,
    pub id: CheckId,
    /// Nothing when its settings make no sense: then it is unknown, with the reason.
    pub check: Option<Arc<dyn Check>>,
    pub standing: Standing,
    pub host: HostKey,
    /// Asked on this very machine: says nothing about the network.
    pub is_ours: bool,
    /// Opens connections to the host, be it for every try or once.
    pub connects: bool,
    /// Its number among those who connect to the host.
    pub host_place: u32,
    pub grid: Grid,
    pub timeout: Duration,
    pub why: Why,
    pub turn: u32,
    pub is_in_flight: bool,
    /// Why it is asked once more as soon as the try under way has ended.
    pub again: Option<Why>,
    /// When the last try began.
    pub started: Instant,
    /// When the last try that has ended began.
    pub tried: Option<Instant>,
    pub at: Timestamp,
}

/// One device, as its checks and its parent make it.
pub(super) struct Device {
    pub known: Known,
    /// One per check, in order; none while it is paused.
    pub slots: Vec<SlotId>,
    /// Checks that have answered once and are not being asked, because the device is paused.
    pub answered: Vec<CheckId>,
    /// What its own checks say, and since when that is so.
    pub own: State,
    pub own_since: Timestamp,
    /// What was last told.
    pub shown: State,
    pub shown_since: Timestamp,
    /// Unknown only because what it is reached through is down.
    pub is_behind: bool,
    /// When it last came back from being down.
    pub recovered: Option<Instant>,
    /// Held open for the parent's verdict until then.
    pub held_until: Option<Instant>,
    pub host: HostKey,
    pub is_ours: bool,
    /// Unknown only because the monitor is cut off.
    pub is_cut_off: bool,
}

impl Slot {
    pub fn is_waiting_with(&self, ticket: Ticket) -> bool {
        self.turn == ticket.turn && !self.is_in_flight
    }

    /// Notes what it is asked for next; the number of the turn.
    pub fn planned(&mut self, why: Why) -> u32 {
        self.why = why;
        self.turn = self.turn.wrapping_add(1);
        self.turn
    }

    pub fn began(&mut self, at: Timestamp) {
        self.turn = self.turn.wrapping_add(1);
        (self.is_in_flight, self.started, self.at) = (true, Instant::now(), at);
    }

    /// Its place within the interval, 0 to 1.
    pub fn phase(&self) -> f64 {
        if self.connects { apart(self.host, self.host_place) } else { together(self.host) }
    }

    /// Asking it now opens a connection to its host.
    pub fn will_connect(&self) -> bool {
        self.connects && self.check.as_ref().is_some_and(|check| !check.is_connected())
    }
}
