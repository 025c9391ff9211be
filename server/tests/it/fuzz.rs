//! The fuzz targets on mutations of their seeds, other ones every time: what `cargo xtask fuzz` does for
//! minutes and with coverage, for a moment and with what is built already.

// The targets write their seeds down for the other way of running them.
#[allow(dead_code)]
#[path = "../../../fuzz/src/lib.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};

const MUTATIONS: usize = 10_000;

/// Random enough, and told by one number.
struct Dice(u64);

impl Dice {
    fn thrown() -> Self {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).unwrap();
        Self(u64::from_le_bytes(seed) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// Changes `bytes` in one of the ways in which inputs go wrong.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + 1 + dice.below(16)).min(bytes.len());
    match dice.below(7) {
        0 => bytes.truncate(at),
        1 if at < end => drop(bytes.drain(at..end)),
        2 if at < end => bytes[at] ^= 1 << dice.below(8),
        3 if at < end => bytes[at] = [0, 1, b'!', b'"', b'=', 0x7f, 0x80, 0xc0, 0xf0, 0xff][dice.below(10)],
        4 if at < end => {
            let part = bytes[at..end].repeat(1 + dice.below(20));
            drop(bytes.splice(at..at, part));
        }
        5 => {
            let from = dice.below(other.len() + 1);
            let to = (from + dice.below(64)).min(other.len());
            drop(bytes.splice(at..at, other[from..to].iter().copied()));
        }
        _ => bytes.insert(at, u8::try_from(dice.below(256)).unwrap()),
    }
}

#[test]
fn whoever_reads_what_outsiders_write_survives_thousands_of_mutations_of_it() {
    let mut dice = Dice::thrown();
    for (name, target) in targets::TARGETS {
        let seeds = targets::seeds(name);
        assert!(!seeds.is_empty(), "{name} has seeds");
        let survives = |input: &[u8]| {
            let survived = catch_unwind(AssertUnwindSafe(|| target(input)));
            assert!(survived.is_ok(), "{name} does not survive {:?}", input.escape_ascii().to_string());
        };
        seeds.iter().for_each(|seed| survives(seed));
        for _ in 0..MUTATIONS {
            let mut input = seeds[dice.below(seeds.len())].clone();
            for _ in 0..1 + dice.below(6) {
                let other = dice.below(seeds.len());
                mutate(&mut input, &seeds[other], &mut dice);
            }
            survives(&input);
        }
    }
}
