//! Requests a second that `/api/status` answers, with `wrk` asking on the same machine.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::pace::Pace;
use super::program::Program;
use super::table::Line;
use crate::exec;

const TUNNELS: usize = 9;
const WINDOW: Duration = Duration::from_secs(15);
const GRACE: Duration = Duration::from_secs(15);
const GOAL: f64 = 20_000.0;

pub fn measure(mut program: Program, pace: Pace) -> Result<Vec<Line>> {
    program.add_tunnels(TUNNELS)?;
    let window = pace.wait(WINDOW).max(Duration::from_secs(1));
    let said = exec::tell_within(
        Command::new("wrk")
            .args(["-t", "1", "-c", "32", "-d", &format!("{}s", window.as_secs()), "-H", &program.token])
            .arg(format!("http://{}/api/status", program.address)),
        "",
        window + GRACE,
    )?;
    let (per_s, refused) = read(&said).with_context(|| format!("wrk says how many:\n{said}"))?;
    anyhow::ensure!(refused.is_none(), "not every request was answered: {}", refused.unwrap_or_default());
    Ok(vec![Line::at_least(format!("`/api/status`, {TUNNELS} tunnels, by wrk"), per_s, "/s", GOAL)])
}

/// Requests a second, and what wrk says of those that failed, if any did.
fn read(said: &str) -> Option<(f64, Option<&str>)> {
    let of = |name: &str| said.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    Some((of("Requests/sec:")?.parse().ok()?, of("Non-2xx or 3xx responses:").or(of("Socket errors:"))))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn requests_are_read_and_failures_are_not_taken_for_them() {
        let good = "Running 1s test\n  12000 requests in 1.00s, 9MB read\nRequests/sec:  11987.25\nTransfer/sec: 9MB\n";
        assert_eq!(read(good), Some((11_987.25, None)));
        let bad = format!("  Non-2xx or 3xx responses: 12000\n{good}");
        assert_eq!(read(&bad), Some((11_987.25, Some("12000"))));
        assert_eq!(read("unable to connect"), None);
    }
}
