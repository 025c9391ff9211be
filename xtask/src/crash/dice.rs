//! Chance that can be told: the seed is printed where something went wrong.

use std::fs::File;
use std::io::Read;
use std::ops::Range;

use anyhow::Result;

pub struct Dice {
    seed: u64,
    state: u64,
}

impl Dice {
    pub fn new() -> Result<Self> {
        let mut bytes = [0; 8];
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Self::of(u64::from_ne_bytes(bytes)))
    }

    fn of(seed: u64) -> Self {
        // The generator stands still at 0.
        let seed = seed.max(1);
        Self { seed, state: seed }
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Dice for somebody else.
    pub fn split(&mut self) -> Self {
        Self::of(self.next())
    }

    /// A number of the range, which is not empty.
    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// One step of xorshift64.
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}
