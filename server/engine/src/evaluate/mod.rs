//! Judges what was seen: first each check, then the device, then the device behind its parent.
//!
//! Pure: no clock, no lock, no look-up. What could not be asked never makes a device down.

use crate::Verdict;
use model::{CheckStatus, State, Timestamp};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Failures in a row that confirm a check as down.
pub(crate) const FAILURES_MAX: u16 = 3;

/// How one check stands, folded from its tries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Standing {
    /// A check that never answered does not count.
    pub has_answered: bool,
    last: Last,
    held: Held,
    /// Failures in a row, up to now.
    failures: u16,
    failing_since: Timestamp,
    /// When the last try that was answered began.
    pub answered_at: Timestamp,
    /// When the last try that has ended began.
    pub tried_at: Timestamp,
    /// The words of the last try, when it did not succeed.
    pub why: Option<Arc<str>>,
}

/// What the last try saw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Last {
    #[default]
    Nothing,
    Up,
    Down,
    Unknown,
}

/// What is held to be true until it is disproved: one failure is no proof, one answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Held {
    #[default]
    Undetermined,
    Up,
    Down,
}

/// When to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Soon, to confirm or refute a failure.
    Confirm,
    /// At a regular time, this many intervals on (1 unless it has long been down).
    Round { intervals: u32 },
}

impl Standing {
    /// As remembered across a restart: an outage goes on without being confirmed again.
    pub fn remembered(has_answered: bool, device: State, since: Timestamp) -> Self {
        let mut standing = Self { has_answered, ..Self::default() };
        if has_answered && device == State::Down {
            standing.held = Held::Down;
            standing.failures = FAILURES_MAX;
            standing.failing_since = since;
        }
        standing
    }

    /// The standing after a try that began `at`.
    pub fn after(&self, at: Timestamp, verdict: &Verdict) -> Self {
        let mut next = Self { tried_at: at, ..self.clone() };
        match verdict {
            Verdict::Up { .. } => {
                (next.has_answered, next.last, next.held) = (true, Last::Up, Held::Up);
                (next.failures, next.answered_at, next.why) = (0, at, None);
            }
            Verdict::Down { why } => {
                if next.failures == 0 {
                    next.failing_since = at;
                }
                next.failures = next.failures.saturating_add(1);
                if next.failures >= FAILURES_MAX {
                    next.held = Held::Down;
                }
                next.last = Last::Down;
                next.why = Some(why.as_str().into());
            }
            Verdict::Unknown { why } => {
                next.last = Last::Unknown;
                next.why = Some(why.as_str().into());
                // Failures in a row are in a row; an outage that is confirmed ends with an answer only.
                if next.held != Held::Down {
                    next.failures = 0;
                }
            }
        }
        next
    }

    pub fn status(&self) -> CheckStatus {
        match self.last {
            Last::Nothing => CheckStatus::Pending,
            Last::Up => CheckStatus::Ok,
            Last::Unknown => CheckStatus::Unknown,
            Last::Down if !self.has_answered => CheckStatus::NeverAnswered,
            Last::Down if self.held == Held::Down => CheckStatus::Failed,
            Last::Down => CheckStatus::Failing,
        }
    }

    /// When to ask again; `adaptive_max` intervals at most.
    pub fn next(&self, adaptive_max: u32) -> Next {
        if self.status() == CheckStatus::Failing {
            return Next::Confirm;
        }
        let beyond = u32::from(self.failures.saturating_sub(FAILURES_MAX));
        Next::Round { intervals: (1 + beyond).min(adaptive_max.max(1)) }
    }

    /// Counts towards the device: answered once, and not impossible to ask ever since.
    fn counts(&self) -> bool {
        self.has_answered && !(self.held == Held::Undetermined && self.last == Last::Unknown)
    }
}

/// What a device's own checks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub state: State,
    /// When it began, for what begins with a failed try.
    pub since: Option<Timestamp>,
}

/// Judges a device by its deciding checks. Where they leave it open, it stays what it was.
pub(crate) fn judge<'a>(was: State, deciding: impl Iterator<Item = &'a Standing>) -> Judgement {
    let mut is_pending = false;
    let counting: Vec<_> = deciding
        .inspect(|standing| is_pending |= standing.last == Last::Nothing)
        .filter(|standing| standing.counts())
        .collect();
    let held = |held: Held| counting.iter().filter(move |standing| standing.held == held);
    let is_open = held(Held::Undetermined).next().is_some();
    let (is_down, is_up) = (held(Held::Down).next().is_some(), held(Held::Up).next().is_some());
    let is_answering = held(Held::Up).any(|standing| standing.last != Last::Unknown);
    let stays = |state| if state == State::Paused { State::Unknown } else { state };
    let state = match (is_down, is_up, is_open) {
        (false, false, false) if is_pending => stays(was),
        (false, false, false) => State::Unknown,
        (true, _, _) if is_answering => State::Degraded,
        // That a check can no longer be asked takes nothing down …
        (true, true, _) if was == State::Degraded => State::Degraded,
        // … but what it last said is no word against those that are asked and fail.
        (true, _, false) => State::Down,
        (false, true, true) if was == State::Degraded => State::Degraded,
        (false, true, _) if is_answering => State::Up,
        (false, true, false) => State::Unknown,
        (_, _, true) => stays(was),
    };
    let since = match state {
        State::Down => outage_start(&counting),
        State::Degraded => held(Held::Down).map(|standing| standing.failing_since).min(),
        _ => None,
    };
    Judgement { state, since }
}

/// The first failed try after the last answer of any of the checks.
fn outage_start(counting: &[&Standing]) -> Option<Timestamp> {
    let answered_at = counting.iter().map(|standing| standing.answered_at).max()?;
    let failing = counting.iter().filter(|standing| standing.held == Held::Down);
    let starts = failing.map(|standing| standing.failing_since);
    // A clock that was set back may leave no such try.
    starts.clone().filter(|start| *start > answered_at).min().or_else(|| starts.max())
}

/// How the parent stands, seen from a child whose own checks all fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    /// There is none, or it answered after the child began to fail.
    Fine,
    /// It fails too, or was not asked since: its verdict is due.
    Unsettled,
    /// It came back, and the child was not asked since: the child's own verdict is due.
    Back,
    Down,
}

/// What a device shows, given its own judgement and its parent; nothing while that is held open.
/// An outage that was told stays told.
pub(crate) fn behind(parent: Parent, own: State, shown: State) -> Option<State> {
    match (own, parent) {
        (State::Down, _) if shown == State::Down => Some(State::Down),
        (State::Down, Parent::Down) => Some(State::Unknown),
        (State::Down, Parent::Unsettled | Parent::Back) => None,
        _ => Some(own),
    }
}
