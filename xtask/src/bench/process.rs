//! What a process has used, read from `/proc`.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::exec;

/// Seconds of processor time that a process has used so far.
pub fn cpu_s(pid: u32) -> Result<f64> {
    ticks(&format!("/proc/{pid}/stat"), 13)
}

/// Seconds of processor time of all the programs that this one has started and seen end.
pub fn children_cpu_s() -> Result<f64> {
    ticks("/proc/self/stat", 15)
}

/// Megabytes that a process holds in memory.
pub fn resident_mb(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel says VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024.0 / 1e6)
}

/// The sum of two neighbouring fields of a `stat` file, counted from 0 as proc(5) lists them.
fn ticks(path: &str, first: usize) -> Result<f64> {
    const BEFORE_NAME_ENDS: usize = 2;
    let stat = fs::read_to_string(path)?;
    // The name may hold blanks and brackets: what counts begins after the last bracket.
    let (_, fields) = stat.rsplit_once(')').context("a name stands between brackets")?;
    let used = fields.split_whitespace().skip(first - BEFORE_NAME_ENDS).take(2);
    let sum: u64 = used.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    let per_second: f64 = exec::output(Command::new("getconf").arg("CLK_TCK"))?.trim().parse()?;
    Ok(sum as f64 / per_second)
}
