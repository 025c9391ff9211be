//! What an answer changes: the check, its device, and what is to be recorded.

use super::{Schedule, Why, measured::samples, slot::*};
use crate::{Observation, Outcome, Verdict, evaluate::judge, fleet::Seen};
use model::{Beat, CheckStatus, DeviceId, State, Timestamp};
use tokio::sync::mpsc::error::TrySendError;

impl Schedule {
    /// Folds what a try saw into everything that follows from it.
    pub(super) fn judge(&mut self, id: SlotId, observation: Observation) {
        let Some(slot) = self.slots.get(&id) else { return };
        let (device, at) = (slot.device, slot.at);
        let checks = self.devices.get(&device).map(|device| &device.known.device.checks);
        if let Some(check) = checks.and_then(|checks| checks.get(slot.place)) {
            self.setting.tally.add(check.kind, &observation.verdict);
            let (kind, verdict) = (check.kind.word(), &observation.verdict);
            tracing::debug!(device = device.0, kind, ?verdict, "a check was judged");
        }
        let (was, is_heard) = (slot.standing.clone(), observation.is_heard && !slot.is_ours);
        self.note(id, observation, at);
        let Some(slot) = self.slots.get(&id) else { return };
        let now = slot.standing.status();
        let came_back = was.status() == CheckStatus::Failed && now == CheckStatus::Ok;
        let is_suspicious = was.status() != CheckStatus::Failing && now == CheckStatus::Failing;
        if is_heard {
            self.heard(at);
        }
        self.judge_device(device);
        self.settle(device);
        if came_back {
            self.kick_failing(device, 1);
            self.kick_siblings(device);
        }
        if is_suspicious {
            self.suspect_parent(device, at);
            self.suspect_ourselves(at);
        }
        if was.status() != CheckStatus::Failed && now == CheckStatus::Failed {
            self.suspect_siblings(device, at);
        }
        self.is_no_witness(id);
    }

    /// Takes over what a try saw: the standing, what everybody sees of it, what is to be kept of it.
    pub(super) fn note(&mut self, id: SlotId, observation: Observation, at: Timestamp) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let Observation { verdict, facts, .. } = observation;
        let had_answered = slot.standing.has_answered;
        slot.standing = slot.standing.after(at, &verdict);
        let is_round = !matches!(slot.why, Why::Confirm | Why::Suspected | Why::Shared);
        let answered = (!had_answered && slot.standing.has_answered).then_some(slot.id);
        let known = self.devices.get(&slot.device).map(|device| &device.known);
        let has_rebooted = facts.as_ref().is_some_and(|facts| facts.has_rebooted);
        if has_rebooted {
            let name = known.map(|known| known.device.name.as_str());
            tracing::info!(device = name, "rebooted since it was last asked");
        }
        let login = known.and_then(|known| known.login.as_ref());
        let is_pinned = login.is_some_and(|login| login.pinned.is_some());
        let certificate = facts.as_ref().and_then(|facts| facts.first_seen_certificate.clone());
        let certificate = certificate.filter(|_| !is_pinned);
        let check = known.and_then(|known| known.device.checks.get(slot.place)).filter(|_| is_round);
        let samples = check.map(|check| samples(check, &verdict, facts.as_deref())).unwrap_or_default();
        let mut seen = Seen {
            device: slot.device,
            place: slot.place,
            at,
            status: slot.standing.status(),
            time_ms: if let Verdict::Up { time_ms } = verdict { Some(time_ms) } else { None },
            why: slot.standing.why.as_deref().map(str::to_owned),
            beat: None,
            facts,
        };
        let device = seen.device;
        if is_round && self.beat_slot(device) == Some(id) {
            seen.beat = Some(beat(&verdict));
        }
        let reconnects = self.setting.fleet.apply(seen);
        let first_seen_certificate = certificate;
        let outcome = Outcome {
            device,
            at,
            transition: None,
            reconnects,
            first_seen_certificate,
            answered,
            samples,
            has_rebooted,
            ..Outcome::default()
        };
        if !outcome.is_empty() {
            self.tell(outcome);
        }
    }

    /// What the device's own checks say now.
    pub(super) fn judge_device(&mut self, id: DeviceId) {
        let now = self.setting.tools.clock.now();
        let Some(device) = self.devices.get(&id) else { return };
        let (state, since) = if device.known.device.enabled {
            let judgement = judge(device.own, self.deciding(device).map(|slot| &slot.standing));
            (judgement.state, judgement.since)
        } else {
            (State::Paused, None)
        };
        let answered_at = self.deciding(device).map(|slot| slot.standing.answered_at).max();
        let Some(device) = self.devices.get_mut(&id) else { return };
        if state != device.own {
            let began = if matches!(state, State::Up) { answered_at } else { None };
            (device.own, device.own_since) = (state, since.or(began).unwrap_or(now));
        }
    }

    pub(super) fn deciding<'a>(&'a self, device: &'a Device) -> impl Iterator<Item = &'a Slot> {
        let deciding = device.known.device.deciding_checks();
        deciding.filter_map(|check| {
            let mut slots = device.slots.iter().filter_map(|slot| self.slots.get(slot).map(Box::as_ref));
            slots.find(|slot| slot.id == check.id)
        })
    }

    /// The check whose rounds are the device's beats.
    fn beat_slot(&self, device: DeviceId) -> Option<SlotId> {
        let device = self.devices.get(&device)?;
        let first = device.known.device.deciding_checks().next()?;
        let is_it = |id: &&SlotId| self.slots.get(id).is_some_and(|slot| slot.id == first.id);
        device.slots.iter().find(is_it).copied()
    }

    /// Hands an outcome to the journal, or keeps it until there is room.
    pub(super) fn tell(&mut self, outcome: Outcome) {
        self.backlog.push_back(outcome);
        while let Some(outcome) = self.backlog.pop_front() {
            match self.setting.outcomes.try_send(outcome) {
                Ok(()) => {}
                Err(TrySendError::Full(outcome)) => return self.backlog.push_front(outcome),
                // Nobody records any more: it is true all the same.
                Err(TrySendError::Closed(outcome)) => self.setting.fleet.confirm(&outcome),
            }
        }
    }
}

fn beat(verdict: &Verdict) -> Beat {
    match verdict {
        Verdict::Up { time_ms } => Beat::Ok((time_ms * 10.0).round() as u32),
        Verdict::Down { .. } => Beat::Failed,
        Verdict::Unknown { .. } => Beat::Unknown,
    }
}
