//! What a rule would have told of what is remembered, and how it does today.

use crate::{Crossing, DeviceId, QuietMark, Rule, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest time that a rule is replayed over, in days.
pub const REPLAY_DAYS_MAX: u32 = 30;

/// How a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTally {
    /// How often it fired in the last seven days.
    pub fired: u64,
    /// Alerts of it that are open.
    pub open: u64,
}

/// A rule, and how it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleRow {
    pub rule: Rule,
    pub tally: RuleTally,
    /// What keeps it quiet now.
    pub quiet: Option<QuietMark>,
}

impl RuleRow {
    /// One that was just made.
    pub fn new(rule: Rule) -> Self {
        Self { rule, tally: RuleTally::default(), quiet: None }
    }
}

/// One time that a rule would have told something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    pub device: DeviceId,
    pub name: String,
    /// Since when it was so.
    pub since: Timestamp,
    /// Until when; absent while it goes on.
    pub until: Option<Timestamp>,
    /// Of a number.
    pub crossing: Option<Crossing>,
}

/// What a rule would have told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The newest first; the first of them where they are many.
    pub firings: Vec<Firing>,
    pub total: u64,
    /// Numbers, or devices where it is about a state, that were looked at …
    pub looked_at: u32,
    /// … and others that were too many for one answer.
    pub left_out: u32,
    /// Judged by means of five minutes instead of single samples.
    pub is_coarse: bool,
    /// Whether anything is remembered by which it could be said.
    pub is_kept: bool,
}
