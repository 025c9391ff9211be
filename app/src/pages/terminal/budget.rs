//! How fast the page may send: the server ends a terminal whose page floods it, so that a very long paste is spread.

use model::Timestamp;

/// So much at once; half of what the server takes.
const BYTES_AT_ONCE: i64 = 4 * 1024 * 1024;
/// So much of it comes back in a second; three quarters of what the server takes.
const BYTES_A_SECOND: i64 = 384 * 1024;
/// What a message costs besides its bytes.
const BYTES_EACH_MESSAGE: i64 = 256;

/// What is left to be sent, and since when that is so.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    bytes: i64,
    at: Timestamp,
}

impl Budget {
    pub fn new(now: Timestamp) -> Self {
        Self { bytes: BYTES_AT_ONCE, at: now }
    }

    /// Whether a message of so many bytes may be sent now; then it is counted.
    pub fn admits(&mut self, bytes: usize, now: Timestamp) -> bool {
        // A clock that was set back gives nothing, and takes nothing.
        let back = now.since_ms(self.at).clamp(0, 60_000) * BYTES_A_SECOND / 1000;
        (self.bytes, self.at) = ((self.bytes + back).min(BYTES_AT_ONCE), now);
        let cost = i64::try_from(bytes).unwrap_or(i64::MAX).saturating_add(BYTES_EACH_MESSAGE);
        let is_admitted = cost <= self.bytes;
        if is_admitted {
            self.bytes -= cost;
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: usize = 16 * 1024;

    #[test]
    fn a_long_paste_goes_at_once_and_a_longer_one_is_spread() {
        let mut budget = Budget::new(Timestamp(0));
        let at_once = (0..1000).take_while(|_| budget.admits(PIECE, Timestamp(0))).count();
        assert!((240..256).contains(&at_once), "{at_once}");
        let later = (0..1000).take_while(|_| budget.admits(PIECE, Timestamp(1000))).count();
        assert!((22..25).contains(&later), "{later}");
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing_for_good() {
        let mut budget = Budget::new(Timestamp(1_000_000));
        assert!(budget.admits(1, Timestamp(0)));
        while budget.admits(PIECE, Timestamp(0)) {}
        assert!(budget.admits(PIECE, Timestamp(1000)));
    }
}
