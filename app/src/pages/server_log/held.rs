//! The lines that a page holds: so many, whatever comes.

use model::{ServerLine, ServerLogWish};
use std::{collections::BTreeMap, sync::Arc};

/// Most lines held: as many as the server has.
const HELD_MAX: usize = 2_000;
/// Most lines drawn: the newest of those that fit.
const DRAWN_MAX: usize = 500;

/// A line, and how many before it were gone before the page came for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub line: Arc<ServerLine>,
    pub missed: u64,
}

/// What is drawn, and how many older lines fit besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub lines: Vec<Held>,
    pub older: u64,
}

/// By their numbers.
#[derive(Default)]
pub struct Lines(BTreeMap<u64, Held>);

impl Lines {
    /// Takes lines in, and lets others go for them: the oldest, but nothing that somebody looks at who has paused
    /// after the line of this number.
    pub fn take(&mut self, missed: u64, lines: Vec<ServerLine>, paused: Option<u64>) {
        let mut missed = missed;
        for line in lines {
            let held = Held { missed: std::mem::take(&mut missed), line: Arc::new(line) };
            self.0.entry(held.line.seq).or_insert(held);
        }
        while self.0.len() > HELD_MAX {
            let after_pause = paused.and_then(|paused| self.0.range(paused + 1..).next());
            let Some(gone) = after_pause.or_else(|| self.0.iter().next()).map(|(seq, _)| *seq) else {
                return;
            };
            self.let_go(gone, paused);
        }
    }

    /// One line goes; where others stay before it, it is counted as missed.
    fn let_go(&mut self, seq: u64, paused: Option<u64>) {
        let Some(gone) = self.0.remove(&seq) else { return };
        let is_between = paused.is_some_and(|paused| paused < seq);
        if let Some((_, next)) = self.0.range_mut(seq..).next().filter(|_| is_between) {
            next.missed += gone.missed + 1;
        }
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The number of the newest line; 0 before the first.
    pub fn newest(&self) -> u64 {
        self.0.keys().next_back().copied().unwrap_or_default()
    }

    /// What fits, up to where somebody has paused.
    pub fn shown(&self, wish: &ServerLogWish, paused: Option<u64>) -> Shown {
        let seen = self.0.range(..=paused.unwrap_or(u64::MAX)).rev();
        let mut fitting = seen.map(|(_, held)| held).filter(|held| held.line.fits(wish));
        let mut lines: Vec<Held> = fitting.by_ref().take(DRAWN_MAX).cloned().collect();
        lines.reverse();
        Shown { lines, older: fitting.count() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ServerLogLevel, Timestamp};

    fn some(from: u64, to: u64) -> Vec<ServerLine> {
        let line = |seq| ServerLine {
            seq,
            at: Timestamp(0),
            level: if seq % 2 == 0 { ServerLogLevel::Warn } else { ServerLogLevel::Info },
            target: String::new(),
            message: seq.to_string(),
            fields: Vec::new(),
            spans: Vec::new(),
        };
        (from..=to).map(line).collect()
    }

    fn numbers(shown: &Shown) -> Vec<u64> {
        shown.lines.iter().map(|held| held.line.seq).collect()
    }

    #[test]
    fn what_was_painted_is_joined_by_what_was_before_it_and_nothing_stands_twice() {
        let mut lines = Lines::default();
        lines.take(0, some(5, 6), None);
        lines.take(0, some(1, 7), None);
        assert_eq!(numbers(&lines.shown(&ServerLogWish::default(), None)), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(lines.newest(), 7);
        let warnings = ServerLogWish { least: ServerLogLevel::Warn, text: String::new() };
        assert_eq!(numbers(&lines.shown(&warnings, None)), [2, 4, 6]);
        assert_eq!(numbers(&lines.shown(&warnings, Some(4))), [2, 4], "paused");
    }

    #[test]
    fn only_so_many_are_held_and_drawn_and_it_is_told_of_the_others() {
        let mut lines = Lines::default();
        lines.take(3, some(4, HELD_MAX as u64 + 13), None);
        assert_eq!(lines.0.len(), HELD_MAX);
        let shown = lines.shown(&ServerLogWish::default(), None);
        assert_eq!((shown.lines.len(), shown.older), (DRAWN_MAX, (HELD_MAX - DRAWN_MAX) as u64));
        assert!(shown.lines.iter().all(|held| held.missed == 0));
        lines.take(9, some(9_000, 9_001), None);
        let shown = lines.shown(&ServerLogWish::default(), None);
        assert_eq!(shown.lines.iter().map(|held| held.missed).sum::<u64>(), 9);
    }

    #[test]
    fn what_somebody_has_paused_at_stays_and_what_comes_meanwhile_makes_room() {
        let (mut lines, half) = (Lines::default(), HELD_MAX as u64 / 2);
        lines.take(0, some(1, half), None);
        let before = lines.shown(&ServerLogWish::default(), Some(half));
        lines.take(0, some(half + 1, 3 * half), Some(half));
        assert_eq!(lines.shown(&ServerLogWish::default(), Some(half)), before);
        assert_eq!(lines.0.len(), HELD_MAX);
        let first_after = lines.0.range(half + 1..).next().unwrap().1;
        assert_eq!((first_after.line.seq, first_after.missed), (2 * half + 1, half));
    }
}
