//! Which lines of a router's log are new.
//!
//! A router keeps its lines in a ring and numbers them, from one again after each start. A line is known again by its
//! number, its words and the minutes and seconds of its time (the rest of the time is written otherwise tomorrow, and an
//! hour off when summer time begins). What follows the last line that is known is new; where none is known any more,
//! something may have been lost in between, and the next line says so.

use super::wall::minute_and_second;
use std::collections::VecDeque;

/// Lines by which the place in a router's log is found again.
pub(super) const KNOWN_MAX: usize = 512;
/// How often in a row a router may be wrong about what follows a line, before it is asked for all of them only.
const LIES_MAX: u8 = 2;
/// The same, where they are kept.
const KEPT_MAX: usize = 64;
/// Longest `.id` that is sent back to a router.
const ID_BYTES_MAX: usize = 16;

/// A row of the log, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub id: String,
    pub time: String,
    pub topics: String,
    pub message: String,
}

impl Heard {
    pub fn identity(&self) -> u64 {
        let (minute, second) = minute_and_second(&self.time).unwrap_or_default();
        // FNV-1a: the same in every version of this program, for it is kept.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for part in [self.id.as_bytes(), self.topics.as_bytes(), self.message.as_bytes(), &[minute, second]] {
            for byte in part.iter().chain(&[0xff]) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        hash
    }
}

/// What to ask a router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Whole,
    /// What has a larger `.id` than this line, the last but one: the last one must come with it.
    Since(String),
}

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Which of the rows are new, and whether some may be missing before the first of them.
    New { rows: Vec<Heard>, is_after_gap: bool },
    /// The line that had to come did not: all of it is to be asked for.
    Unproven,
}

/// The place in one router's log.
#[derive(Clone, Debug, Default)]
pub(super) struct Follower {
    /// The newest last.
    known: VecDeque<u64>,
    /// The `.id` of the last line but one of the last answer.
    anchor: Option<String>,
    lies: u8,
    was_unproven: bool,
}

impl Follower {
    /// Goes on after these lines, the newest last.
    pub fn after(known: impl IntoIterator<Item = u64>) -> Self {
        let mut follower = Self::default();
        follower.learn(known);
        follower
    }

    /// The newest lines, the newest last.
    pub fn known(&self) -> Vec<u64> {
        self.known.iter().skip(self.known.len().saturating_sub(KEPT_MAX)).copied().collect()
    }

    pub fn ask(&self) -> Ask {
        match &self.anchor {
            Some(anchor) if self.lies < LIES_MAX && !self.was_unproven => Ask::Since(anchor.clone()),
            _ => Ask::Whole,
        }
    }

    /// All of the log is read every time, for this router says nothing else.
    pub fn is_costly(&self) -> bool {
        self.lies >= LIES_MAX
    }

    /// Takes the answer to what [`Follower::ask`] said, in the router's order.
    pub fn take(&mut self, rows: Vec<Heard>) -> Taken {
        let was_whole = self.ask() == Ask::Whole;
        let identities: Vec<u64> = rows.iter().map(Heard::identity).collect();
        let last_known = identities.iter().rposition(|identity| self.known.contains(identity));
        if !was_whole && last_known.is_none() {
            self.was_unproven = true;
            return Taken::Unproven;
        }
        if was_whole && std::mem::take(&mut self.was_unproven) {
            // The line is still there, and so was nothing but the answer wrong.
            self.lies = if last_known.is_some() { self.lies.saturating_add(1) } else { 0 };
        } else if !was_whole {
            self.lies = 0;
        }
        if let [.., anchor, _] = rows.as_slice() {
            self.anchor = Some(anchor.id.clone()).filter(|id| is_id(id));
        } else if was_whole {
            self.anchor = None;
        }
        let is_after_gap = last_known.is_none() && !self.known.is_empty();
        let begin = last_known.map_or(0, |at| at + 1);
        let is_new = |(at, identity): (usize, &u64)| at >= begin && !self.known.contains(identity);
        let new: Vec<bool> = identities.iter().enumerate().map(is_new).collect();
        self.learn(identities.iter().zip(&new).filter(|(_, is_new)| **is_new).map(|(identity, _)| *identity));
        let rows = rows.into_iter().zip(new).filter_map(|(row, is_new)| is_new.then_some(row)).collect();
        Taken::New { rows, is_after_gap }
    }

    fn learn(&mut self, identities: impl IntoIterator<Item = u64>) {
        for identity in identities {
            if self.known.len() == KNOWN_MAX {
                self.known.pop_front();
            }
            self.known.push_back(identity);
        }
    }
}

/// `*1A2`: nothing else is said back to a router.
fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix('*').unwrap_or_default();
    (1..ID_BYTES_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
