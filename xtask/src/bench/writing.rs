//! How long people wait for the dashboard while thousands of measured numbers a second are written down.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::latency;
use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use super::targets::{self, Door};

/// Each is asked in two ways in each interval: 5,000 numbers a second.
const DEVICES: usize = 12_500;
const INTERVAL_S: usize = 5;
/// Until all have been asked, and what is recorded is being folded.
const SETTLE: Duration = Duration::from_secs(60);
const SAMPLES_GOAL: f64 = 5_000.0;
/// Of `product.md`'s pages for ten thousand devices.
const FIRST_BYTE_GOAL_MS: f64 = 15.0;

pub fn measure(mut program: Program, pace: Pace) -> Result<Vec<Line>> {
    let door = Door::open()?;
    let count = pace.many(DEVICES);
    program.import(&devices(count, door.port))?;
    pace.sleep(SETTLE);
    let (began, before, cpu) = (Instant::now(), written(&mut program)?, program.cpu_s()?);
    let waits = latency::first_bytes(&mut program, count, pace.requests(), FIRST_BYTE_GOAL_MS)?;
    pace.sleep(SETTLE);
    let seconds = began.elapsed().as_secs_f64();
    let per_s = (written(&mut program)? - before) / seconds;
    let cores = (program.cpu_s()? - cpu) / seconds;
    let mut lines = vec![
        Line::at_least("measured by checks and written, a second", per_s, "/s", SAMPLES_GOAL),
        Line::at_most("processors that this takes, checks and pages included", cores, "", 1.0),
    ];
    lines.extend(waits.into_iter().map(|line| line.said("while they are written: ")));
    Ok(lines)
}

fn written(program: &mut Program) -> Result<f64> {
    const NAME: &str = "routewarden_samples_written_total ";
    let answer = program.client.get("/metrics")?;
    let said = answer.body.lines().find_map(|line| line.strip_prefix(NAME));
    said.and_then(|number| number.parse().ok()).with_context(|| format!("{NAME}is among the metrics"))
}

fn devices(count: usize, port: u16) -> Vec<Value> {
    let device = |(number, host)| {
        json!({"name": format!("written-{number:05}"), "ip_address": host, "device_type": "server", "checks": [
            {"kind": "icmp", "interval_seconds": INTERVAL_S},
            {"kind": "tcp", "settings": {"port": port.to_string()}, "interval_seconds": INTERVAL_S},
        ]})
    };
    targets::hosts(11, count).enumerate().map(device).collect()
}
