//! How long a device was up, degraded and down in a period, from the transitions of its state.
//!
//! Counts in whole milliseconds; never asks a clock or a database, and never guesses. Time in which the monitor did
//! not run, could not tell or did not ask is unobserved: neither up nor down, whatever was remembered.

use engine::Transition;
use model::{State, Timestamp};

#[cfg(test)]
mod tests;

/// A transition dated further ahead of now than this, in milliseconds, was dated by a clock that was wrong.
const AHEAD_MS_MAX: i64 = 24 * 60 * 60 * 1000;
/// A target is read to nine decimals, so that a budget is counted in integers.
const TARGET_PARTS: u64 = 1_000_000_000;

/// From `from` up to and without `to`; empty when `to` is not later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// All that is known of one device's past.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// Nothing is counted before.
    pub created_at: Timestamp,
    /// In the order in which they were recorded. Those before a period are needed back to the last that led to
    /// neither `down` nor `unknown`: an outage that reaches into the period starts after it.
    pub transitions: &'a [Transition],
    /// When the monitor itself was running, from each start to its last heartbeat and at present to `now`; in any
    /// order, overlapping or not.
    pub runs: &'a [Span],
    /// What is left out of the account; in any order, overlapping or not.
    pub maintenance: &'a [Span],
    /// Nothing is counted from here on.
    pub now: Timestamp,
}

/// What a period was spent on, in milliseconds; the parts add up to its length without the time before the device
/// was created.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Availability {
    pub up_ms: u64,
    pub degraded_ms: u64,
    pub down_ms: u64,
    /// Unknown, paused, or the monitor was not running.
    pub unobserved_ms: u64,
    /// Maintenance, whatever else was the matter.
    pub excluded_ms: u64,
    /// The share from 0 to 1 of the time up, degraded or down in which it was not down; none without such time.
    pub uptime: Option<f64>,
}

/// How much downtime a target leaves, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub allowed_ms: u64,
    pub used_ms: u64,
    /// Below 0 when the target was missed.
    pub left_ms: i64,
}

/// Accounts for every millisecond of `period`, which is cut off at `now`.
pub fn availability(history: &History<'_>, period: Span) -> Availability {
    let period = history.lived(period);
    let excluded_ms = merged(history.maintenance, period).iter().map(|span| span.length_ms()).sum();
    let mut observed = history.observed(period);
    let (mut up_ms, mut degraded_ms, mut down_ms) = (0, 0, 0);
    for (transition, stay) in history.stays() {
        let part = match transition.to {
            State::Up => &mut up_ms,
            State::Degraded => &mut degraded_ms,
            State::Down => &mut down_ms,
            State::Unknown | State::Paused => continue,
        };
        *part += observed.ms_within(stay.clipped(period));
    }
    let known_ms = up_ms + degraded_ms + down_ms;
    Availability {
        up_ms,
        degraded_ms,
        down_ms,
        unobserved_ms: period.length_ms() - excluded_ms - known_ms,
        excluded_ms,
        uptime: (known_ms > 0).then(|| (up_ms + degraded_ms) as f64 / known_ms as f64),
    }
}

/// The budget that a `target` of uptime, from 0 to 1, leaves in the time that was up, degraded or down. A target
/// outside of that is moved to its nearer end; one that is no number allows nothing.
pub fn budget(target: f64, availability: &Availability) -> Budget {
    let target = if target.is_nan() { 1.0 } else { target.clamp(0.0, 1.0) };
    let spared = TARGET_PARTS.saturating_sub((target * TARGET_PARTS as f64).round() as u64);
    let used_ms = availability.down_ms;
    let known_ms =
        u128::from(availability.up_ms) + u128::from(availability.degraded_ms) + u128::from(used_ms);
    let allowed_ms = saturated(known_ms * u128::from(spared) / u128::from(TARGET_PARTS));
    let left_ms = i128::from(allowed_ms) - i128::from(used_ms);
    Budget { allowed_ms, used_ms, left_ms: left_ms.clamp(i64::MIN.into(), i64::MAX.into()) as i64 }
}

fn saturated(ms: u128) -> u64 {
    u64::try_from(ms).unwrap_or(u64::MAX)
}

impl Span {
    /// Its length in milliseconds; 0 when it is empty.
    pub fn length_ms(self) -> u64 {
        if self.is_empty() { 0 } else { self.to.0.abs_diff(self.from.0) }
    }

    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }

    /// The part of it that lies in `other`.
    pub fn clipped(self, other: Span) -> Span {
        Span { from: self.from.max(other.from), to: self.to.min(other.to) }
    }
}

impl<'a> History<'a> {
    /// The part of `period` in which the device existed and that is not ahead.
    pub(super) fn lived(&self, period: Span) -> Span {
        period.clipped(Span { from: self.created_at, to: self.now })
    }

    /// The part of `period` in which the monitor was running and there was no maintenance.
    pub(super) fn observed(&self, period: Span) -> Observed {
        let spans = without(&merged(self.runs, period), &merged(self.maintenance, period));
        Observed { spans, passed: 0 }
    }

    /// Each transition with the time for which its new state stayed, in order; the last up to now. What was before
    /// the first is not known.
    pub(super) fn stays(&self) -> impl Iterator<Item = (&'a Transition, Span)> {
        let starts = effective_times(self.transitions, self.now);
        let now = self.now;
        self.transitions.iter().enumerate().map(move |(place, transition)| {
            let from = starts.get(place).copied().unwrap_or(now);
            let to = starts.get(place + 1).copied().unwrap_or(now);
            (transition, Span { from, to })
        })
    }
}

/// When each transition takes effect: never before one that was recorded earlier, and never after `now`.
///
/// After a clock was set back, time stands still until it is again where it was. A transition dated more than a day
/// ahead of now holds nothing up: it takes effect together with the next that is not, or else now.
fn effective_times(transitions: &[Transition], now: Timestamp) -> Vec<Timestamp> {
    let limit = Timestamp(now.0.saturating_add(AHEAD_MS_MAX));
    let mut latest = Timestamp(i64::MIN);
    let mut times = Vec::with_capacity(transitions.len());
    for transition in transitions {
        let is_credible = transition.at <= limit;
        if is_credible {
            latest = latest.max(transition.at);
        }
        times.push(if is_credible { latest } else { Timestamp(i64::MAX) });
    }
    let mut next = now;
    for time in times.iter_mut().rev() {
        *time = (*time).min(next);
        next = *time;
    }
    times
}

/// Sorted spans that neither overlap nor touch, for measuring others against in one pass.
pub(super) struct Observed {
    pub(super) spans: Vec<Span>,
    /// How many of them end before whatever will be asked for.
    passed: usize,
}

impl Observed {
    /// How much of `span` was observed, in milliseconds. Has to be asked in the order of time.
    pub(super) fn ms_within(&mut self, span: Span) -> u64 {
        let mut ms = 0;
        while let Some(observed) = self.spans.get(self.passed) {
            ms += observed.clipped(span).length_ms();
            if observed.to > span.to {
                break;
            }
            self.passed += 1;
        }
        ms
    }
}

/// The same time as `spans` within `period`, sorted, as spans that neither overlap nor touch.
fn merged(spans: &[Span], period: Span) -> Vec<Span> {
    let mut clipped: Vec<Span> =
        spans.iter().map(|span| span.clipped(period)).filter(|span| !span.is_empty()).collect();
    clipped.sort_unstable_by_key(|span| span.from);
    let mut merged: Vec<Span> = Vec::with_capacity(clipped.len());
    for span in clipped {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => merged.push(span),
        }
    }
    merged
}

/// What is left of `spans` outside of `holes`; both sorted, none overlapping within its own kind.
fn without(spans: &[Span], holes: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(spans.len() + holes.len());
    let mut holes = holes.iter().peekable();
    for span in spans {
        let mut rest = *span;
        while let Some(hole) = holes.peek().filter(|hole| hole.from < span.to) {
            left.push(Span { to: rest.to.min(hole.from), ..rest });
            rest.from = rest.from.max(hole.to);
            // It may reach into the next span.
            if hole.to > span.to {
                break;
            }
            holes.next();
        }
        left.push(rest);
    }
    left.retain(|span| !span.is_empty());
    left
}
