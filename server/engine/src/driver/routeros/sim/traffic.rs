//! Traffic that moves by itself: a rate that swings like a day, and the counter that is its integral.

use std::f64::consts::TAU;

/// How far the rate swings around its average, either way.
const SWING: f64 = 0.6;

/// One direction of one interface. Holds no state: time goes in, counters come out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic {
    bytes_per_s: f64,
    period_s: f64,
    phase: f64,
}

impl Traffic {
    /// Always the same traffic for the same seed; `share` is its part of a busy line.
    pub fn of(seed: u64, share: f64) -> Self {
        let line_bps = 4e6 + unit(seed) * 90e6;
        Self {
            bytes_per_s: line_bps / 8.0 * share,
            period_s: 90.0 + unit(seed ^ 0x5eed) * 240.0,
            phase: unit(seed ^ 0xface) * TAU,
        }
    }

    pub fn bits_per_s(&self, at_s: f64) -> u64 {
        (self.bytes_per_s * (1.0 + SWING * (TAU * at_s / self.period_s + self.phase).sin()) * 8.0) as u64
    }

    /// What was counted by then; never less than before.
    pub fn bytes(&self, at_s: f64) -> u64 {
        let swing = SWING * self.period_s / TAU;
        let swung = swing * (self.phase.cos() - (TAU * at_s / self.period_s + self.phase).cos());
        (self.bytes_per_s * (at_s + swung)).max(0.0) as u64
    }
}

/// A number from 0 to 1 that looks like chance (splitmix64).
pub(super) fn unit(seed: u64) -> f64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) >> 11) as f64 / (1u64 << 53) as f64
}
