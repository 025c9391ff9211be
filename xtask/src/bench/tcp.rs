//! TCP checks per second, as many as go, beside the blackbox exporter. Counted by who is connected to.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::blackbox::{self, Exporter, Rhythm};
use super::pace::Pace;
use super::program::Program;
use super::table::{Line, Peer};
use super::targets::{self, Door};

const HOSTS: usize = 10_000;
const WINDOW: Duration = Duration::from_secs(15);
/// Callers of the exporter, each waiting for its answer: enough to keep two cores busy.
const LANES: usize = 16;

/// Checks each second, and for each second of processor time.
struct Speed {
    per_s: f64,
    per_cpu_s: f64,
}

pub fn measure(program: Program, pace: Pace) -> Result<Vec<Line>> {
    let door = Door::open()?;
    let ours = ours(program, &door, pace)?;
    let theirs = theirs(&door, pace)?;
    let peer = |value| Peer { name: blackbox::NAME, value };
    Ok(vec![
        Line::beside("TCP checks per second", ours.per_s, "/s", peer(theirs.per_s), 1.0),
        Line::beside("TCP checks per CPU second", ours.per_cpu_s, "", peer(theirs.per_cpu_s), 1.0),
    ])
}

/// Asked to check everything now, again and again: neither intervals nor politeness hold it back.
fn ours(mut program: Program, door: &Door, pace: Pace) -> Result<Speed> {
    let checks = json!([{"kind": "tcp", "interval_seconds": 3600, "settings": {"port": door.port}}]);
    let devices: Vec<Value> = targets::hosts(5, pace.many(HOSTS))
        .map(|host| json!({"name": host, "ip_address": host, "device_type": "server", "checks": checks}))
        .collect();
    program.import(&devices)?;
    // The first round finds out that all are up.
    program.client.post("/api/refresh", "{}")?;
    let (began, accepted, used) = (Instant::now(), door.accepted(), program.cpu_s()?);
    while began.elapsed() < pace.wait(WINDOW) {
        program.client.post("/api/refresh", "{}")?;
    }
    let checks = door.accepted() - accepted;
    let (elapsed, used) = (began.elapsed().as_secs_f64(), program.cpu_s()? - used);
    Ok(Speed { per_s: checks / elapsed, per_cpu_s: checks / used })
}

fn theirs(door: &Door, pace: Pace) -> Result<Speed> {
    let targets: Vec<String> =
        targets::hosts(5, pace.many(HOSTS)).map(|host| format!("{host}:{}", door.port)).collect();
    let exporter = Exporter::start()?;
    let (began, accepted, used) = (Instant::now(), door.accepted(), exporter.cpu_s()?);
    exporter.ask("connect", &targets, LANES, &Rhythm { window: pace.wait(WINDOW), period: None })?;
    let checks = door.accepted() - accepted;
    let (elapsed, used) = (began.elapsed().as_secs_f64(), exporter.cpu_s()? - used);
    Ok(Speed { per_s: checks / elapsed, per_cpu_s: checks / used })
}
