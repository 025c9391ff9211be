//! How much of whom is answered: people guess codes, write to bots that are not theirs, and have programs write for them.

use engine::Clock;
use model::Timestamp;
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// Commands of one person in a minute; what is beyond is not answered.
const COMMANDS: (u32, i64) = (20, 60_000);
/// Codes that one person may try in an hour, and all of them together.
const CODES: (u32, i64) = (5, 3_600_000);
const ALL_CODES: (u32, i64) = (60, 3_600_000);
/// Strangers are told once a day who they are to us, and not too many of them.
const STRANGER: (u32, i64) = (1, 24 * 3_600_000);
const ALL_STRANGERS: (u32, i64) = (20, 60_000);
/// Most people remembered; beyond, those whose time is over are forgotten, and else all.
const COUNTS_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    Command,
    Code,
    Stranger,
}

/// In memory: a restart forgives.
pub struct Limits {
    clock: Arc<dyn Clock>,
    /// Since when, and how many; by person, or of everybody.
    counts: Mutex<HashMap<(What, Option<i64>), Count>>,
}

struct Count {
    since: Timestamp,
    number: u32,
    lasts_ms: i64,
}

impl Limits {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counts: Mutex::default() }
    }

    pub fn admits_command(&self, person: i64) -> bool {
        self.admits((What::Command, Some(person)), COMMANDS)
    }

    pub fn admits_code(&self, person: i64) -> bool {
        self.admits((What::Code, Some(person)), CODES) && self.admits((What::Code, None), ALL_CODES)
    }

    pub fn admits_stranger(&self, chat: i64) -> bool {
        self.admits((What::Stranger, Some(chat)), STRANGER)
            && self.admits((What::Stranger, None), ALL_STRANGERS)
    }

    fn admits(&self, key: (What, Option<i64>), (most, lasts_ms): (u32, i64)) -> bool {
        let now = self.clock.now();
        let mut counts = self.counts.lock();
        if counts.len() >= COUNTS_MAX && !counts.contains_key(&key) {
            counts.retain(|_, count| !count.is_over(now));
            if counts.len() >= COUNTS_MAX {
                counts.clear();
            }
        }
        let count = counts.entry(key).or_insert(Count { since: now, number: 0, lasts_ms });
        if count.is_over(now) {
            (count.since, count.number) = (now, 0);
        }
        count.number = count.number.saturating_add(1);
        count.number <= most
    }
}

impl Count {
    /// Also when the clock was set back behind its beginning.
    fn is_over(&self, now: Timestamp) -> bool {
        now < self.since || now.since_ms(self.since) >= self.lasts_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Hands;

    #[test]
    fn what_is_too_much_is_not_answered_until_its_time_is_over() {
        let clock = Arc::new(Hands::default());
        let limits = Limits::new(clock.clone());
        let commands = |person| (0..100).filter(|_| limits.admits_command(person)).count();
        assert_eq!((commands(1), commands(1), commands(2)), (20, 0, 20));
        let codes = |people: std::ops::Range<i64>| {
            people.flat_map(|person| [person; 9]).filter(|person| limits.admits_code(*person)).count()
        };
        assert_eq!((codes(0..1), codes(1..100)), (5, 55), "five a person, sixty of all");
        assert!(limits.admits_stranger(-7) && !limits.admits_stranger(-7));
        clock.forward(60_000);
        assert_eq!((commands(1), codes(200..201)), (20, 0));
        assert!(!limits.admits_stranger(-7));
        clock.forward(24 * 3_600_000);
        assert!(limits.admits_stranger(-7));
        assert_eq!((0..200).filter(|chat| limits.admits_stranger(1_000 + chat)).count(), 19);
    }

    #[test]
    fn however_many_people_there_are_not_all_are_remembered() {
        let limits = Limits::new(Arc::new(Hands::default()));
        for person in 0..3 * i64::try_from(COUNTS_MAX).unwrap() {
            limits.admits_command(person);
        }
        assert!(limits.counts.lock().len() <= COUNTS_MAX);
    }
}
