//! A thousand open pages: what they cost the program, and how soon each learns of a change.

mod client;
mod delays;

pub use client::run as client;

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::child::{Running, with_many_files};
use super::pace::Pace;
use super::program::Program;
use super::table::Line;

const SOCKETS: usize = 1000;
/// One account may have 64 open.
const SOCKETS_EACH: usize = 50;
/// Each gets the whole fleet at first.
const OPENING_MAX: Duration = Duration::from_secs(240);
const WARM_UP: Duration = Duration::from_secs(10);
const WINDOW: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(30);
const CPU_GOAL_PERCENT: f64 = 100.0;
const DELAY_GOAL_MS: f64 = 150.0;

/// What the process with the clients is told, on its input.
#[derive(Serialize, Deserialize)]
struct Orders {
    address: std::net::SocketAddr,
    /// The headers that say who is asking, one for each account.
    accounts: Vec<String>,
    sockets: usize,
    opening_max_s: f64,
    warm_up_s: f64,
    window_s: f64,
}

/// What it says at last, after [`BEGIN`] and [`END`].
#[derive(Default, Serialize, Deserialize)]
struct Seen {
    /// Of the sockets, those that were open all the time.
    open: usize,
    /// Changes that arrived, at all sockets together.
    changes: u64,
    /// Sockets that fell behind and were told everything again, each as often as that happened.
    restarts: u64,
    delay_ms_p50: f64,
    delay_ms_p99: f64,
}

/// What it says when the window begins, and when it ends.
const BEGIN: &str = "begin";
const END: &str = "end";

/// How many accounts it takes.
pub fn accounts(pace: Pace) -> usize {
    pace.many(SOCKETS).div_ceil(SOCKETS_EACH)
}

/// `accounts`: the headers that speak for them. `changes`: how many devices of the fleet change each second.
pub fn measure(program: &Program, accounts: Vec<String>, pace: Pace, changes: usize) -> Result<Vec<Line>> {
    let sockets = pace.many(SOCKETS);
    let orders = Orders {
        address: program.address,
        accounts,
        sockets,
        opening_max_s: OPENING_MAX.as_secs_f64(),
        warm_up_s: pace.wait(WARM_UP).as_secs_f64(),
        window_s: pace.wait(WINDOW).as_secs_f64(),
    };
    let mut clients = Running::start(
        with_many_files(&std::env::current_exe()?)
            .arg("live-sockets")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped()),
    )?;
    let input = clients.child().stdin.take().context("its input is ours to write")?;
    serde_json::to_writer(input, &orders)?;
    let lines = clients.lines()?;
    anyhow::ensure!(lines.next(OPENING_MAX + WARM_UP + GRACE)? == BEGIN, "the clients begin");
    let used = program.cpu_s()?;
    anyhow::ensure!(lines.next(WINDOW + GRACE)? == END, "the clients end");
    let share = (program.cpu_s()? - used) / orders.window_s * 100.0;
    let seen: Seen = serde_json::from_str(&lines.next(GRACE)?)?;
    println!("{} times a socket fell behind; p50 of the delay {} ms", seen.restarts, seen.delay_ms_p50);
    let arrived = seen.changes as f64 / sockets as f64 / orders.window_s;
    let what = format!("{sockets} open pages, {changes} changes/s");
    Ok(vec![
        Line::at_least(format!("{what}: stay open"), seen.open as f64, "", sockets as f64),
        Line::at_most(format!("{what}: share of one core"), share, "%", CPU_GOAL_PERCENT),
        Line::at_most(format!("{what}: from change to page, p99"), seen.delay_ms_p99, "ms", DELAY_GOAL_MS),
        Line::at_least(format!("{what}: changes that reach each"), arrived, "/s", changes as f64),
    ])
}
