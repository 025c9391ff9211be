//! How fast the whole audit log is checked. The log is written by real changes, so it is a short one, and what a
//! million entries would take follows from it: the walk reads and computes each entry once.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use super::pace::Pace;
use super::program::Program;
use super::table::Line;

/// Each is one entry.
const CHANGES: usize = 20_000;
const WALKS: usize = 5;
/// A million entries within two seconds.
const GOAL: f64 = 500_000.0;

pub fn measure(mut program: Program, pace: Pace) -> Result<Vec<Line>> {
    let (before, at_start) = verify(&program)?;
    for number in 0..pace.many(CHANGES) {
        program.add_device(&json!({
            "name": format!("device-{number}"), "ip_address": "127.0.0.1", "device_type": "server", "enabled": false,
        }))?;
    }
    let (after, at_end) = verify(&program)?;
    let entries = after.saturating_sub(before);
    ensure!(entries as usize >= pace.many(CHANGES), "{entries} entries for {} changes", pace.many(CHANGES));
    let walk = at_end.saturating_sub(at_start).max(Duration::from_micros(1));
    Ok(vec![Line::at_least("`verify-audit`, entries", entries as f64 / walk.as_secs_f64(), "/s", GOAL)])
}

/// How many entries there are, and how long the quickest of some walks took, the program's own start included.
fn verify(program: &Program) -> Result<(u64, Duration)> {
    let mut best = (0, Duration::MAX);
    for _ in 0..WALKS {
        let began = Instant::now();
        let entries = program.verify_audit()?;
        best = (entries, best.1.min(began.elapsed()));
    }
    Ok(best)
}
