//! Streams that are open at once: few of each sender, and strangers take no seat of a device.

use std::{collections::HashMap, net::IpAddr};

/// Streams of devices open at once, and of one sender.
const STREAMS_MAX: usize = 256;
const STREAMS_PER_SENDER_MAX: usize = 4;
/// Streams of strangers: they have seats of their own.
const STRANGE_STREAMS_MAX: usize = 16;

/// A stream's place, as what it was when it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub from: IpAddr,
    pub is_known: bool,
}

#[derive(Default)]
pub(super) struct Seats {
    of_each: HashMap<IpAddr, usize>,
    of_devices: usize,
    of_strangers: usize,
}

impl Seats {
    pub fn take(&mut self, seat: Seat) -> Option<Seat> {
        let own = self.of_each.get(&seat.from).copied().unwrap_or_default();
        let (taken, max) = match seat.is_known {
            true => (&mut self.of_devices, STREAMS_MAX),
            false => (&mut self.of_strangers, STRANGE_STREAMS_MAX),
        };
        if own >= STREAMS_PER_SENDER_MAX || *taken >= max {
            return None;
        }
        *taken += 1;
        self.of_each.insert(seat.from, own + 1);
        Some(seat)
    }

    pub fn free(&mut self, seat: Seat) {
        let left = self.of_each.remove(&seat.from).unwrap_or_default().saturating_sub(1);
        if left > 0 {
            self.of_each.insert(seat.from, left);
        }
        let taken = if seat.is_known { &mut self.of_devices } else { &mut self.of_strangers };
        *taken = taken.saturating_sub(1);
    }
}
