//! Devices and what they are reached through: who is to blame, who is held, who is asked again.

use super::{Schedule, Wake, Why, sight::Finding, slot::Device, table::spread_over};
use crate::{
    Outcome, Transition,
    evaluate::{Parent, behind},
};
use model::{CheckStatus, DeviceId, State, Timestamp};
use std::{cmp::Reverse, collections::HashSet, time::Duration};
use tokio::time::Instant;

/// How long a device is held for its parent's verdict.
const HELD_MAX: Duration = Duration::from_secs(10);
/// A parent is asked for its children's sake this often at most.
const SUSPECTED_EVERY: Duration = Duration::from_secs(1);
/// Devices on one host that are asked because one of them fails; the others have their own turn.
const SIBLINGS_MAX: usize = 32;
/// Checks that are asked at once because of another's recovery begin within this time, or longer where they
/// are many.
const KICK_SPREAD_MIN: Duration = Duration::from_secs(1);

impl Schedule {
    /// Tells what is news about a device, and about those that are reached through it.
    pub(super) fn settle(&mut self, id: DeviceId) {
        let mut open = vec![id];
        // Parents may stand in a circle.
        let mut settled = HashSet::new();
        while let Some(id) = open.pop() {
            if !settled.insert(id) {
                continue;
            }
            let Some(device) = self.devices.get(&id) else { continue };
            let was_away = is_away(device);
            let has_news = self.settle_one(id);
            let recovered = was_away && self.devices.get(&id).is_some_and(|device| !is_away(device));
            let children = self.children.get(&id).cloned().unwrap_or_default();
            let among = children.len();
            for child in children {
                if recovered {
                    self.kick_failing(child, among);
                }
                // A held child waits for any word of its parent.
                let is_held = self.devices.get(&child).is_some_and(|child| child.held_until.is_some());
                if has_news || is_held {
                    open.push(child);
                }
            }
        }
    }

    /// Whether there was news about this device alone.
    fn settle_one(&mut self, id: DeviceId) -> bool {
        let Some(device) = self.devices.get(&id) else { return false };
        let finding = self.finding_of(device);
        if finding == Finding::CutOff && self.sight.cut_off.is_none() {
            // Whatever there is to say of it is said with that of all others.
            self.cut_off(device.own_since);
            return false;
        }
        let parent = match self.parent_of(device) {
            Parent::Fine => finding.into(),
            parent => parent,
        };
        let (own, shown) = (device.own, device.shown);
        let is_blind = finding == Finding::CutOff && own != State::Paused && shown != State::Down;
        let blind = is_blind.then_some(State::Unknown);
        if finding == Finding::Unsettled {
            self.sight.waiting.insert(id);
            self.ask_gateway();
        }
        let (state, now) = match blind.or_else(|| behind(parent, own, shown)) {
            Some(state) => (state, self.setting.tools.clock.now()),
            // It was given a new try, which is waited for however long its turn takes to come.
            None if parent == Parent::Back => {
                self.release(id);
                return false;
            }
            None => match self.hold(id) {
                Some(until) => {
                    self.due.push(Reverse((until, Wake::Device(id))));
                    return false;
                }
                None if self.is_held(id) => return false,
                None => (State::Down, self.setting.tools.clock.now()),
            },
        };
        let Some(device) = self.devices.get(&id) else { return false };
        let is_behind = state == State::Unknown && device.own == State::Down && !is_blind;
        let cause = self.cause(device, state, is_behind);
        let behind = is_behind.then(|| self.to_blame(device)).flatten();
        let Some(device) = self.devices.get_mut(&id) else { return false };
        device.held_until = None;
        let was_cut_off = std::mem::replace(&mut device.is_cut_off, is_blind);
        let is_news = state != device.shown;
        if is_news {
            let from = std::mem::replace(&mut device.shown, state);
            if from == State::Down || device.is_behind || was_cut_off {
                device.recovered = Some(Instant::now());
            }
            // History goes forward; but a clock that was ahead once does not date all that follows.
            let is_ahead = device.shown_since > now;
            let at =
                if is_ahead { device.own_since.min(now) } else { device.own_since.max(device.shown_since) };
            let at = match (is_blind, was_cut_off) {
                (true, _) => self.sight.cut_off.unwrap_or(now).max(device.shown_since.min(now)),
                // What was between is not known, and nothing that came after it began before.
                (false, true) => at.max(self.sight.restored_at.min(now)),
                (false, false) => at,
            };
            device.shown_since = at;
            let transition = Some(Transition { from, to: state, at, cause });
            self.tell(Outcome { device: id, at: now, transition, behind, ..Outcome::default() });
        }
        if let Some(device) = self.devices.get_mut(&id) {
            device.is_behind = is_behind;
        }
        is_news
    }

    /// Begins to hold a device for its parent; until when, if it was not held before.
    fn hold(&mut self, id: DeviceId) -> Option<Instant> {
        let device = self.devices.get_mut(&id).filter(|device| device.held_until.is_none())?;
        device.held_until = Some(Instant::now() + HELD_MAX);
        device.held_until
    }

    fn release(&mut self, id: DeviceId) {
        if let Some(device) = self.devices.get_mut(&id) {
            device.held_until = None;
        }
    }

    fn is_held(&self, id: DeviceId) -> bool {
        let until = self.devices.get(&id).and_then(|device| device.held_until);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// How the parent stands, as far as the child's failure goes.
    fn parent_of(&self, child: &Device) -> Parent {
        let parent = child.known.device.parent.and_then(|parent| self.devices.get(&parent));
        let Some(parent) = parent.filter(|parent| parent.known.device.enabled) else { return Parent::Fine };
        if is_away(parent) {
            return Parent::Down;
        }
        let can_tell = || self.deciding(parent).map(|slot| &slot.standing).filter(|s| s.has_answered);
        if parent.own == State::Unknown || can_tell().next().is_none() {
            return Parent::Fine;
        }
        // What failed while the parent was away has to fail again.
        let asked = self.deciding(child).filter(|slot| slot.standing.has_answered && slot.check.is_some());
        if asked.into_iter().any(|slot| slot.tried < parent.recovered) {
            return Parent::Back;
        }
        let has_answered_since =
            can_tell().any(|s| s.status() == CheckStatus::Ok && s.answered_at >= child.own_since);
        if has_answered_since { Parent::Fine } else { Parent::Unsettled }
    }

    /// A child's try that began `at` failed: is it the parent? Asked now, unless it was asked since.
    pub(super) fn suspect_parent(&mut self, child: DeviceId, at: Timestamp) {
        let parent = self.devices.get(&child).and_then(|device| device.known.device.parent);
        let Some(parent) = parent.and_then(|parent| self.devices.get(&parent)) else { return };
        let decides: Vec<_> = self.deciding(parent).map(|slot| slot.id).collect();
        let now = Instant::now();
        for id in parent.slots.clone() {
            let Some(slot) = self.slots.get_mut(&id).filter(|slot| decides.contains(&slot.id)) else {
                continue;
            };
            if slot.is_in_flight {
                if slot.at < at {
                    slot.again.get_or_insert(Why::Suspected);
                }
            } else if slot.standing.status() == CheckStatus::Ok && slot.standing.tried_at < at {
                // Many children do not make it many questions.
                let at = now.max(slot.started + SUSPECTED_EVERY);
                self.plan(id, at, Why::Suspected);
            }
        }
    }

    /// A device failed, for certain since a try that began `at`: those that share its host are asked now, so that what is one
    /// failure is known as one.
    pub(super) fn suspect_siblings(&mut self, device: DeviceId, at: Timestamp) {
        let now = Instant::now();
        for sibling in self.siblings(device) {
            let Some(sibling) = self.devices.get(&sibling) else { continue };
            let decides: Vec<_> = self.deciding(sibling).map(|slot| slot.id).collect();
            for id in sibling.slots.clone() {
                let Some(slot) = self.slots.get(&id).filter(|slot| decides.contains(&slot.id)) else {
                    continue;
                };
                let is_due = slot.standing.status() == CheckStatus::Ok && slot.standing.tried_at < at;
                if is_due && !slot.is_in_flight && slot.why != Why::Shared {
                    self.plan(id, now, Why::Shared);
                }
            }
        }
    }

    /// A device answers again: those that share its host may do so too.
    pub(super) fn kick_siblings(&mut self, device: DeviceId) {
        let siblings = self.siblings(device);
        let among = siblings.len();
        siblings.into_iter().for_each(|sibling| self.kick_failing(sibling, among));
    }

    /// Other devices on the same host, unless it is this machine.
    fn siblings(&self, device: DeviceId) -> Vec<DeviceId> {
        let Some(known) = self.devices.get(&device).filter(|device| !device.is_ours) else {
            return Vec::new();
        };
        let all = self.hosts.get(&known.host).into_iter().flatten();
        all.filter(|sibling| **sibling != device).take(SIBLINGS_MAX).copied().collect()
    }

    /// Something near came back: what still fails is asked soon instead of at its slow turn.
    /// `among` so many devices.
    pub(super) fn kick_failing(&mut self, device: DeviceId, among: usize) {
        let spread = spread_over(among).max(KICK_SPREAD_MIN);
        let Some(device) = self.devices.get(&device) else { return };
        for id in device.slots.clone() {
            let Some(slot) = self.slots.get_mut(&id) else { continue };
            let status = slot.standing.status();
            if slot.is_in_flight && !matches!(status, CheckStatus::Ok | CheckStatus::Pending) {
                // What it sees may be from before.
                slot.again.get_or_insert(Why::Round);
            } else if !slot.is_in_flight && is_given_up(status) {
                let at = Instant::now() + spread.min(slot.grid.interval()).mul_f64(slot.phase());
                self.plan(id, at, Why::Round);
            }
        }
    }
}

/// Not asked again soon by itself.
fn is_given_up(status: CheckStatus) -> bool {
    matches!(status, CheckStatus::Failed | CheckStatus::NeverAnswered | CheckStatus::Unknown)
}

/// Down, or out of sight behind something that is.
fn is_away(device: &Device) -> bool {
    device.shown == State::Down || device.is_behind
}
