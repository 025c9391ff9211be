//! A thousand simulated routers at 30 s: what they cost, and that each saw one login.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;

use super::child::with_many_files;
use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use super::targets;
use crate::exec;

const ROUTERS: usize = 1000;
const SESSION_GOAL_KB: f64 = 64.0;
const PORT: u16 = 18_728;
/// Starts are spread over one interval; the second finds every session open.
const WARM_UP: Duration = Duration::from_secs(75);
const WINDOW: Duration = Duration::from_secs(120);

/// Simulated routers in a process of their own, so that they are not measured.
struct Simulator {
    child: Child,
    /// What it says goes to a file: nobody reads while it runs.
    said: PathBuf,
}

impl Simulator {
    fn start(binary: &Path, routers: usize) -> Result<Self> {
        let said = std::env::temp_dir().join(format!("routewarden-sim-{}.txt", std::process::id()));
        let child = with_many_files(binary)
            .args(["sim", "--own-addresses", "--routers", &routers.to_string()])
            .args(["--listen", &format!("127.4.0.1:{PORT}")])
            .stdout(fs::File::create(&said)?)
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child, said })
    }

    /// Ends it, and answers how many logins all routers together have seen.
    fn logins(mut self) -> Result<f64> {
        exec::run(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        self.child.wait()?;
        let said = fs::read_to_string(&self.said)?;
        let logins = said.lines().find_map(|line| line.strip_prefix("logins: "));
        Ok(logins.context("it says how many logins it saw")?.trim().parse()?)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Gone already after `logins`.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.said);
    }
}

pub fn measure(mut program: Program, binary: &Path, pace: Pace) -> Result<Vec<Line>> {
    let routers = pace.many(ROUTERS);
    let simulator = Simulator::start(binary, routers)?;
    let empty = program.resident_mb()?;
    // As the simulator counts: one address after the other.
    for (number, host) in targets::hosts(4, routers).enumerate() {
        program.add_device(&json!({
            "name": format!("router-{number}"), "ip_address": host, "device_type": "router",
            "checks": [{"kind": "routeros", "interval_seconds": 30}],
            "routeros": {"username": "monitor", "password": "look-only", "port": PORT},
        }))?;
    }
    // Never quicker: the sessions are opened over one interval.
    std::thread::sleep(WARM_UP);
    let before = program.cpu_s()?;
    pace.sleep(WINDOW);
    let share = (program.cpu_s()? - before) / pace.wait(WINDOW).as_secs_f64() * 100.0;
    let memory = program.resident_mb()?;
    drop(program);
    let logins = simulator.logins()? / routers as f64;
    let session_kb = (memory - empty) * 1000.0 / routers as f64;
    Ok(vec![
        Line::at_most(format!("{routers} routers at 30 s, share of one core"), share, "%", 25.0),
        Line::at_most(format!("{routers} routers, logins each"), logins, "", 1.0),
        Line::at_most(format!("{routers} routers, memory"), memory, "MB", 200.0),
        Line::at_most("memory per RouterOS session", session_kb, "kB", SESSION_GOAL_KB),
    ])
}
