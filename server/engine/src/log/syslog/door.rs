//! What every line comes through, from whichever socket: who sent it, whether it is its turn, and where it goes.

use super::throttle::{Lost, Throttle};
use model::LogLoss;
use parking_lot::Mutex;
use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// A device that has lost lines and sends no more is said to have, after so long.
const SILENCE: Duration = Duration::from_secs(1);

/// What was sent, and by whom.
#[derive(Debug)]
pub struct Received {
    pub from: IpAddr,
    /// Nothing, where it only tells what was lost.
    pub bytes: Box<[u8]>,
    /// Lines before it that were not taken.
    pub lost: Lost,
    /// Its share of the room for what waits.
    _room: Option<OwnedSemaphorePermit>,
}

/// From where devices send, as far as is known now. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Known(watch::Sender<Option<Arc<HashSet<IpAddr>>>>);

impl Known {
    pub fn replace(&self, addresses: HashSet<IpAddr>) {
        self.0.send_replace(Some(Arc::new(addresses)));
    }

    /// Returns once it was said for the first time: before, everybody would be a stranger.
    pub async fn is_said(&self) {
        // It never ends: this is its sender.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    pub(super) fn now(&self) -> Arc<HashSet<IpAddr>> {
        self.0.borrow().clone().unwrap_or_default()
    }
}

/// What becomes of a line before anybody looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is handed on.
    Taken,
    /// Its device had sent too many.
    TooMany,
    /// It found no place among what waits.
    NoRoom,
    /// Its sender is no device.
    Strange,
}

impl Fate {
    pub const ALL: [Fate; 4] = [Fate::Taken, Fate::TooMany, Fate::NoRoom, Fate::Strange];

    pub fn word(self) -> &'static str {
        match self {
            Fate::Taken => "taken",
            Fate::TooMany => "too_many",
            Fate::NoRoom => "no_room",
            Fate::Strange => "stranger",
        }
    }
}

/// How many lines came since the start, by what became of them. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Counts(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    taken: AtomicU64,
    too_many: AtomicU64,
    no_room: AtomicU64,
    strange: AtomicU64,
}

impl Counts {
    pub fn of(&self, fate: Fate) -> u64 {
        self.number(fate).load(Ordering::Relaxed)
    }

    fn add(&self, fate: Fate) {
        self.number(fate).fetch_add(1, Ordering::Relaxed);
    }

    fn number(&self, fate: Fate) -> &AtomicU64 {
        match fate {
            Fate::Taken => &self.0.taken,
            Fate::TooMany => &self.0.too_many,
            Fate::NoRoom => &self.0.no_room,
            Fate::Strange => &self.0.strange,
        }
    }
}

/// Where lines go: those of strangers fill no place of a device's, and what waits in its stream fills none of what
/// cannot wait.
#[derive(Clone, Debug)]
pub struct Outbox {
    pub known: Known,
    pub of_devices: mpsc::Sender<Received>,
    /// In bytes, for all that waits there.
    pub room: Arc<Semaphore>,
    pub of_streams: mpsc::Sender<Received>,
    pub of_strangers: mpsc::Sender<Received>,
    pub counts: Counts,
}

pub(super) struct Door {
    out: Outbox,
    throttle: Mutex<Throttle>,
}

impl Door {
    pub fn new(out: Outbox) -> Self {
        Self { out, throttle: Mutex::new(Throttle::new(Instant::now())) }
    }

    pub fn knows(&self, from: IpAddr) -> bool {
        self.out.known.now().contains(&from)
    }

    /// Takes a line that cannot wait. Where it is lost, the next one of its sender says so.
    pub fn take(&self, from: IpAddr, bytes: &[u8]) {
        let known = self.out.known.now();
        let mut throttle = self.throttle.lock();
        let now = Instant::now();
        let is_taken = throttle.judge(from, &known, bytes.len(), now);
        if !known.contains(&from) {
            return self.take_of_stranger(from, bytes.into(), is_taken);
        }
        if !is_taken {
            return self.out.counts.add(Fate::TooMany);
        }
        if self.offer(from, bytes.into(), throttle.lost(from)) {
            throttle.told(from);
            self.out.counts.add(Fate::Taken);
        } else {
            throttle.found_no_room(from, now);
            self.out.counts.add(Fate::NoRoom);
        }
    }

    /// Takes a line of a stream, which is read no further meanwhile: its sender waits then. Once it is to stop, what was
    /// read already waits for no turn any more.
    pub async fn take_in_turn(&self, from: IpAddr, bytes: Box<[u8]>, stop: &CancellationToken) {
        loop {
            let known = self.out.known.now();
            let turn = self.throttle.lock().turn(from, &known, bytes.len(), Instant::now());
            let Err(later) = turn else { break };
            if stop.run_until_cancelled(sleep_until(later)).await.is_none() {
                break;
            }
        }
        if !self.knows(from) {
            return self.take_of_stranger(from, bytes, true);
        }
        let received = Received { from, bytes, lost: Lost::default(), _room: None };
        if self.out.of_streams.send(received).await.is_ok() {
            self.out.counts.add(Fate::Taken);
        }
    }

    /// Whether there is something to tell of what was lost.
    pub fn is_owing(&self) -> bool {
        self.throttle.lock().is_owing()
    }

    /// Says of devices that sent nothing for a while what was lost of them, and in the program's own log what was lost in
    /// all.
    pub fn tell(&self) {
        self.tell_of_silent(SILENCE);
        let complaint = self.throttle.lock().complaint(Instant::now());
        if let Some(complaint) = complaint {
            tracing::warn!(
                lines = complaint.lines,
                devices = complaint.senders,
                most_from = %complaint.most,
                "lines that were sent by syslog were dropped: a device may send {} at once and {} a second, and all \
                 together what can be written down",
                LogLoss::BURST,
                LogLoss::LINES_PER_S,
            );
        }
    }

    /// Says it of all of them: nobody sends any more.
    pub fn tell_the_rest(&self) {
        self.tell_of_silent(Duration::ZERO);
    }

    fn tell_of_silent(&self, silence: Duration) {
        let mut throttle = self.throttle.lock();
        for (from, lost) in throttle.quiet(silence, Instant::now()) {
            // What finds no place is tried again.
            if self.offer(from, Box::default(), lost) {
                throttle.told(from);
            }
        }
    }

    /// Of strangers' lines none is kept.
    fn take_of_stranger(&self, from: IpAddr, bytes: Box<[u8]>, is_taken: bool) {
        self.out.counts.add(Fate::Strange);
        if is_taken {
            let received = Received { from, bytes, lost: Lost::default(), _room: None };
            // They are only counted, and one more or less says as much.
            let _ = self.out.of_strangers.try_send(received);
        }
    }

    /// Whether there is a place for it.
    fn offer(&self, from: IpAddr, bytes: Box<[u8]>, lost: Lost) -> bool {
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let Ok(room) = self.out.room.clone().try_acquire_many_owned(size) else { return false };
        self.out.of_devices.try_send(Received { from, bytes, lost, _room: Some(room) }).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn door(places: usize, bytes: usize) -> (Door, mpsc::Receiver<Received>) {
        let (of_devices, received) = mpsc::channel(places);
        let out = Outbox {
            known: Known::default(),
            of_devices,
            room: Arc::new(Semaphore::new(bytes)),
            of_streams: mpsc::channel(1).0,
            of_strangers: mpsc::channel(1).0,
            counts: Counts::default(),
        };
        out.known.replace([DEVICE].into());
        (Door::new(out), received)
    }

    fn lost_of(received: &mut mpsc::Receiver<Received>) -> Vec<Lost> {
        std::iter::from_fn(|| received.try_recv().ok()).map(|one| one.lost).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_lost_at_the_end_of_a_burst_is_told_once_its_sender_is_quiet() {
        let (door, mut received) = door(8_192, 1 << 20);
        (0..5_000).for_each(|_| door.take(DEVICE, b"one of many"));
        assert!(door.is_owing());
        door.tell();
        assert_eq!(lost_of(&mut received), vec![Lost::default(); 4_000], "it may go on");
        tokio::time::advance(SILENCE).await;
        door.tell();
        let last = received.try_recv().unwrap();
        assert_eq!(
            (last.from, last.bytes.len(), last.lost),
            (DEVICE, 0, Lost { too_many: 1_000, no_room: 0 })
        );
        door.tell();
        assert_eq!((lost_of(&mut received), door.is_owing()), (Vec::new(), false));
        let counts = Fate::ALL.map(|fate| door.out.counts.of(fate));
        assert_eq!(counts, [4_000, 1_000, 0, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_finds_no_place_is_said_by_the_next_that_does_and_room_is_counted_in_bytes() {
        for (places, bytes) in [(2, 1 << 20), (64, 2 * 10)] {
            let (door, mut received) = door(places, bytes);
            (0..5).for_each(|_| door.take(DEVICE, b"ten bytes!"));
            assert_eq!(lost_of(&mut received), [Lost::default(); 2]);
            door.take(DEVICE, b"next");
            assert_eq!(lost_of(&mut received), [Lost { too_many: 0, no_room: 3 }]);
            door.tell_the_rest();
            assert_eq!(lost_of(&mut received), []);
        }
    }
}
