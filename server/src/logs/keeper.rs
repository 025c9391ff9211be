//! The one worker that reads routers' logs, takes what is sent, and writes lines down.
//!
//! Reads sixteen routers at once at most, and writes at most half of the time: the journal's transactions come between.

use super::{
    bounds::{Bounds, FORGET_MAX, Tally},
    desk::LogDesk,
    pending::Pending,
    shelf::Shelf,
};
use crate::store::{Result, Store, in_time};
use engine::{
    Clock, Duty, EngineHandle, Fleet,
    driver::routeros::Bell,
    log::{
        Reading,
        syslog::{Received, understand},
    },
};
use model::{DeviceId, LogTrouble, Timestamp};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc},
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep_until},
};

/// Routers read at once; each answer is 768 KiB at most.
const AT_ONCE: usize = 16;
/// How long lines wait for company.
const BATCH_WAIT: Duration = Duration::from_millis(500);
/// How often it is looked whose turn it is, at most: to look at all of many takes its time.
const STEP: Duration = Duration::from_millis(20);
/// How often it is looked which routers there are.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often it is looked for what is too old.
const AGE_EVERY: Duration = Duration::from_secs(3_600);
/// Between two tries while the database fails.
const RETRY: Duration = Duration::from_secs(5);
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// Routers that ring at once; one that is not heard is read a little later.
const RINGING_MAX: usize = 256;

type Done = (DeviceId, std::result::Result<Reading, LogTrouble>);

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
    addresses: HashMap<IpAddr, DeviceId>,
    readings: JoinSet<Done>,
    pending: Pending,
    tally: Tally,
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
    pub async fn run(&self, sent: Arc<Mutex<mpsc::Receiver<Received>>>, duty: Duty) -> anyhow::Result<()> {
        // Held for the whole run: nobody but this worker reads the queue.
        let mut sent = sent.lock().await;
        let mut work = self.begin().await?;
        loop {
            let wake_at = work.next_wake();
            tokio::select! {
                () = duty.stop.cancelled() => {
                    // What was read is read again at the next start; what was sent comes once.
                    if !work.pending.is_empty() {
                        self.write(&mut work, &duty).await;
                    }
                    return Ok(());
                }
                Some(done) = work.readings.join_next() => {
                    if let Ok((device, outcome)) = done {
                        self.was_read(&mut work, device, outcome);
                    }
                }
                Some(received) = sent.recv(), if !work.pending.is_full() => {
                    self.was_sent(&mut work, received);
                    while !work.pending.is_full() && let Ok(received) = sent.try_recv() {
                        self.was_sent(&mut work, received);
                    }
                }
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
                self.look_around(&mut work);
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
        for (device, _) in books.iter().filter(|(_, book)| book.is_off) {
            self.desk.set_read(*device, false);
        }
        let now = Instant::now();
        Ok(Work {
            shelves: HashMap::new(),
            addresses: HashMap::new(),
            readings: JoinSet::new(),
            pending: Pending::default(),
            hearing: HashMap::new(),
            listenings: JoinSet::new(),
            ringing: mpsc::channel(RINGING_MAX),
            tally: Tally::of(in_time(self.store.logs().counts()).await?),
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
    fn look_around(&self, work: &mut Work) {
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
            let known = &mut work.known;
            work.shelves
                .entry(*device)
                .or_insert_with(|| Shelf::new(*device, known.remove(device).unwrap_or_default()));
        }
        self.listen(work);
        let devices = self.fleet.devices();
        let there: HashSet<DeviceId> = devices.iter().map(|device| device.id).collect();
        work.addresses.clear();
        // One that is asked as a router is meant before others at its address.
        for device in devices.iter().filter(|device| device.enabled) {
            let Ok(address) = device.address.parse::<IpAddr>() else { continue };
            let address = address.to_canonical();
            if device.routeros.is_some() || !work.addresses.contains_key(&address) {
                work.addresses.insert(address, device.id);
            }
        }
        work.known.retain(|device, _| there.contains(device));
        work.tally.keep_only(|device| there.contains(&device));
        work.pending.keep_only(|device| there.contains(&device));
        self.desk.keep_only(|device| routers.contains(&device));
        work.look_at = Instant::now() + LOOK_EVERY;
        work.due_at = Instant::now();
        let is_due = work.age_at <= Instant::now() || work.tally.excess(self.bounds).is_some();
        if is_due || !work.pending.is_empty() {
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
        for (device, shelf) in &mut work.shelves {
            let device = *device;
            if !self.desk.is_looked_at(device) || work.hearing.contains_key(&device) {
                continue;
            }
            shelf.hurry();
            if shelf.may_be_heard() {
                let (engine, ring) = (self.engine.clone(), work.ringing.0.clone());
                // A bell that finds no place is no loss: others ring.
                let bell: Bell = Arc::new(move || {
                    let _ = ring.try_send(device);
                });
                let listening = async move { (device, engine.hear_log(device, bell).await) };
                work.hearing.insert(device, work.listenings.spawn(listening));
            }
        }
    }

    fn start_due(&self, work: &mut Work) {
        let now = Instant::now();
        let mut next_at = work.look_at;
        let is_due =
            |(device, shelf): &(&DeviceId, &mut Shelf)| !shelf.is_busy && !self.desk.is_off(**device);
        for (device, shelf) in work.shelves.iter_mut().filter(is_due) {
            let has_room = work.readings.len() < AT_ONCE && !work.pending.is_full();
            if shelf.next_at > now || !has_room {
                next_at = next_at.min(shelf.next_at);
                continue;
            }
            shelf.is_busy = true;
            let (engine, device, reader) = (self.engine.clone(), *device, shelf.reader.clone());
            work.readings.spawn(async move { (device, engine.read_log(device, reader).await) });
        }
        work.due_at = next_at.max(now + STEP);
    }

    fn was_read(&self, work: &mut Work, device: DeviceId, outcome: std::result::Result<Reading, LogTrouble>) {
        let Some(shelf) = work.shelves.get_mut(&device) else { return };
        match outcome {
            Ok(Reading { lines, reader, took, is_costly }) => {
                let cpu_percent = self.fleet.facts(device).and_then(|facts| facts.metrics.cpu_percent);
                shelf.was_read(took, is_costly, cpu_percent);
                self.desk.was_read(device, self.clock.now());
                work.due_at = work.due_at.min(shelf.next_at);
                if lines.is_empty() {
                    (shelf.reader, shelf.is_busy) = (reader, false);
                } else {
                    work.pending.take_read(device, lines, reader);
                    work.write_soon();
                }
            }
            Err(trouble) => {
                shelf.is_busy = false;
                shelf.was_not_read(&trouble);
                work.due_at = work.due_at.min(shelf.next_at);
                self.desk.was_not_read(device, trouble);
            }
        }
    }

    fn was_sent(&self, work: &mut Work, received: Received) {
        let now = self.clock.now();
        let Some(device) = work.addresses.get(&received.from).copied() else {
            return self.desk.was_sent_by_stranger(received.from, now);
        };
        if self.desk.is_off(device) {
            return;
        }
        if let Some(mut line) = understand(&received.bytes, now) {
            line.is_after_gap = received.is_after_gap;
            work.pending.take_sent(device, line);
            work.write_soon();
        }
    }

    /// Writes down what waits, and forgets a little of what is too old or too much.
    async fn write(&self, work: &mut Work, duty: &Duty) {
        let begun = Instant::now();
        work.write_at = None;
        let wait = match self.write_down(work).await {
            Ok(()) => {
                duty.ran();
                BATCH_WAIT.max(begun.elapsed())
            }
            Err(error) => {
                duty.failed(error.to_string());
                RETRY
            }
        };
        work.held_until = Instant::now() + wait;
        let is_more = !work.pending.is_empty() || work.tally.excess(self.bounds).is_some();
        work.write_at = (is_more || !work.doubtful.is_empty()).then_some(work.held_until);
    }

    async fn write_down(&self, work: &mut Work) -> Result<()> {
        self.look_up(work).await?;
        if !work.pending.is_empty() {
            let read_to: Vec<_> =
                work.pending.readers.iter().map(|(device, reader)| (*device, reader.known())).collect();
            match in_time(self.store.logs().write(&work.pending.lines, &read_to)).await {
                Ok(newest) => work.newest = work.newest.max(newest),
                Err(error) => {
                    work.doubtful.extend(work.pending.failed());
                    return Err(error);
                }
            }
            self.was_written(work);
        }
        self.tidy(work).await
    }

    /// An answer of the database was lost: what it holds says where to go on.
    async fn look_up(&self, work: &mut Work) -> Result<()> {
        if work.doubtful.is_empty() && !work.pending.is_in_doubt() {
            return Ok(());
        }
        let (mut books, newest) = in_time(self.store.logs().look_up()).await?;
        let was_written = newest > work.newest;
        if was_written {
            work.newest = newest;
            work.tally = Tally::of(in_time(self.store.logs().counts()).await?);
        }
        let sent = work.pending.settle(was_written);
        for device in &work.doubtful {
            let known = books.remove(device).unwrap_or_default().known;
            work.shelves.entry(*device).and_modify(|shelf| *shelf = Shelf::new(*device, known));
        }
        let read = work.doubtful.drain().filter(|_| was_written);
        self.desk.were_written(read.chain(sent).collect::<HashSet<_>>());
        Ok(())
    }

    fn was_written(&self, work: &mut Work) {
        for line in &work.pending.lines {
            work.tally.add(line.device);
        }
        for (device, reader) in work.pending.readers.drain(..) {
            if let Some(shelf) = work.shelves.get_mut(&device) {
                (shelf.reader, shelf.is_busy) = (reader, false);
            }
        }
        self.desk.were_written(work.pending.written());
    }

    async fn tidy(&self, work: &mut Work) -> Result<()> {
        if let Some((device, excess)) = work.tally.excess(self.bounds) {
            let gone = in_time(self.store.logs().forget(device, None, excess.min(FORGET_MAX))).await?;
            if gone.is_empty() {
                // Somebody else forgot them: count again.
                work.tally = Tally::of(in_time(self.store.logs().counts()).await?);
            }
            gone.into_iter().for_each(|device| work.tally.remove(device));
        }
        if work.age_at <= Instant::now() {
            let before = Timestamp(self.clock.now().0.saturating_sub(i64::from(self.bounds.days) * DAY_MS));
            let gone = in_time(self.store.logs().forget(None, Some(before), FORGET_MAX)).await?;
            let is_all = (gone.len() as u64) < FORGET_MAX;
            gone.into_iter().for_each(|device| work.tally.remove(device));
            work.age_at = Instant::now() + if is_all { AGE_EVERY } else { LOOK_EVERY };
        }
        Ok(())
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
        let soon = if self.pending.is_full() { Duration::ZERO } else { BATCH_WAIT };
        let at = (Instant::now() + soon).max(self.held_until);
        self.write_at = Some(self.write_at.map_or(at, |known| known.min(at)));
    }

    fn next_wake(&self) -> Instant {
        let soonest = self.look_at.min(self.due_at);
        self.write_at.map_or(soonest, |at| at.min(soonest))
    }
}
