//! What is watched: devices and their checks, and how changes of the configuration reach them.
//!
//! What an edit does not touch goes on undisturbed: a renamed router keeps its session and its outage.

use super::{
    Known, Schedule, Why,
    phase::{Grid, key},
    sight::is_this_machine,
    slot::{Device, Slot, SlotId},
};
use crate::{
    Login, Verdict,
    check::{BuildArgs, Check, Kind},
    driver::routeros::Session,
    evaluate::Standing,
    fleet::is_same_question,
    limit::HostKey,
};
use model::{CheckId, DeviceId, State, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// First tries after a start are spread so that this many begin each second, within one interval.
const FIRST_TRIES_PER_S: f64 = 200.0;

/// How long the first tries of so many devices, with two checks each, are spread.
pub(super) fn spread_over(devices: usize) -> Duration {
    Duration::from_secs_f64(devices as f64 * 2.0 / FIRST_TRIES_PER_S)
}

impl Schedule {
    /// Takes over the whole roster: what is new, what is changed, what is gone.
    pub(super) fn take_over_all(&mut self) {
        let ids = self.setting.roster.ids();
        let wanted: std::collections::HashSet<_> = ids.iter().copied().collect();
        // The fleet knows devices too that went while no schedule ran.
        let known = self.setting.fleet.devices().into_iter().map(|device| device.id);
        let gone: Vec<_> = known.filter(|id| !wanted.contains(id)).collect();
        for id in gone {
            self.take_over(id, Duration::ZERO);
        }
        let spread = spread_over(ids.len());
        for id in ids {
            self.take_over(id, spread);
        }
    }

    /// Takes over what the roster says of one device. First tries begin within `spread`.
    pub(super) fn take_over(&mut self, id: DeviceId, spread: Duration) {
        let old = self.devices.remove(&id);
        if let Some(parent) = old.as_ref().and_then(|old| old.known.device.parent)
            && let Some(children) = self.children.get_mut(&parent)
        {
            children.retain(|child| *child != id);
        }
        self.leave_host(id, old.as_ref());
        let Some(known) = self.setting.roster.of(id) else {
            for slot in old.map(|old| old.slots).unwrap_or_default() {
                self.drop_slot(slot);
            }
            self.setting.rates.set(id, None);
            return self.setting.fleet.remove(id);
        };
        if let Some(parent) = known.device.parent {
            self.children.entry(parent).or_default().push(id);
        }
        self.setting.fleet.put(known.device.clone(), &known.remembered);
        let mut device = self.renewed(known, old.as_ref());
        let had = old.as_ref().map(|old| self.router(&old.slots).map(|(slot, _)| slot));
        let is_login_new = old.as_ref().is_some_and(|old| self.is_login_new(old, &device.known));
        device.slots = self.renewed_slots(&device, old, spread);
        let router = self.router(&device.slots);
        if is_login_new || had != Some(router.as_ref().map(|(slot, _)| *slot)) {
            self.setting.rates.set(id, router.map(|(_, session)| session));
        }
        self.hosts.entry(device.host).or_default().push(id);
        self.devices.insert(id, device);
        self.judge_device(id);
        self.settle(id);
    }

    fn leave_host(&mut self, id: DeviceId, old: Option<&Device>) {
        let Some(host) = old.map(|old| old.host) else { return };
        if let Some(devices) = self.hosts.get_mut(&host) {
            devices.retain(|device| *device != id);
            if devices.is_empty() {
                self.hosts.remove(&host);
            }
        }
    }

    /// Whether the sessions that are open were opened otherwise than it is now wanted. Pinning the very
    /// certificate that was accepted changes nothing for them.
    fn is_login_new(&self, old: &Device, new: &Known) -> bool {
        let (Some(was), Some(now)) = (old.known.login.as_deref(), new.login.as_deref()) else {
            return old.known.login != new.login;
        };
        let accepted = self.router(&old.slots).and_then(|(_, session)| session.first_seen_certificate());
        let is_pinned_now = was.pinned.is_none() && now.pinned.is_some() && now.pinned == accepted;
        let pinned = if is_pinned_now { accepted } else { was.pinned.clone() };
        Login { pinned, ..was.clone() } != *now
    }

    /// The router session behind a device's checks.
    fn router(&self, slots: &[SlotId]) -> Option<(SlotId, Session)> {
        let session = |id: &SlotId| Some((*id, self.slots.get(id)?.check.as_ref()?.router()?));
        slots.iter().find_map(session)
    }

    /// The device without its slots: as it was, or as it is remembered.
    fn renewed(&self, known: Known, old: Option<&Device>) -> Device {
        let remembered = self.setting.fleet.remembered(known.device.id);
        let remembered = remembered.unwrap_or_else(|| known.remembered.as_ref().clone());
        let now = self.setting.tools.clock.now();
        let answered = match old {
            None if remembered.answered.is_empty() => known.remembered.answered.clone(),
            None => remembered.answered,
            Some(old) => self.still_answered(old, &known.device),
        };
        Device {
            slots: Vec::new(),
            answered,
            own: old.map_or(remembered.state, |old| old.own),
            own_since: old.map_or(remembered.since, |old| old.own_since),
            shown: old.map_or(remembered.state, |old| old.shown),
            shown_since: old.map_or(remembered.since, |old| old.shown_since).min(now),
            is_behind: old.is_some_and(|old| old.is_behind),
            recovered: old.and_then(|old| old.recovered),
            held_until: None,
            host: key(&known.device.address),
            is_ours: is_this_machine(&known.device.address),
            is_cut_off: old.is_some_and(|old| old.is_cut_off),
            known,
        }
    }

    /// The checks that answered once and still ask the same.
    fn still_answered(&self, old: &Device, new: &model::Device) -> Vec<CheckId> {
        let has_answered = |id: CheckId| {
            let mut slots = old.slots.iter().filter_map(|slot| self.slots.get(slot));
            old.answered.contains(&id) || slots.any(|slot| slot.id == id && slot.standing.has_answered)
        };
        let is_same = |check: &&model::Check| {
            let mut olds = old.known.device.checks.iter();
            olds.any(|before| is_same_question(&old.known.device, before, new, check))
        };
        new.checks.iter().filter(is_same).map(|check| check.id).filter(|id| has_answered(*id)).collect()
    }

    fn renewed_slots(&mut self, device: &Device, old: Option<Device>, spread: Duration) -> Vec<SlotId> {
        let is_new = old.is_none();
        let mut before = old.as_ref().map(|old| old.slots.clone()).unwrap_or_default();
        let mut slots = Vec::new();
        let checks = device.known.device.checks.clone();
        for (place, check) in checks.iter().enumerate().filter(|_| device.known.device.enabled) {
            let kept = old.as_ref().and_then(|old| {
                let is_it = |id: &SlotId| {
                    let was = self.slots.get(id).and_then(|slot| old.known.device.checks.get(slot.place));
                    was.is_some_and(|was| {
                        is_same_question(&old.known.device, was, &device.known.device, check)
                    })
                };
                let at = before.iter().position(is_it)?;
                Some((before.swap_remove(at), old))
            });
            slots.push(match kept {
                Some((id, old)) => {
                    self.keep_slot(id, place, check, (old, &device.known));
                    id
                }
                None => self.new_slot(device, place, check, (is_new, spread)),
            });
        }
        for slot in before {
            self.drop_slot(slot);
        }
        slots
    }

    /// The question is the same; how often and with which login may be new.
    fn keep_slot(&mut self, id: SlotId, place: usize, check: &model::Check, (old, new): (&Device, &Known)) {
        let login_changed = self.is_login_new(old, new);
        let rebuilt = login_changed.then(|| self.build(new, check));
        let epoch = self.epoch;
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.place = place;
        slot.timeout = Duration::from_secs(check.timeout_s.into());
        let trouble = match rebuilt {
            None => None,
            Some(Ok(check)) => {
                slot.check = Some(check);
                None
            }
            Some(Err(why)) => {
                slot.check = None;
                Some(Verdict::Unknown { why })
            }
        };
        let interval = Duration::from_secs(check.interval_s.into());
        let is_replanned = slot.grid.interval() != interval || login_changed;
        slot.grid = Grid::new(epoch, interval, slot.phase());
        if login_changed && slot.is_in_flight {
            // What it sees was seen with the old login.
            slot.again = Some(Why::Round);
        } else if is_replanned && !slot.is_in_flight {
            self.plan(id, Instant::now(), Why::Round);
        }
        if let Some(verdict) = trouble {
            self.note(id, verdict.into(), self.setting.tools.clock.now());
            self.asked.is_settled(id);
        }
    }

    fn new_slot(
        &mut self,
        device: &Device,
        place: usize,
        check: &model::Check,
        (is_new, spread): (bool, Duration),
    ) -> SlotId {
        let host = device.host;
        let connects = Kind::of(check.kind).is_some_and(|kind| kind.connects);
        let host_place = if connects { self.take_place(host) } else { 0 };
        let has_answered = device.answered.contains(&check.id);
        let was = if is_new { device.own } else { State::Unknown };
        let (built, trouble) = match self.build(&device.known, check) {
            Ok(built) => (Some(built), None),
            Err(why) => (None, Some(Verdict::Unknown { why })),
        };
        let interval = Duration::from_secs(check.interval_s.into());
        let now = Instant::now();
        let mut slot = Slot {
            device: device.known.device.id,
            place,
            id: check.id,
            check: built,
            standing: Standing::remembered(has_answered, was, device.own_since),
            host,
            is_ours: device.is_ours,
            connects,
            host_place,
            grid: Grid::new(self.epoch, interval, 0.0),
            timeout: Duration::from_secs(check.timeout_s.into()),
            why: Why::Round,
            turn: 0,
            is_in_flight: false,
            again: None,
            started: now,
            tried: None,
            at: Timestamp::default(),
        };
        let phase = slot.phase();
        slot.grid = Grid::new(self.epoch, interval, phase);
        self.last_slot = self.last_slot.next();
        let id = self.last_slot;
        self.slots.insert(id, Box::new(slot));
        match trouble {
            Some(verdict) => self.note(id, verdict.into(), self.setting.tools.clock.now()),
            None => self.plan(id, now + spread.min(interval).mul_f64(phase), Why::Round),
        }
        id
    }

    fn build(&self, known: &Known, check: &model::Check) -> Result<Arc<dyn Check>, String> {
        let args = BuildArgs { watched: &known.watched(), check, tools: &self.setting.tools };
        (self.setting.build)(&args).map(Arc::from).map_err(|error| error.to_string())
    }

    fn drop_slot(&mut self, id: SlotId) {
        let Some(slot) = self.slots.remove(&id) else { return };
        self.asked.is_settled(id);
        self.sight.witnesses.remove(&id);
        if !slot.connects {
            return;
        }
        if let Some(places) = self.places.get_mut(&slot.host) {
            if let Some(place) = places.get_mut(slot.host_place as usize) {
                *place = false;
            }
            if !places.contains(&true) {
                self.places.remove(&slot.host);
            }
        }
    }

    /// The first free number among those who connect to the host.
    fn take_place(&mut self, host: HostKey) -> u32 {
        let places = self.places.entry(host).or_default();
        let free = places.iter().position(|is_taken| !is_taken).unwrap_or_else(|| {
            places.push(false);
            places.len() - 1
        });
        places[free] = true;
        u32::try_from(free).unwrap_or(u32::MAX)
    }
}
