//! A line that a router both keeps and sends comes twice, by two ways: the second one is left out.
//!
//! What was judged can be taken back: lines that could not be written down are judged again.

use crate::store::NewLine;
use model::{DeviceId, LogWay, Timestamp};
use std::{
    collections::{HashMap, VecDeque, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

/// How far apart the two may be: as long as a router's log may wait to be read, and a clock may be wrong.
const APART_MS: u64 = 120_000;
/// The same for what was sent before we started: whether its twin was left out already is not known, so that only one of
/// the same moment is taken for it.
const APART_BEFORE_MS: u64 = 3_000;
/// Lines of one device that wait for their twins. What is sent waits until the log is read, which may be a minute, and a
/// sender may send 4,000 lines at once and 200 a second.
const WAITING_MAX: usize = 16_384;
/// Lines of all devices: 8 MiB at most.
const ALL_WAITING_MAX: usize = 131_072;

/// What has come lately without its twin.
#[derive(Debug, Default)]
pub(super) struct Twins {
    each: HashMap<DeviceId, Waiting>,
    total: usize,
    /// What was done since it was last kept or taken back.
    done: Vec<Done>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The oldest first.
    ones: VecDeque<One>,
    /// How many there are of the same words that were read, or sent: most lines find none of the other way.
    counts: HashMap<(u64, bool), u32>,
}

#[derive(Clone, Copy, Debug)]
struct One {
    words: u64,
    way: LogWay,
    at: Timestamp,
    apart_ms: u64,
}

impl One {
    fn of(new: &NewLine, apart_ms: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        (new.line.level, &new.line.topics, &new.line.message).hash(&mut hasher);
        Self { words: hasher.finish(), way: new.way, at: new.line.at, apart_ms }
    }

    fn was_read(self) -> bool {
        self.way == LogWay::Api
    }
}

#[derive(Debug)]
enum Done {
    /// One more waits, the last of its device.
    Waits(DeviceId),
    /// The one that stood in this place waits no longer.
    Met(DeviceId, usize, One),
}

impl Twins {
    /// Whether this line has come already by the other way.
    pub fn has_come(&mut self, new: &NewLine) -> bool {
        let one = One::of(new, APART_MS);
        let waiting = self.each.entry(new.device).or_default();
        if let Some(place) = waiting.twin_of(one)
            && let Some(twin) = waiting.remove(place)
        {
            self.total -= 1;
            self.done.push(Done::Met(new.device, place, twin));
            return true;
        }
        waiting.insert(waiting.ones.len(), one);
        self.total += 1;
        self.done.push(Done::Waits(new.device));
        false
    }

    /// Lines that were written down before we started, the oldest first, wait too.
    pub fn remember(&mut self, lines: &[NewLine]) {
        for new in lines {
            let waiting = self.each.entry(new.device).or_default();
            waiting.insert(waiting.ones.len(), One::of(new, APART_BEFORE_MS));
            self.total += 1;
        }
    }

    /// What was judged counts, and what is too much is forgotten: of the device that has the most first.
    pub fn keep(&mut self) {
        for done in self.done.drain(..) {
            let Done::Waits(device) = done else { continue };
            let Some(waiting) = self.each.get_mut(&device) else { continue };
            while waiting.ones.len() > WAITING_MAX {
                waiting.remove(0);
                self.total -= 1;
            }
        }
        while self.total > ALL_WAITING_MAX {
            let Some(most) = self.each.values_mut().max_by_key(|waiting| waiting.ones.len()) else { return };
            for _ in 0..most.ones.len().div_ceil(2) {
                most.remove(0);
                self.total -= 1;
            }
        }
    }

    /// As if nothing had come since it was last kept.
    pub fn take_back(&mut self) {
        while let Some(done) = self.done.pop() {
            match done {
                Done::Waits(device) => {
                    let waiting = self.each.get_mut(&device);
                    let last = waiting.and_then(|waiting| waiting.remove(waiting.ones.len().checked_sub(1)?));
                    self.total -= usize::from(last.is_some());
                }
                Done::Met(device, place, one) => {
                    self.each.entry(device).or_default().insert(place, one);
                    self.total += 1;
                }
            }
        }
    }

    /// Only of these: the others send nothing.
    pub fn keep_only(&mut self, is_there: impl Fn(DeviceId) -> bool) {
        self.each.retain(|device, _| is_there(*device));
        self.total = self.each.values().map(|waiting| waiting.ones.len()).sum();
    }
}

impl Waiting {
    fn twin_of(&self, new: One) -> Option<usize> {
        if !self.counts.contains_key(&(new.words, !new.was_read())) {
            return None;
        }
        let is_near = |one: &One| one.at.0.abs_diff(new.at.0) <= one.apart_ms;
        let is_twin = |one: &One| one.words == new.words && one.way != new.way && is_near(one);
        self.ones.iter().position(is_twin)
    }

    fn insert(&mut self, place: usize, one: One) {
        *self.counts.entry((one.words, one.was_read())).or_default() += 1;
        self.ones.insert(place.min(self.ones.len()), one);
    }

    fn remove(&mut self, place: usize) -> Option<One> {
        let one = self.ones.remove(place)?;
        let key = (one.words, one.was_read());
        let left = self.counts.remove(&key).unwrap_or_default().saturating_sub(1);
        if left > 0 {
            self.counts.insert(key, left);
        }
        Some(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LogWay::{Api, Syslog};
    use engine::log::Line;
    use model::LogLevel;

    fn line(way: LogWay, at_s: i64, message: &str) -> NewLine {
        let line = Line {
            at: Timestamp(at_s * 1_000),
            level: LogLevel::Info,
            topics: vec!["system".to_owned()],
            message: message.to_owned(),
            is_after_gap: false,
        };
        NewLine { device: DeviceId(1), way, line }
    }

    #[test]
    fn a_line_that_comes_by_both_ways_is_kept_once_and_one_that_is_said_twice_is_kept_twice() {
        let mut twins = Twins::default();
        let came: Vec<bool> = [
            line(Syslog, 10, "up"),
            line(Syslog, 11, "up"),
            line(Api, 10, "up"),
            line(Api, 11, "up"),
            line(Api, 12, "up"),
            line(Syslog, 12, "down"),
            line(Syslog, 500, "up"),
        ]
        .iter()
        .map(|line| twins.has_come(line))
        .collect();
        assert_eq!(came, [false, false, true, true, false, false, false]);
    }

    #[test]
    fn what_is_sent_waits_for_its_twins_however_fast_it_comes_within_its_measure() {
        let mut twins = Twins::default();
        // A minute of 200 lines a second, until the log is read.
        let sent: Vec<NewLine> = (0..12_000).map(|n| line(Syslog, n / 200, &n.to_string())).collect();
        assert!(!sent.iter().any(|line| twins.has_come(line)));
        twins.keep();
        let read = (0..12_000).map(|n| line(Api, n / 200, &n.to_string()));
        assert_eq!(read.filter(|line| !twins.has_come(line)).count(), 0);
        assert!(twins.each[&DeviceId(1)].counts.is_empty());
    }

    #[test]
    fn what_was_taken_back_is_judged_as_if_it_had_not_been() {
        let mut twins = Twins::default();
        twins.has_come(&line(Syslog, 10, "sent"));
        twins.keep();
        for _ in 0..3 {
            assert!(twins.has_come(&line(Api, 10, "sent")));
            assert!(!twins.has_come(&line(Api, 10, "read")));
            assert!(twins.has_come(&line(Syslog, 10, "read")));
            twins.take_back();
        }
        assert_eq!(twins.total, 1);
        assert!(twins.has_come(&line(Api, 11, "sent")));
        assert!(!twins.has_come(&line(Api, 11, "sent")));
    }

    #[test]
    fn what_was_sent_before_a_start_is_known_again_when_it_is_read_after_it() {
        let mut twins = Twins::default();
        twins.remember(&[line(Syslog, 10, "up"), line(Syslog, 11, "down")]);
        assert!(twins.has_come(&line(Api, 9, "up")));
        assert!(!twins.has_come(&line(Api, 20, "down")), "it may be another one, said again");
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_and_the_loudest_is_forgotten_first() {
        let mut twins = Twins::default();
        for device in 0..20 {
            let lines = if device == 0 { 100 } else { 2 * WAITING_MAX };
            for number in 0..lines {
                twins.has_come(&NewLine { device: DeviceId(device), ..line(Syslog, 1, &number.to_string()) });
            }
            twins.keep();
            assert!(twins.total <= ALL_WAITING_MAX);
        }
        assert_eq!(twins.each[&DeviceId(0)].ones.len(), 100);
        assert_eq!(twins.total, twins.each.values().map(|waiting| waiting.ones.len()).sum::<usize>());
    }
}
