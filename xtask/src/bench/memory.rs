//! What the program holds in memory: empty, with the tunnel monitor's usual nine, and for each more.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use super::targets::{self, Door};

/// Long enough for every check to have run twice.
const SETTLE: Duration = Duration::from_secs(70);
const GOAL_MB: f64 = 30.0;
/// So many that what the allocator keeps in reserve does not count.
const EXTRA: usize = 5000;
const EXTRA_GOAL_KB: f64 = 6.0;

pub fn measure(mut program: Program, pace: Pace) -> Result<Vec<Line>> {
    let door = Door::open()?;
    let empty = program.resident_mb()?;
    program.add_tunnels(9)?;
    pace.sleep(SETTLE);
    let nine = program.resident_mb()?;
    let extra = pace.many(EXTRA);
    let tunnels: Vec<Value> = targets::hosts(6, extra)
        .map(|host| json!({"name": host, "ip_address": host, "device_type": "tunnel", "port": door.port}))
        .collect();
    program.import(&tunnels)?;
    pace.sleep(SETTLE);
    let extra_kb = (program.resident_mb()? - nine) * 1000.0 / extra as f64;
    Ok(vec![
        Line::at_most("memory, empty", empty, "MB", GOAL_MB),
        Line::at_most("memory, 9 tunnels", nine, "MB", GOAL_MB),
        Line::at_most(format!("memory per extra tunnel, of {extra}"), extra_kb, "kB", EXTRA_GOAL_KB),
    ])
}
