//! Judges what was stored as if it were measured now: when a rule would have fired, and until when.
//!
//! Pure. The judging itself is `judge`'s, the same as for what is measured.

use super::{
    judge::{Seen, Standing, Verdict},
    usual::Usual,
    watch::crossing,
};
use crate::history::Span;
use model::{Condition, Crossing, RuleDraft, Side, Timestamp};

/// What one number was.
pub struct Past<'a> {
    pub subject: &'a str,
    /// After so many milliseconds without a sample, what was before is of no use.
    pub gap_ms: i64,
    /// How often it is asked for, in seconds.
    pub round_s: u32,
    /// Before the first of the points, in the order of time.
    pub before: &'a [(Timestamp, f64)],
    /// In the order of time.
    pub points: &'a [(Timestamp, f64)],
    /// When its device was seen and answered, to all that it was asked where nothing is missed: only then is something
    /// missing, or gone for good.
    pub answered: &'a [Span],
    /// When the program began to run, in the order of time: from then on it is counted anew for how long a number is
    /// where it must not be.
    pub starts: &'a [Timestamp],
    /// Until when it is known.
    pub end: Timestamp,
}

/// One time that a rule would have fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    pub crossing: Crossing,
    pub until: Option<Timestamp>,
}

/// When `rule` would have fired, in the order of time.
pub fn replay(rule: &RuleDraft, condition: &Condition, past: &Past<'_>) -> Vec<Fired> {
    let mut usual = Usual::default();
    past.before.iter().for_each(|(at, value)| usual.see(*at, *value));
    let (mut standing, mut fired) = (Standing::default(), Vec::new());
    let mut starts = past.starts.iter().peekable();
    let mut pass = |fired: &mut Vec<Fired>, standing: &mut Standing, next: Timestamp| {
        while let Some(start) = starts.next_if(|start| **start <= next) {
            fall_silent(past, fired, standing, *start);
            if standing.last.is_some_and(|last| last < *start) {
                // What is open is known from the database, and nothing else.
                *standing = if standing.is_open { Standing::open(*start) } else { Standing::default() };
            }
        }
        fall_silent(past, fired, standing, next);
    };
    for (at, value) in past.points {
        if condition.side == Side::Missing {
            miss(rule, past, &mut standing, *at)
                .into_iter()
                .for_each(|verdict| take(&mut fired, (rule, condition, past.subject), verdict));
        } else {
            pass(&mut fired, &mut standing, *at);
        }
        let seen = Seen { at: *at, value: *value, gap_ms: past.gap_ms };
        let usual_now = condition.wants_usual().then_some(&usual);
        if let Some(verdict) = standing.see((rule, condition), usual_now, seen) {
            take(&mut fired, (rule, condition, past.subject), verdict);
        }
        usual.see(*at, *value);
    }
    if condition.side == Side::Missing {
        miss(rule, past, &mut standing, past.end)
            .into_iter()
            .for_each(|verdict| take(&mut fired, (rule, condition, past.subject), verdict));
    } else {
        pass(&mut fired, &mut standing, past.end);
    }
    fired
}

/// What is not measured until `next`, as a watch that looks all the time has it: what is open is gone once its device was
/// up for so long without a sample, and of the rest nothing is remembered.
fn fall_silent(past: &Past<'_>, fired: &mut [Fired], standing: &mut Standing, next: Timestamp) {
    let Some(last) = standing.last else { return };
    if !standing.is_open {
        if next.since_ms(last) > past.gap_ms {
            *standing = Standing::default();
        }
        return;
    }
    let gone = past.answered.iter().find_map(|span| {
        let due = Timestamp(span.from.max(last).0.saturating_add(past.gap_ms));
        (due < span.to.min(next)).then_some(due)
    });
    if let Some(gone) = gone {
        if let Some(last) = fired.last_mut() {
            last.until = Some(gone);
        }
        *standing = Standing::default();
    }
}

/// Whether it was missing between the last sample and `next`.
fn miss(rule: &RuleDraft, past: &Past<'_>, standing: &mut Standing, next: Timestamp) -> Option<Verdict> {
    let last = standing.last?;
    let patience_ms = i64::from(rule.for_s.max(past.round_s.saturating_mul(2))) * 1_000;
    let stretches = past.answered.iter().filter(|span| span.to > last && span.from < next);
    for span in stretches {
        standing.last = Some(span.from.max(last));
        let due = Timestamp(span.from.max(last).0.saturating_add(patience_ms));
        if due <= span.to.min(next)
            && let Some(verdict) = standing.miss(rule, due, past.round_s)
        {
            return Some(verdict);
        }
    }
    None
}

fn take(fired: &mut Vec<Fired>, of: (&RuleDraft, &Condition, &str), verdict: Verdict) {
    let (rule, condition, subject) = of;
    match verdict {
        Verdict::Over { since, at, value, usual } => {
            let crossing = crossing(rule, condition, subject.to_owned(), (since, at, value, usual));
            fired.push(Fired { crossing, until: None });
        }
        Verdict::Back { at } => {
            if let Some(last) = fired.last_mut() {
                last.until = Some(at);
            }
        }
    }
}

#[cfg(test)]
mod tests;
