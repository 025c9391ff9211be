//! What was measured, as a table for the README: each value beside its goal, and beside its peer.

use std::fmt::Write as _;

pub struct Line {
    what: String,
    value: f64,
    unit: &'static str,
    goal: Goal,
    peer: Option<Peer>,
}

enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// Another program that did the same work in the same run, and what it reached.
pub struct Peer {
    pub name: &'static str,
    pub value: f64,
}

impl Line {
    pub fn at_most(what: impl Into<String>, value: f64, unit: &'static str, goal: f64) -> Self {
        Self { what: what.into(), value, unit, goal: Goal::AtMost(goal), peer: None }
    }

    pub fn at_least(what: impl Into<String>, value: f64, unit: &'static str, goal: f64) -> Self {
        Self { what: what.into(), value, unit, goal: Goal::AtLeast(goal), peer: None }
    }

    /// Shows what a peer reached beside a goal that stands for itself.
    pub fn with(self, peer: Peer) -> Self {
        Self { peer: Some(peer), ..self }
    }

    /// Says more of what was measured, before it.
    pub fn said(self, more: &str) -> Self {
        Self { what: format!("{more}{}", self.what), ..self }
    }

    /// The goal is a share of what the peer reached.
    pub fn beside(what: impl Into<String>, value: f64, unit: &'static str, peer: Peer, share: f64) -> Self {
        let goal = Goal::AtLeast(peer.value * share);
        Self { what: what.into(), value, unit, goal, peer: Some(peer) }
    }
}

/// A Markdown table. The ratio is above 1 where the goal is beaten, whichever way it points.
pub fn print(lines: &[Line]) -> String {
    let mut table =
        String::from("| measured | value | goal | times better | peer |\n|---|---:|---:|---:|---|\n");
    for Line { what, value, unit, goal, peer } in lines {
        let (limit, ratio) = match goal {
            Goal::AtMost(goal) => (format!("≤ {} {unit}", short(*goal)), goal / value),
            Goal::AtLeast(goal) => (format!("≥ {} {unit}", short(*goal)), value / goal),
        };
        let peer = peer.as_ref().map_or(String::new(), |peer| {
            format!("{}: {} {unit}; we are at {:.2} of it", peer.name, short(peer.value), value / peer.value)
        });
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {what} | {} {unit} | {limit} | {ratio:.2} | {peer} |", short(*value));
    }
    table
}

/// Three digits that mean something.
fn short(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Peer, print};

    #[test]
    fn a_beaten_goal_is_above_one_whichever_way_it_points() {
        let lines =
            [Line::at_most("memory", 20.0, "MB", 30.0), Line::at_least("checks", 500.0, "/s", 1000.0)];
        let table = print(&lines);
        assert!(table.contains("| memory | 20.0 MB | ≤ 30.0 MB | 1.50 |  |"), "{table}");
        assert!(table.contains("| checks | 500 /s | ≥ 1000 /s | 0.50 |  |"), "{table}");
    }

    #[test]
    fn a_peer_is_named_with_what_it_reached_and_the_goal_is_its_share() {
        let peer = Peer { name: "fping", value: 1000.0 };
        let table = print(&[Line::beside("pings", 750.0, "/s", peer, 0.5)]);
        let row = "| pings | 750 /s | ≥ 500 /s | 1.50 | fping: 1000 /s; we are at 0.75 of it |";
        assert!(table.contains(row), "{table}");
    }
}
