//! Makes up the round trips of tunnels as they are in life: near a level of 20 to 60 ms, each like the one before it,
//! a spike now and then, a few outages. The same seed makes the same month.

/// Seconds between two rounds.
pub const INTERVAL_S: i64 = 30;

/// One series' round trips.
pub struct RoundTrips {
    dice: Dice,
    level_ms: f64,
    noise_ms: f64,
    /// Rounds that are left of an outage.
    out: u32,
}

impl RoundTrips {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let level_ms = 20.0 + 40.0 * dice.share();
        Self { dice, level_ms, noise_ms: 0.0, out: 0 }
    }

    /// The next round in milliseconds, to the tenth; nothing when it was not answered.
    pub fn next_ms(&mut self) -> Option<f64> {
        if self.out > 0 {
            self.out -= 1;
            return None;
        }
        // A few a month, of some minutes.
        if self.dice.share() < 4.0 / 86_400.0 {
            self.out = 4 + (self.dice.share() * 60.0) as u32;
        }
        let (memory, spread_ms) = (0.6, 0.6);
        self.noise_ms =
            memory * self.noise_ms + (1.0 - f64::powi(memory, 2)).sqrt() * spread_ms * self.dice.bell();
        let spike_ms = if self.dice.share() < 0.01 { 20.0 + 180.0 * self.dice.share() } else { 0.0 };
        Some((((self.level_ms + self.noise_ms + spike_ms) * 10.0).round() / 10.0).max(0.1))
    }
}

/// Numbers by chance, the same for the same seed (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From 0 to 1, evenly.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Around 0 with a spread of 1, as a bell.
    fn bell(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.share()).sum();
        sum - 6.0
    }
}
