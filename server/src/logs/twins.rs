//! A line that a router both keeps and sends comes twice, by two ways: the second one is left out.

use crate::store::NewLine;
use model::{DeviceId, LogWay, Timestamp};
use std::{
    collections::{HashMap, VecDeque, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

/// How far apart the two may be: as long as a router's log may wait to be read, and a clock may be wrong.
const APART_MS: u64 = 120_000;
/// Lines of one device that wait for their twins; and devices that are remembered.
const WAITING_MAX: usize = 500;

/// What has come lately without its twin.
#[derive(Debug, Default)]
pub(super) struct Twins(HashMap<DeviceId, VecDeque<One>>);

#[derive(Debug)]
struct One {
    words: u64,
    way: LogWay,
    at: Timestamp,
}

impl Twins {
    /// Whether this line has come already by the other way.
    pub fn has_come(&mut self, new: &NewLine) -> bool {
        let mut hasher = DefaultHasher::new();
        (new.line.level, &new.line.topics, &new.line.message).hash(&mut hasher);
        let words = hasher.finish();
        let at = new.line.at;
        let waiting = self.0.entry(new.device).or_default();
        let is_twin =
            |one: &One| one.words == words && one.way != new.way && one.at.0.abs_diff(at.0) <= APART_MS;
        if let Some(place) = waiting.iter().position(is_twin) {
            waiting.remove(place);
            return true;
        }
        if waiting.len() == WAITING_MAX {
            waiting.pop_front();
        }
        waiting.push_back(One { words, way: new.way, at });
        false
    }

    /// Only of these: the others send nothing.
    pub fn keep_only(&mut self, is_there: impl Fn(DeviceId) -> bool) {
        self.0.retain(|device, _| is_there(*device));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        use LogWay::{Api, Syslog};
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
        for number in 0..10_000 {
            twins.has_come(&line(Syslog, 1, &number.to_string()));
        }
        assert_eq!(twins.0[&DeviceId(1)].len(), WAITING_MAX);
    }
}
