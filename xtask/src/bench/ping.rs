//! Pings for each second of processor time, beside `fping` asking the same hosts as often.
//!
//! Both are counted by the kernel, which answers them: neither is taken at its word.

use std::fs;
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
const PINGS_PER_ROUND: usize = 2;
/// Two intervals: every host was asked and is in its rhythm.
const WARM_UP: Duration = Duration::from_secs(10);
const WINDOW: Duration = Duration::from_secs((INTERVAL_S * ROUNDS) as u64);

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
    let (pings, used) = (pings_answered()?, program.cpu_s()?);
    std::thread::sleep(WINDOW);
    let ours = (pings_answered()? - pings) / (program.cpu_s()? - used);
    drop(program);
    let theirs = fping(&hosts)?;
    println!("pings per CPU second: {ours:.0}, fping {theirs:.0}");
    Ok(vec![Line::at_least("pings per CPU second, as a share of `fping`’s", ours / theirs, "", 0.5)])
}

fn fping(hosts: &[String]) -> Result<f64> {
    let (pings, used) = (pings_answered()?, process::children_cpu_s()?);
    let count = (ROUNDS * PINGS_PER_ROUND).to_string();
    let period_ms = (INTERVAL_S * 1000 / PINGS_PER_ROUND).to_string();
    exec::tell(
        Command::new("fping")
            .stderr(Stdio::null())
            .args(["-q", "-i", "1", "-c", &count, "-p", &period_ms, "-f", "-"]),
        &hosts.join("\n"),
    )?;
    Ok((pings_answered()? - pings) / (process::children_cpu_s()? - used))
}

/// Echo requests that this machine has received, its own among them.
fn pings_answered() -> Result<f64> {
    let counters = fs::read_to_string("/proc/net/snmp")?;
    let mut icmp = counters.lines().filter_map(|line| line.strip_prefix("Icmp: "));
    let (names, values) = (icmp.next().context("names of counters")?, icmp.next().context("their values")?);
    let mut pairs = names.split(' ').zip(values.split(' '));
    let (_, echos) = pairs.find(|(name, _)| *name == "InEchos").context("the kernel counts echo requests")?;
    Ok(echos.parse()?)
}
