//! ICMP checks for each second of processor time, beside `fping` asking the same hosts in the same window.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use super::process;
use super::program::Program;
use super::table::Line;
use crate::exec;

const HOSTS: usize = 1000;
const INTERVAL_S: usize = 5;
const ROUNDS: usize = 12;
/// One round to settle in before the window opens.
const WARM_UP: Duration = Duration::from_secs(10);

pub fn measure(mut program: Program) -> Result<Vec<Line>> {
    let hosts: Vec<String> =
        (0..HOSTS).map(|number| format!("127.2.{}.{}", number / 250, number % 250 + 1)).collect();
    for host in &hosts {
        program.add_device(&json!({
            "name": host, "ip_address": host, "device_type": "server",
            "checks": [{"kind": "icmp", "interval_seconds": INTERVAL_S}],
        }))?;
    }
    std::thread::sleep(WARM_UP);
    let (checks_before, ours_before) = (checks(&mut program)?, program.cpu_s()?);
    let theirs = fping(&hosts)?;
    let ours = (checks(&mut program)? - checks_before) / (program.cpu_s()? - ours_before);
    println!("ICMP checks per CPU second: {ours:.0}, fping {theirs:.0}");
    Ok(vec![Line::at_least("ICMP checks per CPU second, as a share of fping's", ours / theirs, "", 0.5)])
}

/// As many checks of one host as `fping` makes in a second of processor time: two pings each, as ours.
fn fping(hosts: &[String]) -> Result<f64> {
    let before = process::children_cpu_s()?;
    let pings = (ROUNDS * 2).to_string();
    let period_ms = (INTERVAL_S * 1000 / 2).to_string();
    exec::tell(
        Command::new("fping")
            .stderr(Stdio::null())
            .args(["-q", "-i", "1", "-c", &pings, "-p", &period_ms, "-f", "-"]),
        &hosts.join("\n"),
    )?;
    let used = process::children_cpu_s()? - before;
    Ok((hosts.len() * ROUNDS) as f64 / used)
}

/// Rounds that the program has finished so far.
fn checks(program: &mut Program) -> Result<f64> {
    let health = program.client.get("/health")?;
    let health: serde_json::Value = serde_json::from_str(&health.body)?;
    health["checks"].as_f64().context("/health counts the checks")
}
