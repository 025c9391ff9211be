//! How one number stands with one rule, and what is news about it.
//!
//! Pure, and the only place that judges numbers: what is measured now and what was stored are judged by the same.

use super::usual::Usual;
use model::{Against, Condition, RuleDraft, Timestamp};

/// How one number stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// When it was last measured, or when it was first known to be open.
    pub last: Option<Timestamp>,
    pub value: f64,
    /// Since when it is where it must not be.
    pub since: Option<Timestamp>,
    pub is_open: bool,
    /// When it was last over, while the rule rests.
    closed: Option<Timestamp>,
}

/// One number, as it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    pub at: Timestamp,
    pub value: f64,
    /// After so many milliseconds without one, what was before is of no use.
    pub gap_ms: i64,
}

/// What is news about a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    Over { since: Timestamp, at: Timestamp, value: f64, usual: Option<f64> },
    Back { at: Timestamp },
}

impl Standing {
    /// Known to be open, and not seen since `now`.
    pub fn open(now: Timestamp) -> Self {
        Self { last: Some(now), is_open: true, ..Self::default() }
    }

    /// Was `value` before, and is waited for from `now` on.
    pub fn missed(now: Timestamp, value: f64) -> Self {
        Self { last: Some(now), value, ..Self::default() }
    }

    /// Nothing of it has to be remembered, unless the rule asks for what is missing.
    pub fn is_quiet(&self) -> bool {
        self.since.is_none() && !self.is_open && self.closed.is_none()
    }

    /// For how long it was not measured, in milliseconds; nothing when the clock was set back since.
    pub fn silent_ms(&self, now: Timestamp) -> i64 {
        self.last.map_or(0, |last| now.since_ms(last).max(0))
    }

    /// Takes a number in.
    pub fn see(
        &mut self,
        (rule, condition): (&RuleDraft, &Condition),
        usual: Option<&Usual>,
        seen: Seen,
    ) -> Option<Verdict> {
        let Seen { at, value, gap_ms } = seen;
        let usual = usual.and_then(|usual| usual.of(condition.against, at));
        let is_stale = self.last.is_none_or(|last| at.0.abs_diff(last.0) > gap_ms.unsigned_abs());
        (self.last, self.value) = (Some(at), value);
        self.rest(rule, at);
        if self.is_open {
            // What cannot be said stays as it is.
            if condition.holds_still(value, usual) != Some(false) {
                return None;
            }
            let closed = (rule.cool_down_s > 0).then_some(at);
            *self = Self { is_open: false, since: None, closed, ..*self };
            return Some(Verdict::Back { at });
        }
        if condition.holds(value, usual) != Some(true) {
            self.since = None;
            return None;
        }
        // A clock that was set back begins anew.
        let since = self.since.filter(|since| !is_stale && *since <= at).unwrap_or(at);
        self.since = Some(since);
        let usual = usual.filter(|_| condition.wants_usual());
        self.open_after(rule.for_s, since, at).then_some(Verdict::Over { since, at, value, usual })
    }

    /// Looks whether it is missing: not measured for as long as the rule says, and for two rounds at least.
    pub fn miss(&mut self, rule: &RuleDraft, now: Timestamp, round_s: u32) -> Option<Verdict> {
        self.rest(rule, now);
        let last = self.last?;
        if now < last {
            self.last = Some(now);
        }
        if self.is_open {
            return None;
        }
        let patience_s = rule.for_s.max(round_s.saturating_mul(2));
        let value = self.value;
        self.open_after(patience_s, last, now).then_some(Verdict::Over {
            since: last,
            at: now,
            value,
            usual: None,
        })
    }

    fn open_after(&mut self, for_s: u32, since: Timestamp, at: Timestamp) -> bool {
        let is_long_enough = at.since_ms(since) >= i64::from(for_s) * 1_000;
        self.is_open = is_long_enough && self.closed.is_none();
        self.is_open
    }

    /// Ends the rule's rest when it is over, or when the clock was set back behind its beginning.
    pub fn rest(&mut self, rule: &RuleDraft, now: Timestamp) {
        let rest_ms = i64::from(rule.cool_down_s) * 1_000;
        let rests = |closed: &Timestamp| (0..rest_ms).contains(&now.0.saturating_sub(closed.0));
        self.closed = self.closed.filter(rests);
    }
}

impl Usual {
    /// What a number is compared with by a rule.
    fn of(&self, against: Against, at: Timestamp) -> Option<f64> {
        match against {
            Against::LastHour => self.last_hour(at),
            // Where the limit is the number's own, it may still be beyond where it usually is.
            Against::SameHour | Against::Limit => self.same_hour(at).or_else(|| self.last_hour(at)),
        }
    }
}
