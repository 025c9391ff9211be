//! How long a page and the API keep people waiting, with a small and a large fleet.

use std::time::Duration;

use anyhow::Result;

use super::program::Program;
use super::table::Line;
use crate::http::Client;

const REQUESTS: usize = 1000;
const WARM_UP: usize = 50;
const GOAL_P99_MS: f64 = 5.0;

pub fn measure(mut program: Program, devices: usize) -> Result<Vec<Line>> {
    program.add_tunnels(devices)?;
    let cookie = program.log_in()?;
    let mut person = Client::new(program.address, format!("Cookie: {cookie}"));
    let page = first_bytes(&mut person, "/")?;
    let api = first_bytes(&mut program.client, "/api/status")?;
    Ok([("/", page), ("/api/status", api)]
        .into_iter()
        .flat_map(|(path, times)| {
            [("p50", 0.50), ("p99", 0.99)].map(|(name, share)| {
                let what = format!("first byte of `{path}`, {devices} devices, {name}");
                Line::at_most(what, share_ms(&times, share), "ms", GOAL_P99_MS)
            })
        })
        .collect())
}

/// Sorted, the quickest first.
fn first_bytes(client: &mut Client, path: &str) -> Result<Vec<Duration>> {
    for _ in 0..WARM_UP {
        client.get(path)?;
    }
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        times.push(client.get(path)?.first_byte);
    }
    times.sort();
    Ok(times)
}

fn share_ms(sorted: &[Duration], share: f64) -> f64 {
    let at = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
