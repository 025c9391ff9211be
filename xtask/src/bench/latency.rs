//! How long a page and the API keep people waiting, whatever the size of the fleet.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use crate::http::Client;

/// One request in so many goes before those that count.
const WARM_UP_SHARE: usize = 20;
const GOAL_P99_MS: f64 = 5.0;

/// How many requests of one kind are timed, and for how long at most.
#[derive(Clone, Copy)]
pub struct Budget {
    pub requests: usize,
    pub time: Duration,
}

pub fn measure(mut program: Program, tunnels: usize, pace: Pace) -> Result<Vec<Line>> {
    program.add_tunnels(tunnels)?;
    first_bytes(&mut program, tunnels, pace.requests(), GOAL_P99_MS)
}

pub fn first_bytes(program: &mut Program, devices: usize, budget: Budget, goal_ms: f64) -> Result<Vec<Line>> {
    let cookies = program.log_in()?;
    let mut person = Client::new(program.address, format!("Cookie: {cookies}"));
    let page = times(&mut person, "/", budget)?;
    let api = times(&mut program.client, "/api/status", budget)?;
    let lines = [("/", page), ("/api/status", api)].into_iter().flat_map(|(path, times)| {
        [("p50", 0.50), ("p99", 0.99)].map(|(name, share)| {
            let what = format!("first byte of `{path}`, {devices} devices, {name}");
            Line::at_most(what, share_ms(&times, share), "ms", goal_ms)
        })
    });
    Ok(lines.collect())
}

/// Sorted, the quickest first.
fn times(client: &mut Client, path: &str, budget: Budget) -> Result<Vec<Duration>> {
    for _ in 0..budget.requests.div_ceil(WARM_UP_SHARE) {
        let answer = client.get(path)?;
        // A way to somewhere else, such as the login, is no page.
        anyhow::ensure!(answer.status == 200, "{path} answers {}", answer.status);
    }
    let began = Instant::now();
    let mut times = Vec::with_capacity(budget.requests);
    while times.len() < budget.requests && began.elapsed() < budget.time {
        times.push(client.get(path)?.first_byte);
    }
    times.sort();
    Ok(times)
}

/// What this share of the times did not exceed, in milliseconds.
pub fn share_ms(sorted: &[Duration], share: f64) -> f64 {
    let at = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
