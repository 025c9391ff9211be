//! How much a browser may say.

use std::time::{Duration, Instant};

/// Messages in any window of one minute's length, which is more than any page of ours sends.
const MESSAGES_MAX: u32 = 100;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts what came in.
pub struct Limit {
    since: Instant,
    count: u32,
}

impl Limit {
    pub fn new(now: Instant) -> Self {
        Self { since: now, count: 0 }
    }

    /// Whether one more is still within the bounds.
    pub fn admits(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= WINDOW {
            *self = Self::new(now);
        }
        self.count += 1;
        self.count <= MESSAGES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_messages_a_minute_are_heard_and_no_more() {
        let start = Instant::now();
        let mut limit = Limit::new(start);
        assert!((0..100).all(|_| limit.admits(start)));
        assert!(!limit.admits(start));
        assert!(limit.admits(start + WINDOW));
    }
}
