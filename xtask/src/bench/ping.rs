//! Pings for each second of processor time, beside `fping` and the blackbox exporter asking the same
//! hosts as often.
//!
//! All are counted by the kernel, which answers them: none is taken at its word.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::blackbox::{self, Exporter, Rhythm};
use super::pace::Pace;
use super::process;
use super::program::Program;
use super::table::{Line, Peer};
use super::targets;
use crate::exec;

const HOSTS: usize = 1000;
const INTERVAL_S: u64 = 5;
const PINGS_PER_ROUND: u32 = 2;
const WINDOW: Duration = Duration::from_secs(60);
/// Two intervals: every host was asked and is in its rhythm.
const WARM_UP: Duration = Duration::from_secs(2 * INTERVAL_S);
/// Of the exporter's callers; each waits for an answer before it asks again.
const LANES: usize = 4;
/// How much longer than it should `fping` may take.
const GRACE: Duration = Duration::from_secs(30);
/// How often one host is pinged.
const PERIOD: Duration = Duration::from_millis(1000 * INTERVAL_S / PINGS_PER_ROUND as u64);

pub fn measure(mut program: Program, pace: Pace) -> Result<Vec<Line>> {
    let hosts: Vec<String> = targets::hosts(2, HOSTS).map(|host| host.to_string()).collect();
    let checks = json!([{"kind": "icmp", "interval_seconds": INTERVAL_S}]);
    let devices: Vec<Value> = hosts
        .iter()
        .map(|host| json!({"name": host, "ip_address": host, "device_type": "server", "checks": checks}))
        .collect();
    program.import(&devices)?;
    std::thread::sleep(WARM_UP);
    let (pings, used) = (pings_answered()?, program.cpu_s()?);
    pace.sleep(WINDOW);
    let ours = (pings_answered()? - pings) / (program.cpu_s()? - used);
    drop(program);
    let window = pace.wait(WINDOW);
    let line = |peer, share| Line::beside("pings per CPU second", ours, "", peer, share);
    Ok(vec![
        line(Peer { name: "fping", value: fping(&hosts, window)? }, 0.5),
        line(Peer { name: blackbox::NAME, value: exporter(&hosts, window)? }, 1.0),
    ])
}

fn fping(hosts: &[String], window: Duration) -> Result<f64> {
    let (pings, used) = (pings_answered()?, process::children_cpu_s()?);
    let count = (window.as_millis() / PERIOD.as_millis()).to_string();
    exec::tell_within(
        Command::new("fping").stderr(Stdio::null()).args([
            "-q",
            "-i",
            "1",
            "-c",
            &count,
            "-p",
            &PERIOD.as_millis().to_string(),
            "-f",
            "-",
        ]),
        &hosts.join("\n"),
        window + GRACE,
    )?;
    Ok((pings_answered()? - pings) / (process::children_cpu_s()? - used))
}

fn exporter(hosts: &[String], window: Duration) -> Result<f64> {
    let exporter = Exporter::start()?;
    let (pings, used) = (pings_answered()?, exporter.cpu_s()?);
    exporter.ask("ping", hosts, LANES, &Rhythm { window, period: Some(PERIOD) })?;
    Ok((pings_answered()? - pings) / (exporter.cpu_s()? - used))
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
