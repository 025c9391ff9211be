//! How much may be typed: whole scripts at once, and never more than a line that somebody floods.

use std::time::{Duration, Instant};

/// So much at once.
const BYTES_AT_ONCE: u64 = 8 * 1024 * 1024;
/// So much of it drains in a second.
const BYTES_A_SECOND: u64 = 512 * 1024;
/// What a message costs besides its bytes.
const BYTES_EACH_MESSAGE: u64 = 256;

/// A bucket that each message fills and time empties.
pub struct Limit {
    /// When the bucket will be empty, if nothing more comes.
    empty_at: Instant,
}

impl Limit {
    pub fn new(now: Instant) -> Self {
        Self { empty_at: now }
    }

    /// Whether a message of so many bytes is still within the bounds.
    pub fn admits(&mut self, bytes: usize, now: Instant) -> bool {
        let cost = bytes as u64 + BYTES_EACH_MESSAGE;
        let takes = Duration::from_micros(cost.saturating_mul(1_000_000) / BYTES_A_SECOND);
        self.empty_at = self.empty_at.max(now) + takes;
        self.empty_at.duration_since(now) <= Duration::from_secs(BYTES_AT_ONCE / BYTES_A_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_script_at_once_is_taken_and_a_flood_is_not() {
        let now = Instant::now();
        let mut limit = Limit::new(now);
        assert!((0..64).all(|_| limit.admits(64 * 1024, now)), "4 MB in messages of 64 KB");
        assert!(!(0..1000).all(|_| limit.admits(64 * 1024, now)));
        let mut keys = Limit::new(now);
        assert!((0..1000).all(|_| keys.admits(1, now)), "a thousand keys");
        assert!(!(0..100_000).all(|_| keys.admits(0, now)), "messages of nothing");
        assert!(keys.admits(1, now + Duration::from_secs(600)), "it drains");
    }
}
