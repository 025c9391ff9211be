//! Whether the monitor sees anything: when nothing answers any more, not even its own gateway, what is silent says
//! nothing about the devices.
//!
//! A device that is about to be told down waits until something else is heard: in a large fleet something always was,
//! in a small one the gateway is asked, and a few others (witnesses).

use super::{
    Schedule, Why,
    slot::{Device, SlotId},
};
use crate::{Outcome, Reach, driver::gateway::Gateway, evaluate::Parent};
use model::{CheckStatus, DeviceId, State, Timestamp};
use std::{
    collections::HashSet,
    net::{IpAddr, UdpSocket},
    time::Duration,
};
use tokio::{
    task::{JoinError, JoinSet},
    time::Instant,
};

#[cfg(test)]
mod tests;

/// Hosts that must be silent beside a silent gateway, and where nothing is known of a gateway.
const SILENT_MIN: usize = 2;
const SILENT_ALONE_MIN: usize = 5;
/// Devices asked whether they too are silent: so many that a few that are well among many that are not are found.
const WITNESSES: usize = 128;
/// Devices asked in one turn while the monitor is cut off.
const ASKED_IN_THE_DARK: usize = 8;
/// Between two askings for the same suspicion.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How often the gateway is asked while all is well: its silence counts only where it was heard before.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How often something is asked while the monitor is cut off.
const LOOK_EVERY_CUT_OFF: Duration = Duration::from_secs(2);
/// With no gateway to ask there is nothing to do by itself.
const LOOK_NEVER: Duration = Duration::from_secs(24 * 3_600);

/// What there is to go by since a device began to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Something was heard that was asked since.
    pub is_heard: bool,
    /// Nothing while it is not asked since.
    pub gateway: Option<Gateway>,
    /// Devices of which it is not known yet.
    pub witnesses: usize,
    /// Hosts that were asked since, and were silent.
    pub silent: usize,
}

/// What the silence of a device says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Something about the device.
    Fine,
    /// That is being found out.
    Unsettled,
    /// The monitor was cut off, and the device was not asked since.
    Back,
    /// Nothing: the monitor is cut off.
    CutOff,
}

impl From<Finding> for Parent {
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::Fine | Finding::CutOff => Parent::Fine,
            Finding::Unsettled => Parent::Unsettled,
            Finding::Back => Parent::Back,
        }
    }
}

/// Judges the silence of one device.
pub(super) fn judge(evidence: Evidence) -> Finding {
    if evidence.is_heard {
        return Finding::Fine;
    }
    let least = match evidence.gateway {
        Some(Gateway::Answers) => return Finding::Fine,
        None => return Finding::Unsettled,
        Some(Gateway::Silent) => SILENT_MIN,
        Some(Gateway::NotKnown) => SILENT_ALONE_MIN,
    };
    match evidence.silent >= least {
        _ if evidence.witnesses > 0 => Finding::Unsettled,
        true => Finding::CutOff,
        false => Finding::Fine,
    }
}

/// What the schedule knows of its own eyes.
pub(super) struct Sight {
    /// Since when the monitor is cut off.
    pub cut_off: Option<Timestamp>,
    /// When it last was no more.
    pub restored_at: Timestamp,
    restored: Option<Instant>,
    /// When the last try began that something was heard in.
    heard_at: Timestamp,
    /// What the gateway said to the last question, and when that began.
    gateway: (Timestamp, Gateway),
    pub asking: JoinSet<(Timestamp, Gateway)>,
    pub next_look: Instant,
    asked: Option<Instant>,
    /// Asked for their word, which has not come yet.
    pub witnesses: HashSet<SlotId>,
    /// Devices that are held until it is known what their silence says.
    pub waiting: HashSet<DeviceId>,
}

impl Sight {
    /// As it was left: the first word that is heard ends it.
    pub fn new(cut_off: Option<Timestamp>) -> Self {
        Self {
            cut_off,
            restored_at: Timestamp::default(),
            restored: None,
            heard_at: Timestamp::default(),
            gateway: (Timestamp::default(), Gateway::NotKnown),
            asking: JoinSet::new(),
            next_look: Instant::now(),
            asked: None,
            witnesses: HashSet::new(),
            waiting: HashSet::new(),
        }
    }
}

/// Whether the address is one of this machine: sends nothing, and looks no name up.
pub(super) fn is_this_machine(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        // A socket can be bound to no other.
        Ok(ip) => ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok(),
        Err(_) => address.eq_ignore_ascii_case("localhost"),
    }
}

impl Schedule {
    /// What the silence of a device that is about to be told down says.
    pub(super) fn finding_of(&self, device: &Device) -> Finding {
        if device.is_ours {
            return Finding::Fine;
        }
        if self.sight.cut_off.is_some() {
            return Finding::CutOff;
        }
        if device.own != State::Down || device.shown == State::Down {
            return Finding::Fine;
        }
        let asked = self.deciding(device).filter(|slot| slot.standing.has_answered && slot.check.is_some());
        if device.is_cut_off && asked.into_iter().any(|slot| slot.tried < self.sight.restored) {
            return Finding::Back;
        }
        let since = device.own_since;
        if self.sight.heard_at >= since {
            return Finding::Fine;
        }
        judge(self.evidence(since))
    }

    fn evidence(&self, since: Timestamp) -> Evidence {
        let (asked_at, gateway) = self.sight.gateway;
        let is_asked = self.setting.gateway.is_none() || asked_at >= since;
        let is_silent = |status| matches!(status, CheckStatus::Failing | CheckStatus::Failed);
        let silent = self.slots.values().filter(|slot| {
            !slot.is_ours && slot.standing.tried_at >= since && is_silent(slot.standing.status())
        });
        let mut hosts = HashSet::new();
        for slot in silent {
            hosts.insert(slot.host);
            if hosts.len() >= SILENT_ALONE_MIN {
                break;
            }
        }
        Evidence {
            is_heard: self.sight.heard_at >= since,
            gateway: is_asked.then_some(gateway),
            witnesses: self.sight.witnesses.len(),
            silent: hosts.len(),
        }
    }

    /// A check began to fail that was asked `at`: is anything heard at all?
    pub(super) fn suspect_ourselves(&mut self, at: Timestamp) {
        let now = Instant::now();
        let is_asked = self.sight.asked.is_some_and(|asked| now < asked + ASK_EVERY);
        if self.sight.heard_at >= at || self.sight.cut_off.is_some() || is_asked {
            return;
        }
        self.sight.asked = Some(now);
        self.ask_gateway();
        let mut hosts = HashSet::new();
        let is_unasked = |status, tried_at| status == CheckStatus::Ok && tried_at < at;
        let candidates = self.slots.iter().filter(|(_, slot)| {
            !slot.is_ours && !slot.is_in_flight && is_unasked(slot.standing.status(), slot.standing.tried_at)
        });
        let witnesses: Vec<_> = candidates
            .filter(|(_, slot)| hosts.insert(slot.host))
            .map(|(id, _)| *id)
            .take(WITNESSES)
            .collect();
        for id in witnesses {
            self.sight.witnesses.insert(id);
            self.plan(id, now, Why::Suspected);
        }
    }

    /// Asks it, unless that is under way, or nothing is watched for which the network is needed.
    pub(super) fn ask_gateway(&mut self) {
        if !self.sight.asking.is_empty() || self.strangers().next().is_none() {
            return;
        }
        let at = self.setting.tools.clock.now();
        if let Some(ask) = self.setting.gateway.clone() {
            self.sight.asking.spawn(async move { (at, ask().await) });
        }
    }

    /// The gateway answered or did not. A panic of the asking is as good as no gateway.
    pub(super) fn gateway_said(&mut self, said: Result<(Timestamp, Gateway), JoinError>) {
        let now = self.setting.tools.clock.now();
        self.sight.gateway = said.unwrap_or((now, Gateway::NotKnown));
        if self.sight.gateway.1 == Gateway::Answers {
            self.heard(self.sight.gateway.0);
        }
        self.settle_waiting();
    }

    /// Whether or not it was one, its word has come.
    pub(super) fn is_no_witness(&mut self, slot: SlotId) {
        if self.sight.witnesses.remove(&slot) {
            self.settle_waiting();
        }
    }

    fn settle_waiting(&mut self) {
        for device in std::mem::take(&mut self.sight.waiting) {
            self.settle(device);
        }
    }

    /// It is time to ask by ourselves.
    pub(super) fn look_around(&mut self) {
        self.ask_gateway();
        let every = match (self.sight.cut_off, &self.setting.gateway) {
            (Some(_), _) => LOOK_EVERY_CUT_OFF,
            (None, Some(_)) => LOOK_EVERY,
            (None, None) => LOOK_NEVER,
        };
        self.sight.next_look = Instant::now() + every;
        if self.sight.cut_off.is_none() {
            return;
        }
        if self.strangers().next().is_some() {
            self.ask_some();
        } else {
            // Nobody is left to be heard.
            self.heard(self.setting.tools.clock.now());
        }
    }

    /// Asks a few of those that are not asked soon by themselves; whoever answers first ends the darkness.
    fn ask_some(&mut self) {
        let is_idle = |status| matches!(status, CheckStatus::Ok | CheckStatus::Failed | CheckStatus::Unknown);
        let mut some: Vec<_> = self
            .slots
            .iter()
            .filter(|(_, slot)| !slot.is_ours && !slot.is_in_flight && is_idle(slot.standing.status()))
            .map(|(id, slot)| (slot.tried, *id))
            .collect();
        // Those that were not asked for longest.
        some.sort_unstable();
        for (_, id) in some.into_iter().take(ASKED_IN_THE_DARK) {
            self.plan(id, Instant::now(), Why::Suspected);
        }
    }

    /// Something that was asked `at` was heard.
    pub(super) fn heard(&mut self, at: Timestamp) {
        self.sight.heard_at = self.sight.heard_at.max(at);
        let Some(since) = self.sight.cut_off.take() else {
            if !self.sight.waiting.is_empty() {
                self.settle_waiting();
            }
            return;
        };
        let now = self.setting.tools.clock.now();
        tracing::warn!(seconds = now.since_ms(since) / 1_000, "the monitor is no longer cut off");
        (self.sight.restored, self.sight.restored_at) = (Some(Instant::now()), now);
        self.tell(Outcome { at: now, reach: Some(Reach::Restored), ..Outcome::default() });
        let blind: Vec<_> = self.strangers().collect();
        for id in &blind {
            self.kick_failing(*id, blind.len());
        }
        blind.into_iter().for_each(|id| self.settle(id));
        self.sight.next_look = Instant::now() + LOOK_EVERY;
    }

    /// Nothing is heard any more, since then.
    pub(super) fn cut_off(&mut self, since: Timestamp) {
        let now = self.setting.tools.clock.now();
        tracing::warn!("nothing answers any more: the monitor is cut off");
        self.sight.cut_off = Some(since);
        self.sight.next_look = Instant::now();
        self.tell(Outcome { at: now, reach: Some(Reach::CutOff { since }), ..Outcome::default() });
        let all: Vec<_> = self.strangers().collect();
        all.into_iter().for_each(|id| self.settle(id));
        self.sight.waiting.clear();
    }

    /// Devices that are reached by the network.
    fn strangers(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.devices.iter().filter(|(_, device)| !device.is_ours).map(|(id, _)| *id)
    }
}
