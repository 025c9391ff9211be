//! The one worker that reads routers' logs, takes what is sent, and writes lines down.
//!
//! Reads sixteen routers at once at most, and writes at most half of the time: the journal's transactions come between.

mod writing;

use super::{
    bounds::{Bounds, Tally},
    desk::LogDesk,
    pending::Pending,
    senders::Senders,
    shelf::{Shelf, begin_anew, longest_due},
    syslog::Sent,
};
use crate::store::{Result, Store, in_time};
use engine::{
    Clock, Duty, EngineHandle, Fleet,
    driver::routeros::Bell,
    log::{
        Reading,
        syslog::{Known, Received, understand},
    },
};
use model::{DeviceId, LogTrouble};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc},
    task::{AbortHandle, Id, JoinSet},
    time::{Instant, sleep_until},
};

/// Routers read at once; each answer is 768 KiB at most.
const AT_ONCE: usize = 16;
/// How often it is looked whose turn it is, at most: to look at all of many takes its time.
const STEP: Duration = Duration::from_millis(20);
/// How often it is looked which routers there are.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Of the last lines that were written down, those that were sent may still be read.
const LAST_MAX: u64 = 5_000;
/// Routers that ring at once; one that is not heard is read a little later.
const RINGING_MAX: usize = 256;

type Done = (DeviceId, std::result::Result<Reading, LogTrouble>);
/// How many lines there are of each device.
type Counted = Result<HashMap<DeviceId, u64>>;

/// One keeper for the life of the process; its worker may be started again.
#[derive(Clone)]
pub struct Keeper {
    pub desk: LogDesk,
    pub store: Store,
    pub engine: EngineHandle,
    pub fleet: Arc<Fleet>,
    pub clock: Arc<dyn Clock>,
    pub bounds: Bounds,
}

/// What one run of the worker works with.
struct Work {
    shelves: HashMap<DeviceId, Shelf>,
    senders: Senders,
    readings: JoinSet<Done>,
    /// Whose they are.
    read_by: HashMap<Id, DeviceId>,
    pending: Pending,
    tally: Tally,
    /// When all lines are counted again, where the tally is not to be trusted.
    count_at: Option<Instant>,
    /// That takes a while, and others are read and written meanwhile; the tally when it began.
    counting: JoinSet<Counted>,
    before: Tally,
    /// Routers that are listened to, for somebody looks.
    hearing: HashMap<DeviceId, AbortHandle>,
    listenings: JoinSet<(DeviceId, LogTrouble)>,
    ringing: (mpsc::Sender<DeviceId>, mpsc::Receiver<DeviceId>),
    /// Where logs that were not looked at yet were read to.
    known: HashMap<DeviceId, Vec<u64>>,
    /// Of whose lines it is not known whether they were written down.
    doubtful: HashSet<DeviceId>,
    /// The id of the last line that surely was.
    newest: i64,
    look_at: Instant,
    /// When the next reading is due.
    due_at: Instant,
    write_at: Option<Instant>,
    /// Nothing is written before: others write too.
    held_until: Instant,
    age_at: Instant,
}

impl Keeper {
    /// Reads, takes what is `sent`, and writes, until told to stop.
    pub async fn run(&self, sent: Arc<Mutex<Sent>>, duty: Duty) -> anyhow::Result<()> {
        // Held for the whole run: nobody but this worker reads the queue.
        let mut sent = sent.lock().await;
        let Sent { of_devices, of_streams, of_strangers, known } = &mut *sent;
        let mut work = self.begin().await?;
        loop {
            let wake_at = work.next_wake();
            tokio::select! {
                () = duty.stop.cancelled() => {
                    self.finish(&mut work, [of_devices, of_streams]).await;
                    return Ok(());
                }
                Some(done) = work.readings.join_next_with_id() => match done {
                    Ok((id, (device, outcome))) => {
                        work.read_by.remove(&id);
                        self.was_read(&mut work, device, outcome);
                    }
                    // It panicked, which is in the log: the others go on, and so does this one.
                    Err(error) => if let Some(device) = work.read_by.remove(&error.id()) {
                        self.was_read(&mut work, device, Err(LogTrouble::NotConnected));
                    }
                },
                Some(received) = of_devices.recv(), if work.pending.has_room() =>
                    self.were_sent(&mut work, received, of_devices),
                Some(received) = of_streams.recv(), if work.pending.has_room() =>
                    self.were_sent(&mut work, received, of_streams),
                Some(received) = of_strangers.recv() => self.was_sent(&mut work, received),
                Some(counted) = work.counting.join_next() => work.was_counted(counted, &duty),
                Some(device) = work.ringing.1.recv() => work.rang(device),
                Some(ended) = work.listenings.join_next() => {
                    if let Ok((device, trouble)) = ended {
                        work.is_not_heard(device, &trouble);
                    }
                }
                () = self.desk.woken() => work.look_at = Instant::now(),
                () = sleep_until(wake_at) => {}
            }
            let now = Instant::now();
            if work.look_at <= now {
                self.look_around(&mut work, known);
            }
            if work.due_at <= now {
                self.start_due(&mut work);
            }
            if work.write_at.is_some_and(|at| at <= now) {
                self.write(&mut work, &duty).await;
            }
        }
    }

    async fn begin(&self) -> Result<Work> {
        let (books, newest) = in_time(self.store.logs().look_up()).await?;
        let mut pending = Pending::default();
        pending.remember(&in_time(self.store.logs().sent_last(LAST_MAX)).await?);
        for (device, _) in books.iter().filter(|(_, book)| book.is_off) {
            self.desk.set_read(*device, false);
        }
        let now = Instant::now();
        Ok(Work {
            shelves: HashMap::new(),
            senders: Senders::default(),
            readings: JoinSet::new(),
            read_by: HashMap::new(),
            pending,
            hearing: HashMap::new(),
            listenings: JoinSet::new(),
            ringing: mpsc::channel(RINGING_MAX),
            tally: Tally::default(),
            count_at: Some(now),
            counting: JoinSet::new(),
            before: Tally::default(),
            known: books.into_iter().map(|(device, book)| (device, book.known)).collect(),
            doubtful: HashSet::new(),
            newest,
            look_at: now,
            due_at: now,
            write_at: None,
            held_until: now,
            age_at: now + LOOK_EVERY,
        })
    }

    /// Which routers there are, who looks, and what is too much.
    fn look_around(&self, work: &mut Work, known: &Known) {
        let routers: HashSet<DeviceId> =
            self.engine.routers().into_iter().filter(|device| !self.desk.is_off(*device)).collect();
        // What is still on its way of a log has its place until it is written down: it would come again.
        let is_over = |device: &DeviceId, shelf: &Shelf| !routers.contains(device) && !shelf.is_busy;
        for (device, shelf) in &work.shelves {
            if is_over(device, shelf) {
                work.known.insert(*device, shelf.reader.known());
            }
        }
        work.shelves.retain(|device, shelf| !is_over(device, shelf));
        for device in &routers {
            let read_to = &mut work.known;
            work.shelves
                .entry(*device)
                .or_insert_with(|| Shelf::new(*device, read_to.remove(device).unwrap_or_default()));
        }
        // What was read and is not written down yet is waited for.
        let can_begin = |device: DeviceId| work.shelves.get(&device).is_none_or(|shelf| !shelf.is_busy);
        for device in self.desk.take_anew(can_begin) {
            begin_anew(&mut work.shelves, &mut work.known, device);
        }
        self.listen(work);
        let devices = self.fleet.devices();
        let there: HashSet<DeviceId> = devices.iter().map(|device| device.id).collect();
        work.senders.look(&devices, |name| self.engine.addresses(name));
        known.replace(work.senders.addresses());
        work.known.retain(|device, _| there.contains(device));
        work.tally.keep_only(|device| there.contains(&device));
        work.pending.keep_only(|device| there.contains(&device));
        self.desk.keep_only(|device| routers.contains(&device), |device| there.contains(&device));
        work.look_at = Instant::now() + LOOK_EVERY;
        work.due_at = Instant::now();
        if self.has_to_tidy(work) || !work.pending.is_empty() {
            work.write_at.get_or_insert(work.held_until);
        }
    }

    /// Hears the routers whose logs somebody looks at; where that cannot be, they are read more often.
    fn listen(&self, work: &mut Work) {
        let shelves = &work.shelves;
        work.hearing.retain(|device, listening| {
            let is_bearable = shelves.get(device).is_some_and(Shelf::is_bearable);
            let is_wanted = is_bearable && self.desk.is_looked_at(*device);
            if !is_wanted {
                listening.abort();
            }
            is_wanted
        });
        let looked_at = work.shelves.keys().copied().filter(|device| self.desk.is_looked_at(*device));
        for device in looked_at.collect::<Vec<_>>() {
            self.hear(work, device);
        }
    }

    /// Hears one router that somebody looks at, while it is not being read: both at once would leave no place for
    /// other commands.
    fn hear(&self, work: &mut Work, device: DeviceId) {
        let Some(shelf) = work.shelves.get_mut(&device) else { return };
        if shelf.is_being_read || work.hearing.contains_key(&device) || !self.desk.is_looked_at(device) {
            return;
        }
        if !shelf.may_be_heard() {
            return shelf.hurry();
        }
        let (engine, ring) = (self.engine.clone(), work.ringing.0.clone());
        // A bell that finds no place is no loss: others ring.
        let bell: Bell = Arc::new(move || {
            let _ = ring.try_send(device);
        });
        let listening = async move { (device, engine.hear_log(device, bell).await) };
        work.hearing.insert(device, work.listenings.spawn(listening));
    }

    fn start_due(&self, work: &mut Work) {
        let now = Instant::now();
        let (mut due, mut next_at) = (Vec::new(), work.look_at);
        for (device, shelf) in &work.shelves {
            if shelf.is_busy || self.desk.is_off(*device) {
                continue;
            }
            if shelf.next_at > now {
                next_at = next_at.min(shelf.next_at);
            } else {
                due.push((shelf.next_at, *device));
            }
        }
        let room =
            if work.pending.has_room_to_read() { AT_ONCE.saturating_sub(work.readings.len()) } else { 0 };
        if due.len() > room {
            next_at = now;
        }
        for device in longest_due(due, room) {
            let Some(shelf) = work.shelves.get_mut(&device) else { continue };
            (shelf.is_busy, shelf.is_being_read) = (true, true);
            if let Some(listening) = work.hearing.remove(&device) {
                listening.abort();
            }
            let (engine, reader) = (self.engine.clone(), shelf.reader.clone());
            let reading = work.readings.spawn(async move { (device, engine.read_log(device, reader).await) });
            work.read_by.insert(reading.id(), device);
        }
        work.due_at = next_at.max(now + STEP);
    }

    fn was_read(&self, work: &mut Work, device: DeviceId, outcome: std::result::Result<Reading, LogTrouble>) {
        let Some(shelf) = work.shelves.get_mut(&device) else { return };
        shelf.is_being_read = false;
        match outcome {
            Ok(Reading { lines, marks, reader, took, is_costly }) => {
                tracing::debug!(device = device.0, lines = lines.len(), "a log was read");
                let cpu_percent = self.fleet.facts(device).and_then(|facts| facts.metrics.cpu_percent);
                shelf.was_read(took, is_costly, cpu_percent);
                self.desk.was_read(device, self.clock.now());
                work.due_at = work.due_at.min(shelf.next_at);
                if lines.is_empty() {
                    (shelf.reader, shelf.is_busy) = (reader, false);
                } else {
                    let lines = lines.into_iter().zip(marks).collect();
                    work.pending.take_read(device, shelf.reader.known(), lines, reader);
                    work.write_soon();
                }
            }
            Err(trouble) => {
                tracing::debug!(device = device.0, ?trouble, "a log was not read");
                shelf.is_busy = false;
                shelf.was_not_read(&trouble);
                work.due_at = work.due_at.min(shelf.next_at);
                self.desk.was_not_read(device, trouble);
            }
        }
        self.hear(work, device);
    }

    /// Takes one, and with it what came meanwhile, as far as there is room.
    fn were_sent(&self, work: &mut Work, first: Received, more: &mut mpsc::Receiver<Received>) {
        tracing::debug!(from = %first.from, "lines came by syslog");
        self.was_sent(work, first);
        while work.pending.has_room()
            && let Ok(received) = more.try_recv()
        {
            self.was_sent(work, received);
        }
    }

    fn was_sent(&self, work: &mut Work, received: Received) {
        let now = self.clock.now();
        let Some(device) = work.senders.device(received.from) else {
            return self.desk.was_sent_by_stranger(received.from, now);
        };
        if self.desk.is_off(device) {
            return;
        }
        for loss in received.lost.losses() {
            work.pending.take_loss(device, loss, now);
            work.write_soon();
        }
        if let Some(line) = understand(&received.bytes, now) {
            work.pending.take_sent(device, line);
            work.write_soon();
        }
    }
}

impl Work {
    /// A router wrote a line.
    fn rang(&mut self, device: DeviceId) {
        if let Some(shelf) = self.shelves.get_mut(&device) {
            shelf.rang();
            self.due_at = self.due_at.min(shelf.next_at);
        }
    }

    fn is_not_heard(&mut self, device: DeviceId, trouble: &LogTrouble) {
        if let Some(listening) = self.hearing.remove(&device) {
            // It may have begun anew meanwhile; two would take both places.
            listening.abort();
        }
        if let Some(shelf) = self.shelves.get_mut(&device) {
            shelf.is_not_heard(trouble);
        }
    }

    fn write_soon(&mut self) {
        let soon = if self.pending.is_full() { Duration::ZERO } else { writing::BATCH_WAIT };
        let at = (Instant::now() + soon).max(self.held_until);
        self.write_at = Some(self.write_at.map_or(at, |known| known.min(at)));
    }

    fn next_wake(&self) -> Instant {
        let soonest = self.look_at.min(self.due_at);
        self.write_at.map_or(soonest, |at| at.min(soonest))
    }
}
