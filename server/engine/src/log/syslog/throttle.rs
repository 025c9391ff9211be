//! How many lines each sender may send: a flood of one takes no place from the others.
//!
//! Devices and strangers are judged apart: whoever invents senders takes nothing from a device.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    net::IpAddr,
};
use tokio::time::Instant;

/// Lines a second that a sender may send for long.
const LINES_PER_S: f64 = 200.0;
/// Lines at once, after a pause.
const BURST: f64 = 1_000.0;
/// The same of all strangers together, of whose lines none is kept.
const STRANGE_LINES_PER_S: f64 = 500.0;
/// Strangers that are remembered; UDP lets anybody be anybody.
const STRANGERS_MAX: usize = 4_096;

#[derive(Debug)]
pub(super) struct Throttle {
    devices: HashMap<IpAddr, Sender>,
    strangers: HashMap<IpAddr, Sender>,
    /// Strangers by when they sent last.
    by_silence: BTreeSet<(Instant, IpAddr)>,
    of_strangers: Room,
}

#[derive(Debug)]
struct Sender {
    room: Room,
    /// Lines that were not taken since the last one that was.
    has_lost: bool,
}

/// Lines that may still be sent, as of then.
#[derive(Clone, Copy, Debug)]
struct Room {
    lines: f64,
    at: Instant,
}

/// Whether a line is taken; when it is, whether others before it were not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Taken { is_after_gap: bool },
    Refused,
}

impl Throttle {
    pub fn new(now: Instant) -> Self {
        let (devices, strangers, by_silence) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Self { devices, strangers, by_silence, of_strangers: Room::new(now) }
    }

    /// Judges a line of one of the `known`, or of a stranger.
    pub fn judge(&mut self, from: IpAddr, known: &HashSet<IpAddr>, now: Instant) -> Verdict {
        if !known.contains(&from) {
            return self.judge_stranger(from, now);
        }
        if self.devices.len() >= known.len() && !self.devices.contains_key(&from) {
            self.devices.retain(|device, _| known.contains(device));
        }
        self.devices.entry(from).or_insert_with(|| Sender::new(now)).judge(now)
    }

    fn judge_stranger(&mut self, from: IpAddr, now: Instant) -> Verdict {
        if !self.of_strangers.take(now, STRANGE_LINES_PER_S) {
            return Verdict::Refused;
        }
        match self.strangers.get(&from) {
            Some(sender) => drop(self.by_silence.remove(&(sender.room.at, from))),
            // The one that was silent for the longest makes room.
            None if self.strangers.len() >= STRANGERS_MAX => {
                let oldest = self.by_silence.pop_first();
                oldest.and_then(|(_, oldest)| self.strangers.remove(&oldest));
            }
            None => {}
        }
        self.by_silence.insert((now, from));
        self.strangers.entry(from).or_insert_with(|| Sender::new(now)).judge(now)
    }

    /// A line that was taken found no place after all.
    pub fn lost(&mut self, from: IpAddr) {
        if let Some(sender) = self.devices.get_mut(&from) {
            sender.has_lost = true;
        }
    }
}

impl Sender {
    fn new(now: Instant) -> Self {
        Self { room: Room::new(now), has_lost: false }
    }

    fn judge(&mut self, now: Instant) -> Verdict {
        if !self.room.take(now, LINES_PER_S) {
            self.has_lost = true;
            return Verdict::Refused;
        }
        Verdict::Taken { is_after_gap: std::mem::take(&mut self.has_lost) }
    }
}

impl Room {
    fn new(now: Instant) -> Self {
        Self { lines: BURST, at: now }
    }

    fn take(&mut self, now: Instant, lines_per_s: f64) -> bool {
        let grown = now.duration_since(self.at).as_secs_f64() * lines_per_s;
        (self.lines, self.at) = ((self.lines + grown).min(BURST), now);
        if self.lines < 1.0 {
            return false;
        }
        self.lines -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const LOUD: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const QUIET: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
    const TAKEN: Verdict = Verdict::Taken { is_after_gap: false };

    #[test]
    fn a_flood_is_taken_at_its_measure_said_to_have_gaps_and_costs_others_nothing() {
        let (begin, known) = (Instant::now(), HashSet::from([LOUD, QUIET]));
        let mut throttle = Throttle::new(begin);
        let (mut taken, mut gaps) = (0, 0);
        for line in 0..50_000_u32 {
            // 5,000 lines a second for ten seconds.
            let now = begin + Duration::from_micros(u64::from(line) * 200);
            if let Verdict::Taken { is_after_gap } = throttle.judge(LOUD, &known, now) {
                taken += 1;
                gaps += u32::from(is_after_gap);
            }
        }
        assert!((2_900..=3_100).contains(&taken), "{taken}");
        assert!(gaps > 1_000, "{gaps}");
        assert_eq!(throttle.judge(QUIET, &known, begin + Duration::from_secs(10)), TAKEN);
        // Another device has its place, and the first ones are none any more.
        let other = HashSet::from([IpAddr::from([192, 0, 2, 3])]);
        assert_eq!(throttle.judge([192, 0, 2, 3].into(), &other, begin + Duration::from_secs(11)), TAKEN);
        assert_eq!(throttle.devices.len(), 1);
    }

    #[test]
    fn whoever_invents_senders_takes_nothing_from_devices_nor_from_a_stranger_that_goes_on() {
        let (begin, known) = (Instant::now(), HashSet::from([QUIET]));
        let mut throttle = Throttle::new(begin);
        let mut now = begin;
        for invented in 0..100_000_u32 {
            // As many as strangers may send, and each is another one.
            now += Duration::from_millis(3);
            throttle.judge(IpAddr::from((0x0b00_0000 + invented).to_be_bytes()), &known, now);
            if invented % 1_000 == 0 {
                assert_eq!(throttle.judge(QUIET, &known, now), TAKEN, "{invented}");
                assert_eq!(throttle.judge(LOUD, &known, now), TAKEN, "{invented}");
            }
        }
        assert!(throttle.strangers.contains_key(&LOUD), "it never was the longest silent");
        assert_eq!((throttle.strangers.len(), throttle.by_silence.len()), (STRANGERS_MAX, STRANGERS_MAX));
        for _ in 0..10_000 {
            throttle.judge(LOUD, &known, now);
        }
        assert_eq!(throttle.judge(LOUD, &known, now), Verdict::Refused);
        assert_eq!(throttle.judge(QUIET, &known, now), TAKEN);
    }
}
