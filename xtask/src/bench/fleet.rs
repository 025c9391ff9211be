//! Ten thousand devices: whether checks start in time, how long people wait for the table, and what a
//! thousand open pages cost.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use super::targets::{self, Door};
use super::{browser, latency, live};
use crate::packages::Consent;
use crate::workspace::Workspace;

const DEVICES: usize = 10_000;
/// Each round's answer time is news: so many devices change each second as are asked in it, 5 %.
const INTERVAL_S: usize = 20;
/// One in so many is a tunnel, asked by TCP; the others are pinged.
const TUNNEL_EVERY: usize = 10;
/// What `/health` says of lateness is of the last two minutes at most: all of the rounds counted.
const WATCH: Duration = Duration::from_secs(130);
const LATENESS_GOAL_MS: f64 = 50.0;
const FIRST_BYTE_GOAL_MS: f64 = 15.0;

/// What has been measured stands, should something after it fail.
pub fn measure(
    mut program: Program,
    (workspace, consent): (&Workspace, Consent),
    pace: Pace,
    lines: &mut Vec<Line>,
) -> Result<()> {
    let door = Door::open()?;
    let count = pace.many(DEVICES);
    // Before the fleet: with each change that the command line makes, all of it is read again.
    let accounts = program.add_viewers(live::accounts(pace))?;
    program.import(&devices(count, door.port))?;
    pace.sleep(WATCH);
    lines.push(lateness(&mut program, count)?);
    lines.extend(latency::first_bytes(&mut program, count, pace.requests(), FIRST_BYTE_GOAL_MS)?);
    lines.extend(browser::measure(&mut program, workspace, consent, count)?);
    lines.extend(live::measure(&program, accounts, pace, count / INTERVAL_S)?);
    Ok(())
}

fn lateness(program: &mut Program, devices: usize) -> Result<Line> {
    let health: Value = serde_json::from_str(&program.client.get("/health")?.body)?;
    let p99 = health["scheduler"]["lateness_ms_p99"].as_f64().context("checks were started")?;
    let what = format!("start of a check after it was due, {devices} devices, p99");
    Ok(Line::at_most(what, p99, "ms", LATENESS_GOAL_MS))
}

/// Names in the order of the table.
fn devices(count: usize, port: u16) -> Vec<Value> {
    let device = |(number, host)| {
        let (kind, check) = match number % TUNNEL_EVERY {
            0 => {
                ("tunnel", json!({"kind": "tcp", "settings": {"port": port}, "interval_seconds": INTERVAL_S}))
            }
            _ => ("server", json!({"kind": "icmp", "interval_seconds": INTERVAL_S})),
        };
        json!({"name": name(number), "ip_address": host, "device_type": kind, "checks": [check]})
    };
    targets::hosts(7, count).enumerate().map(device).collect()
}

/// What a device of this fleet is called.
pub fn name(number: usize) -> String {
    format!("device-{number:05}")
}
