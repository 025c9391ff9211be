//! What the program holds in memory: empty, and with the tunnel monitor's usual nine.

use std::time::Duration;

use anyhow::Result;

use super::program::Program;
use super::table::Line;

/// Long enough for every check to have run twice.
const SETTLE: Duration = Duration::from_secs(70);
const GOAL_MB: f64 = 30.0;

pub fn measure(mut program: Program) -> Result<Vec<Line>> {
    let empty = program.resident_mb()?;
    program.add_tunnels(9)?;
    std::thread::sleep(SETTLE);
    let nine = program.resident_mb()?;
    Ok(vec![
        Line::at_most("memory, empty", empty, "MB", GOAL_MB),
        Line::at_most("memory, 9 tunnels", nine, "MB", GOAL_MB),
    ])
}
