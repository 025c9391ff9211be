//! Terminals beside the plain `ssh` client, both at one OpenSSH server on loopback: how long a key takes to its echo,
//! how fast a file goes by, how soon a flood is interrupted, and what floods cost the program in memory.

mod flood;
mod held;
mod keys;
mod page;
mod plain;
mod prompt;
mod sshd;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::latency::share_ms;
use super::pace::Pace;
use super::program::Program;
use super::table::{Line, Peer};
use crate::http::Client;
use page::Page;
use plain::Plain;
use sshd::Sshd;

const KEYS: usize = 2000;
const KEYS_MORE_GOAL_MS: f64 = 5.0;
const FILE_BYTES: usize = 100_000_000;
/// What xterm.js draws in the fastest browser, as it says itself: <https://xtermjs.org/docs/guides/flowcontrol/>.
const FILE_GOAL_MB_PER_S: f64 = 35.0;
const INTERRUPTS: usize = 50;
const INTERRUPT_GOAL_MS: f64 = 200.0;
const FLOODS: usize = 50;
/// One account may have 16 open.
const FLOODS_EACH: usize = 13;
/// How long each state is watched.
const FLOOD_WATCH: Duration = Duration::from_secs(20);
const FLOOD_GOAL_KB: f64 = 256.0;
const SSH: &str = "`ssh`";

/// What has been measured stands, should something after it fail.
pub fn measure(program: &Program, pace: Pace, lines: &mut Vec<Line>) -> Result<()> {
    let sshd = Sshd::start()?;
    let mut account = Account::new(program, program.token.clone());
    let device = account.add_device("terminal", &sshd)?;
    lines.extend(echoes(&mut Page::open(&mut account, device)?, &mut Plain::in_pty(&sshd)?, pace)?);
    lines.push(file(&mut Page::open(&mut account, device)?, &mut Plain::in_pipes(&sshd)?, &sshd, pace)?);
    lines.push(interrupts(&mut Page::open(&mut account, device)?, &mut Plain::in_pty(&sshd)?, pace)?);
    Ok(())
}

/// What terminals hold, of a program in which nothing else has happened.
pub fn memory(program: &Program, pace: Pace) -> Result<Vec<Line>> {
    let sshd = Sshd::start()?;
    let mut account = Account::new(program, program.token.clone());
    let count = pace.many(FLOODS);
    let devices = (0..count)
        .map(|number| account.add_device(&format!("flood-{number}"), &sshd))
        .collect::<Result<Vec<_>>>()?;
    let tokens = program.add_admins(count.div_ceil(FLOODS_EACH))?;
    let mut accounts: Vec<_> = tokens.into_iter().map(|token| Account::new(program, token)).collect();
    let held = held::measure(program, &mut accounts, &devices, pace.wait(FLOOD_WATCH))?;
    let lines = held.into_iter().map(|(what, kb)| {
        Line::at_most(format!("memory of a terminal, of {count}, {what}"), kb, "kB", FLOOD_GOAL_KB)
    });
    Ok(lines.collect())
}

/// Who opens terminals.
pub struct Account {
    address: SocketAddr,
    client: Client,
    /// Says who is asking.
    header: String,
}

impl Account {
    fn new(program: &Program, header: String) -> Self {
        let address = program.address;
        Self { address, client: Client::new(address, header.clone()), header }
    }

    /// A device that is not watched, only reached; its number.
    fn add_device(&mut self, name: &str, sshd: &Sshd) -> Result<i64> {
        let device = json!({
            "name": name, "ip_address": "127.0.0.1", "device_type": "server", "enabled": false, "ssh": sshd.login()?,
        });
        let answer = self.client.post("/api/devices", &device.to_string())?;
        let added: Value = serde_json::from_str(&answer.body)?;
        added["id"].as_i64().context("a device has a number")
    }
}

fn echoes(page: &mut Page, plain: &mut Plain, pace: Pace) -> Result<Vec<Line>> {
    let [ours, theirs] = keys::measure([page, plain], pace.many(KEYS))?;
    let beside = |name: &str, share: f64| {
        let (value, peer) = (share_ms(&ours, share), share_ms(&theirs, share));
        let line = Line::at_most(format!("from key to echo, {name}"), value, "ms", peer + KEYS_MORE_GOAL_MS);
        line.with(Peer { name: SSH, value: peer })
    };
    let more = share_ms(&ours, 0.99) - share_ms(&theirs, 0.99);
    let what = "from key to echo, p99, more than `ssh` in a pty";
    Ok(vec![beside("p50", 0.5), beside("p99", 0.99), Line::at_most(what, more, "ms", KEYS_MORE_GOAL_MS)])
}

fn file(page: &mut Page, plain: &mut Plain, sshd: &Sshd, pace: Pace) -> Result<Line> {
    let bytes = pace.many(FILE_BYTES);
    let path = sshd.write_file(bytes)?;
    let [ours, theirs] = flood::file([page, plain], &path)?;
    let what = format!("`cat` of {} MB in a terminal", bytes / 1_000_000);
    let line = Line::at_least(what, ours, "MB/s", FILE_GOAL_MB_PER_S);
    Ok(line.with(Peer { name: "`ssh` into a pipe", value: theirs }))
}

fn interrupts(page: &mut Page, plain: &mut Plain, pace: Pace) -> Result<Line> {
    let [ours, theirs] = flood::interrupts([page, plain], pace.many(INTERRUPTS))?;
    let what = "from Ctrl-C in a flood, drawn at 10 MB/s, to the prompt, p99";
    let line = Line::at_most(what, share_ms(&ours, 0.99), "ms", INTERRUPT_GOAL_MS);
    Ok(line.with(Peer { name: SSH, value: share_ms(&theirs, 0.99) }))
}
