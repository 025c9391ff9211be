//! The same account by looking at one instant at a time: slow, and without any of the sorting and merging.

use super::super::{AHEAD_MS_MAX, History, Span};
use super::Outage;
use model::{State, Timestamp};

/// What an instant counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    NotCounted,
    Excluded,
    Unobserved,
    Known(State),
}

fn lies_in(at: i64, spans: &[Span]) -> bool {
    spans.iter().any(|span| span.from.0 <= at && at < span.to.0)
}

/// When each transition takes effect.
pub fn effective_times(history: &History<'_>) -> Vec<i64> {
    let now = history.now.0;
    let is_credible = |place: &usize| {
        i128::from(history.transitions[*place].at.0) <= i128::from(now) + i128::from(AHEAD_MS_MAX)
    };
    let latest = |place: usize| {
        let earlier = (0..=place).filter(is_credible);
        earlier.map(|place| history.transitions[place].at.0).max().unwrap_or(now)
    };
    let all = 0..history.transitions.len();
    let effective = |place| (place..all.end).find(is_credible).map_or(now, latest).min(now);
    all.clone().map(effective).collect()
}

fn fate(history: &History<'_>, effective: &[i64], at: i64) -> Fate {
    if at < history.created_at.0 || at >= history.now.0 {
        return Fate::NotCounted;
    }
    if lies_in(at, history.maintenance) {
        return Fate::Excluded;
    }
    let last = effective.iter().rposition(|effective| *effective <= at);
    match last.map(|place| history.transitions[place].to) {
        Some(state @ (State::Up | State::Degraded | State::Down)) if lies_in(at, history.runs) => {
            Fate::Known(state)
        }
        _ => Fate::Unobserved,
    }
}

/// The lengths of time up, degraded, down, unobserved and excluded, when nothing changes between two instants of
/// `grid`, which has to begin and end with the period.
pub fn parts(history: &History<'_>, grid: &[i64]) -> [u64; 5] {
    let effective = effective_times(history);
    let mut parts = [0; 5];
    for pair in grid.windows(2) {
        let place = match fate(history, &effective, pair[0]) {
            Fate::Known(State::Up) => 0,
            Fate::Known(State::Degraded) => 1,
            Fate::Known(_) => 2,
            Fate::Unobserved => 3,
            Fate::Excluded => 4,
            Fate::NotCounted => continue,
        };
        parts[place] += pair[1].abs_diff(pair[0]);
    }
    parts
}

/// The outages, by walking the whole of `grid` and looking at each instant what began and what ended.
pub fn outages(history: &History<'_>, period: Span, grid: &[i64]) -> Vec<Outage> {
    let effective = effective_times(history);
    let is_asked = |at| period.from.0 <= at && at < period.to.0;
    // Each with whether some of the period lies in it.
    let mut found: Vec<(Outage, bool)> = Vec::new();
    let mut is_out = false;
    for (place, at) in grid.iter().enumerate() {
        let due = effective.iter().zip(history.transitions).filter(|(effective, _)| *effective == at);
        for (_, transition) in due {
            match (transition.to, found.last_mut()) {
                (State::Down, Some((outage, _))) if is_out => {
                    outage.cause = outage.cause.take().or(transition.cause.clone());
                }
                (State::Down, _) => {
                    let cause = transition.cause.clone();
                    found.push((Outage { start: Timestamp(*at), end: None, cause, down_ms: 0 }, false));
                    is_out = true;
                }
                (State::Up | State::Degraded | State::Paused, Some((outage, _))) if is_out => {
                    outage.end = Some(Timestamp(*at));
                    is_out = false;
                }
                _ => {}
            }
        }
        let fate = fate(history, &effective, *at);
        let Some((outage, is_told)) = found.last_mut().filter(|_| is_out && is_asked(*at)) else { continue };
        *is_told |= fate != Fate::NotCounted;
        if fate == Fate::Known(State::Down) {
            outage.down_ms += grid.get(place + 1).map_or(0, |next| next.abs_diff(*at));
        }
    }
    found.into_iter().filter_map(|(outage, is_told)| is_told.then_some(outage)).collect()
}
