//! Streams that are open at once: few of each sender, and strangers take no seat of a device.
//!
//! Who has all it may have and comes once more gets the seat of the stream that has been silent longest: its far end may
//! be gone, as after a power cut, and nothing would tell.

use parking_lot::Mutex;
use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Streams of devices open at once, and of one sender.
const STREAMS_MAX: usize = 256;
const STREAMS_PER_SENDER_MAX: usize = 4;
/// Streams of strangers: they have seats of their own.
const STRANGE_STREAMS_MAX: usize = 16;
/// Who has said something within so long keeps the seat: else streams that are all in use would chase each other.
pub(super) const SILENCE_LEAST: Duration = Duration::from_secs(30);

/// A stream's place, as what its sender was when it came.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub from: IpAddr,
    is_known: bool,
    /// It is to end, for itself or with all others.
    pub leave: CancellationToken,
    /// Nothing while what was said is taken.
    silent_since: Arc<Mutex<Option<Instant>>>,
}

impl Seat {
    pub fn new(from: IpAddr, is_known: bool, stop: &CancellationToken) -> Self {
        let silent_since = Arc::new(Mutex::new(Some(Instant::now())));
        Self { from, is_known, leave: stop.child_token(), silent_since }
    }

    /// Nothing is heard of it from now on.
    pub fn fall_silent(&self) {
        *self.silent_since.lock() = Some(Instant::now());
    }

    /// It has said something, which is not taken yet.
    pub fn speak(&self) {
        *self.silent_since.lock() = None;
    }

    fn is(&self, other: &Seat) -> bool {
        Arc::ptr_eq(&self.silent_since, &other.silent_since)
    }
}

#[derive(Default)]
pub(super) struct Seats {
    of_each: HashMap<IpAddr, Vec<Seat>>,
    of_devices: usize,
    of_strangers: usize,
}

impl Seats {
    pub fn take(&mut self, seat: Seat) -> Option<Seat> {
        let own = self.of_each.get(&seat.from).map(Vec::as_slice).unwrap_or_default();
        let given_up = if own.len() < STREAMS_PER_SENDER_MAX { None } else { Some(longest_silent(own)?) };
        let (taken, max) = match seat.is_known {
            true => (self.of_devices, STREAMS_MAX),
            false => (self.of_strangers, STRANGE_STREAMS_MAX),
        };
        let is_exchanged = given_up.as_ref().is_some_and(|given_up| given_up.is_known == seat.is_known);
        if taken >= max && !is_exchanged {
            return None;
        }
        if let Some(given_up) = given_up {
            given_up.leave.cancel();
            self.free(&given_up);
        }
        *self.taken(&seat) += 1;
        self.of_each.entry(seat.from).or_default().push(seat.clone());
        Some(seat)
    }

    /// One that is another stream's already stays that one's.
    pub fn free(&mut self, seat: &Seat) {
        let Some(own) = self.of_each.get_mut(&seat.from) else { return };
        let Some(at) = own.iter().position(|one| one.is(seat)) else { return };
        own.swap_remove(at);
        if own.is_empty() {
            self.of_each.remove(&seat.from);
        }
        *self.taken(seat) -= 1;
    }

    fn taken(&mut self, seat: &Seat) -> &mut usize {
        if seat.is_known { &mut self.of_devices } else { &mut self.of_strangers }
    }
}

/// The stream that has been silent longest, where one has been for long enough.
fn longest_silent(own: &[Seat]) -> Option<Seat> {
    let silent = own.iter().filter_map(|seat| Some(((*seat.silent_since.lock())?, seat)));
    let (since, seat) = silent.min_by_key(|(since, _)| *since)?;
    (since.elapsed() >= SILENCE_LEAST).then(|| seat.clone())
}
