//! Counts what tries saw, by kind of check, for whoever watches the watcher.

use crate::Verdict;
use model::CheckKind;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

const KINDS: usize = CheckKind::ALL.len();

/// The judgement of a try, without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Up,
    Down,
    Unknown,
}

impl Judgement {
    const ALL: [Judgement; 3] = [Judgement::Up, Judgement::Down, Judgement::Unknown];

    pub fn word(self) -> &'static str {
        match self {
            Judgement::Up => "up",
            Judgement::Down => "down",
            Judgement::Unknown => "unknown",
        }
    }
}

/// Tries since the program started. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<[[AtomicU64; Judgement::ALL.len()]; KINDS]>);

impl Tally {
    pub fn add(&self, kind: CheckKind, verdict: &Verdict) {
        let outcome = match verdict {
            Verdict::Up { .. } => Judgement::Up,
            Verdict::Down { .. } => Judgement::Down,
            Verdict::Unknown { .. } => Judgement::Unknown,
        };
        if let Some(count) = self.0.get(kind as usize).and_then(|counts| counts.get(outcome as usize)) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// Every kind with every outcome, those that never were too.
    pub fn counts(&self) -> Vec<(CheckKind, Judgement, u64)> {
        let kinds = CheckKind::ALL.into_iter().zip(self.0.iter());
        kinds
            .flat_map(|(kind, counts)| {
                Judgement::ALL
                    .into_iter()
                    .zip(counts)
                    .map(move |(outcome, count)| (kind, outcome, count.load(Relaxed)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_try_is_counted_under_its_kind_and_its_outcome() {
        let tally = Tally::default();
        for (at, kind) in CheckKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at, "counted in the order of all kinds");
            tally.add(kind, &Verdict::Up { time_ms: 1.0 });
        }
        tally.add(CheckKind::Tcp, &Verdict::Down { why: String::new() });
        tally.clone().add(CheckKind::Tcp, &Verdict::Down { why: String::new() });
        let counts = tally.counts();
        assert_eq!(counts.len(), 3 * CheckKind::ALL.len());
        let count = |kind, outcome| counts.iter().find(|(k, o, _)| (*k, *o) == (kind, outcome)).unwrap().2;
        assert_eq!(count(CheckKind::Tcp, Judgement::Down), 2);
        assert_eq!(count(CheckKind::Icmp, Judgement::Up), 1);
        assert_eq!(counts.iter().map(|(_, _, count)| count).sum::<u64>(), CheckKind::ALL.len() as u64 + 2);
    }
}
