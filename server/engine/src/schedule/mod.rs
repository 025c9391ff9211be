//! Decides when to ask whom, and judges the answers: one task with a heap of due times.
//!
//! The flow of a poll is `start_due` → `launch` → (the check's `probe`) → `finished` → `judge`.
//! Changes of the configuration are messages; nothing here blocks or waits for a device.

use crate::{
    Outcome, Verdict,
    check::Check,
    evaluate::Next,
    limit::{HostKey, Politeness, Turn, Urgency},
    supervise::Duty,
};
use asked::Asked;
use model::{CheckStatus, DeviceId};
use probe::{Probed, probe};
use sight::Sight;
use slot::{Device, Slot, SlotId};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};

mod asked;
mod cause;
mod family;
mod judge;
mod lateness;
mod measured;
mod phase;
mod probe;
mod roster;
mod setting;
mod sight;
mod slot;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use lateness::Histogram;
pub use lateness::{Lateness, LatenessCounts};
pub(crate) use roster::{Known, Roster};
pub(crate) use setting::{Build, Command, Setting};

/// Tries that confirm a failure start this far apart, and wait this long for an answer.
const CONFIRM: Duration = Duration::from_secs(2);
/// Room for other due times than the next one of every check.
const DUE_SPARE: usize = 4096;
/// How long answers under way are waited for when the engine stops.
const DRAIN_MAX: Duration = Duration::from_secs(2);

pub(crate) struct Schedule {
    setting: Setting,
    /// Where every grid of regular times is anchored.
    epoch: Instant,
    devices: HashMap<DeviceId, Device>,
    children: HashMap<DeviceId, Vec<DeviceId>>,
    /// Those that share a host fail together, and are asked together.
    hosts: HashMap<HostKey, Vec<DeviceId>>,
    /// Boxed, for a table keeps room for twice as many as there are.
    slots: HashMap<SlotId, Box<Slot>>,
    last_slot: SlotId,
    places: HashMap<HostKey, Vec<bool>>,
    due: BinaryHeap<Reverse<(Instant, Wake)>>,
    polite: Politeness<Ticket>,
    probes: JoinSet<Probed>,
    asked: Asked,
    sight: Sight,
    /// What the journal has no room for yet. Nothing new starts while something is in here.
    backlog: VecDeque<Outcome>,
    /// The engine stops: nothing new starts.
    is_draining: bool,
}

/// A planned start. It is void once the slot's turn has moved on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ticket {
    slot: SlotId,
    turn: u32,
}

/// What a due time is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wake {
    Slot(Ticket),
    /// Politeness lets the next one connect.
    Host(HostKey),
    /// A device was held long enough for its parent's sake.
    Device(DeviceId),
}

/// Why a check is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Round,
    /// It failed: is it so?
    Confirm,
    /// Its child failed: is it the reason? It has not failed itself, so it gets all its time.
    Suspected,
    /// Another on its host is down: is it too? It waits its turn there.
    Shared,
    Asked,
}

impl Schedule {
    pub fn new(setting: Setting) -> Self {
        let polite = Politeness::new(setting.options.per_host_max, setting.options.per_host_delay);
        let sight = Sight::new(setting.fleet.cut_off_since());
        let mut schedule = Self {
            setting,
            epoch: Instant::now(),
            devices: HashMap::new(),
            children: HashMap::new(),
            hosts: HashMap::new(),
            slots: HashMap::new(),
            last_slot: SlotId::default(),
            places: HashMap::new(),
            due: BinaryHeap::new(),
            polite,
            probes: JoinSet::new(),
            asked: Asked::default(),
            sight,
            backlog: VecDeque::new(),
            is_draining: false,
        };
        schedule.take_over_all();
        schedule
    }

    pub async fn run(mut self, duty: Duty, commands: &mut mpsc::Receiver<Command>) {
        let outcomes = self.setting.outcomes.clone();
        loop {
            self.start_due();
            let wake = self.next_wake();
            tokio::select! {
                biased;
                () = duty.stop.cancelled() => return self.drain().await,
                permit = outcomes.reserve(), if !self.backlog.is_empty() => self.hand_over(permit.ok()),
                Some(probed) = self.probes.join_next() => {
                    self.finished(probed);
                    while let Some(probed) = self.probes.try_join_next() {
                        self.finished(probed);
                    }
                }
                Some(said) = self.sight.asking.join_next() => self.gateway_said(said),
                Some(command) = commands.recv() => self.obey(command),
                () = sleep_until(self.sight.next_look) => self.look_around(),
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
            duty.ran();
        }
    }

    fn obey(&mut self, command: Command) {
        let done = match command {
            Command::Changed { device: Some(device), done } => {
                self.take_over(device, Duration::ZERO);
                done
            }
            Command::Changed { device: None, done } => {
                self.take_over_all();
                done
            }
            Command::Ask { device, done } => return self.ask(device, done),
        };
        // Whoever asked may have left.
        let _ = done.send(());
    }

    /// Starts what is due, as far as there is room.
    fn start_due(&mut self) {
        let now = Instant::now();
        while self.has_room()
            && let Some(Reverse((at, wake))) = self.due.peek().copied()
            && at <= now
        {
            self.due.pop();
            match wake {
                Wake::Slot(ticket) => self.admit(ticket, now - at),
                Wake::Host(host) => self.serve(host),
                Wake::Device(device) => self.settle(device),
            }
        }
    }

    fn next_wake(&self) -> Option<Instant> {
        self.due.peek().filter(|_| self.has_room()).map(|Reverse((at, _))| *at)
    }

    fn has_room(&self) -> bool {
        let has_place = self.probes.len() < self.setting.options.in_flight_max;
        has_place && self.backlog.is_empty() && !self.is_draining
    }

    /// A check is due: at once, or when its host's politeness allows.
    fn admit(&mut self, ticket: Ticket, lateness: Duration) {
        let Some(slot) = self.slots.get(&ticket.slot).filter(|slot| slot.is_waiting_with(ticket)) else {
            return;
        };
        self.setting.lateness.lock().add(lateness, Instant::now());
        if !slot.will_connect() {
            return self.launch(ticket.slot, None);
        }
        let urgency = match slot.why {
            Why::Round | Why::Shared => Urgency::Regular,
            Why::Confirm | Why::Suspected => Urgency::Urgent,
            Why::Asked => Urgency::Asked,
        };
        let host = slot.host;
        self.polite.line_up(host, ticket, urgency, Instant::now());
        self.serve(host);
    }

    /// Starts those whose turn it is at a host.
    fn serve(&mut self, host: HostKey) {
        let now = Instant::now();
        while self.has_room() {
            let slots = &self.slots;
            let is_wanted =
                |ticket: &Ticket| slots.get(&ticket.slot).is_some_and(|slot| slot.is_waiting_with(*ticket));
            match self.polite.turn(host, now, is_wanted) {
                Turn::Go(ticket) => self.launch(ticket.slot, Some(host)),
                Turn::At(at) => return self.due.push(Reverse((at, Wake::Host(host)))),
                Turn::Idle => return,
            }
        }
        self.due.push(Reverse((now, Wake::Host(host))));
    }

    /// Begins a try; `host` is whose politeness gave it a place.
    fn launch(&mut self, id: SlotId, host: Option<HostKey>) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let Some(check) = slot.check.clone() else { return self.is_no_witness(id) };
        let timeout = if slot.why == Why::Confirm { slot.timeout.min(CONFIRM) } else { slot.timeout };
        slot.began(self.setting.tools.clock.now());
        self.probes.spawn(probe(check, id, host, timeout));
    }

    /// A try has ended: judge it and plan the next.
    fn finished(&mut self, probed: Result<Probed, tokio::task::JoinError>) {
        // Tasks are never aborted before the end, and their panics are caught inside.
        let Ok(Probed { slot: id, host, observation }) = probed else { return };
        if let Some(host) = host {
            self.polite.leave(host);
            self.serve(host);
        }
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.is_in_flight = false;
        slot.tried = Some(slot.started);
        if self.is_draining && matches!(observation.verdict, Verdict::Unknown { .. }) {
            // Sessions end with the engine: that is no news of a router.
            return;
        }
        if slot.check.is_none() {
            // Its settings make no sense any more; what was seen with the old ones says nothing.
            self.is_no_witness(id);
            return self.asked.is_settled(id);
        }
        self.judge(id, observation);
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let now = Instant::now();
        let next = slot.standing.next(self.setting.options.adaptive_max);
        match (slot.again.take(), next) {
            // Whatever it was to be asked again for, a failure is confirmed at its own pace.
            (None, _) | (Some(_), Next::Confirm) => {}
            (Some(why), _) => return self.plan(id, now, why),
        }
        match next {
            Next::Confirm => {
                let at = now.max(slot.started + CONFIRM);
                self.plan(id, at, Why::Confirm);
            }
            Next::Round { intervals } => {
                let at = slot.grid.after(now + slot.grid.interval() * (intervals - 1));
                self.plan(id, at, Why::Round);
                self.asked.is_settled(id);
            }
        }
    }

    /// Sets when a check is asked next; what was planned before is void.
    fn plan(&mut self, id: SlotId, at: Instant, why: Why) {
        if let Some(slot) = self.slots.get_mut(&id).filter(|slot| slot.check.is_some()) {
            let turn = slot.planned(why);
            self.due.push(Reverse((at, Wake::Slot(Ticket { slot: id, turn }))));
            self.forget_void();
        }
    }

    /// Plans that were overtaken by others lie in the heap until their time, which may be a day away: they are
    /// taken out when they are the larger part of it.
    fn forget_void(&mut self) {
        if self.due.len() > 2 * self.slots.len() + DUE_SPARE {
            let slots = &self.slots;
            self.due.retain(|Reverse((_, wake))| match wake {
                Wake::Slot(ticket) => {
                    slots.get(&ticket.slot).is_some_and(|slot| slot.is_waiting_with(*ticket))
                }
                Wake::Host(_) | Wake::Device(_) => true,
            });
        }
    }

    fn ask(&mut self, device: Option<DeviceId>, done: oneshot::Sender<()>) {
        let is_meant = |slot: &Slot| slot.check.is_some() && device.is_none_or(|id| slot.device == id);
        let meant: Vec<_> = self.slots.iter().filter(|(_, slot)| is_meant(slot)).map(|(id, _)| *id).collect();
        for id in &meant {
            // Who asks for one device may have mended its login. Asking for all, again and again, is no
            // reason to send refused passwords to every router.
            if let Some(check) = device.and_then(|_| self.slots.get(id)?.check.as_ref()) {
                check.hurry();
            }
            match self.slots.get_mut(id) {
                // What it sees may be from before the question.
                Some(slot) if slot.is_in_flight => slot.again = Some(Why::Asked),
                // It is about to be confirmed, and asking does not make three failures of one moment.
                Some(slot) if slot.standing.status() == CheckStatus::Failing => {}
                // Whoever asks again and again does not send it to the end of the line.
                Some(slot) if slot.why == Why::Asked => {}
                _ => self.plan(*id, Instant::now(), Why::Asked),
            }
        }
        self.asked.add(meant, done);
    }

    /// Gives the journal the oldest outcome that waits; without a journal it is true at once.
    fn hand_over(&mut self, permit: Option<mpsc::Permit<'_, Outcome>>) {
        let Some(outcome) = self.backlog.pop_front() else { return };
        match permit {
            Some(permit) => permit.send(outcome),
            None => self.setting.fleet.confirm(&outcome),
        }
    }

    /// Nothing new starts; what is under way is waited for, and all that is news is handed over.
    async fn drain(mut self) {
        let deadline = Instant::now() + DRAIN_MAX;
        self.is_draining = true;
        while let Ok(Some(probed)) = timeout_at(deadline, self.probes.join_next()).await {
            self.finished(probed);
        }
        while let Some(outcome) = self.backlog.pop_front() {
            if timeout_at(deadline, self.setting.outcomes.send(outcome)).await.is_err() {
                tracing::warn!(lost = self.backlog.len() + 1, "stopped before all changes were recorded");
                return;
            }
        }
    }
}
