//! How much a browser may say.

use std::time::{Duration, Instant};

/// How fast it may speak, and how much at once.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// How long each message counts, one after the other.
    pub each: Duration,
    /// And each of its bytes, in nanoseconds.
    pub nanos_a_byte: u64,
    /// For so long may count what is said at once.
    pub at_once: Duration,
}

impl Rate {
    /// A hundred messages at once, and in a minute on average, of whatever length a message may have: more than any page
    /// of ours sends.
    pub const WORDS: Self =
        Self { each: Duration::from_millis(600), nanos_a_byte: 0, at_once: Duration::from_secs(60) };
}

/// A bucket that each message fills a little and time empties.
pub struct Limit {
    rate: Rate,
    /// When the bucket will be empty, if nothing more comes.
    empty_at: Instant,
}

impl Limit {
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, empty_at: now }
    }

    /// Whether one more message of so many bytes is still within the bounds.
    pub fn admits(&mut self, bytes: usize, now: Instant) -> bool {
        let of_bytes = Duration::from_nanos(self.rate.nanos_a_byte.saturating_mul(bytes as u64));
        self.empty_at = self.empty_at.max(now) + self.rate.each + of_bytes;
        self.empty_at.duration_since(now) <= self.rate.at_once
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::terminal::TYPING;

    #[test]
    fn a_hundred_messages_at_once_are_heard_and_after_them_one_whenever_one_has_drained() {
        let (start, each) = (Instant::now(), Rate::WORDS.each);
        let full = || {
            let mut limit = Limit::new(Rate::WORDS, start);
            assert!((0..100).all(|_| limit.admits(64 * 1024, start)));
            limit
        };
        assert!(!full().admits(0, start));
        assert!(!full().admits(0, start + each - Duration::from_millis(1)));
        let mut limit = full();
        assert!(limit.admits(0, start + each));
        assert!(!limit.admits(0, start + each), "no minute's end gives a second hundred");
    }

    #[test]
    fn a_long_script_at_once_is_typed_and_a_flood_is_not() {
        let now = Instant::now();
        let mut limit = Limit::new(TYPING, now);
        assert!((0..64).all(|_| limit.admits(64 * 1024, now)), "4 MB in messages of 64 KB");
        assert!(!(0..1000).all(|_| limit.admits(64 * 1024, now)));
        let mut keys = Limit::new(TYPING, now);
        assert!((0..1000).all(|_| keys.admits(1, now)), "a thousand keys");
        assert!(!(0..100_000).all(|_| keys.admits(0, now)), "messages of nothing");
        assert!(keys.admits(1, now + Duration::from_secs(600)), "it drains");
    }
}
