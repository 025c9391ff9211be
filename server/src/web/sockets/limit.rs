//! How much a browser may say.

use std::time::{Duration, Instant};

/// Messages at once, and in a minute on average: more than any page of ours sends.
const MESSAGES_MAX: u32 = 100;
/// How long each message counts, one after the other.
const EACH: Duration = Duration::from_millis(600);

/// A bucket that each message fills a little and time empties.
pub struct Limit {
    /// When the bucket will be empty, if nothing more comes.
    empty_at: Instant,
}

impl Limit {
    pub fn new(now: Instant) -> Self {
        Self { empty_at: now }
    }

    /// Whether one more is still within the bounds.
    pub fn admits(&mut self, now: Instant) -> bool {
        self.empty_at = self.empty_at.max(now) + EACH;
        self.empty_at.duration_since(now) <= EACH * MESSAGES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_messages_at_once_are_heard_and_after_them_one_whenever_one_has_drained() {
        let start = Instant::now();
        let full = || {
            let mut limit = Limit::new(start);
            assert!((0..MESSAGES_MAX).all(|_| limit.admits(start)));
            limit
        };
        assert!(!full().admits(start));
        assert!(!full().admits(start + EACH - Duration::from_millis(1)));
        let mut limit = full();
        assert!(limit.admits(start + EACH));
        assert!(!limit.admits(start + EACH), "no minute's end gives a second hundred");
    }
}
