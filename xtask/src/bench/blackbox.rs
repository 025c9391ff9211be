//! The peer that Prometheus asks with: Debian's blackbox exporter, one HTTP request for each check.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::child::Running;
use super::process;
use crate::http::Client;

pub const NAME: &str = "blackbox exporter";
pub const PROGRAM: &str = "prometheus-blackbox-exporter";

const START_DEADLINE: Duration = Duration::from_secs(10);
const MODULES: &str = "\
modules:
  ping:
    prober: icmp
    timeout: 2s
    icmp:
      preferred_ip_protocol: ip4
  connect:
    prober: tcp
    timeout: 2s
    tcp:
      preferred_ip_protocol: ip4
";

pub struct Exporter {
    running: Running,
    configuration: PathBuf,
    address: SocketAddr,
}

impl Exporter {
    pub fn start() -> Result<Self> {
        let configuration =
            std::env::temp_dir().join(format!("routewarden-blackbox-{}.yml", std::process::id()));
        fs::write(&configuration, MODULES)?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let running = Running::start(
            Command::new(PROGRAM)
                .arg(format!("--config.file={}", configuration.display()))
                .arg(format!("--web.listen-address={address}"))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )?;
        let mut exporter = Self { running, configuration, address };
        exporter.running.listens(address, START_DEADLINE)?;
        Ok(exporter)
    }

    pub fn cpu_s(&self) -> Result<f64> {
        process::cpu_s(self.running.id())
    }

    /// Asks for every target again and again: so many lanes, each with its share of the targets and one
    /// connection, and each waiting for an answer before it asks again.
    pub fn ask(&self, module: &str, targets: &[String], lanes: usize, rhythm: &Rhythm) -> Result<()> {
        let each = targets.len().div_ceil(lanes);
        std::thread::scope(|scope| {
            let lanes: Vec<_> = targets
                .chunks(each)
                .map(|targets| scope.spawn(|| ask_in_turn(self.address, module, targets, rhythm)))
                .collect();
            for lane in lanes {
                match lane.join() {
                    Ok(done) => done?,
                    Err(_) => bail!("asking the {NAME} failed"),
                }
            }
            Ok(())
        })
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // It is in the way of nobody if it stays.
        let _ = fs::remove_file(&self.configuration);
    }
}

/// For how long, and how often.
pub struct Rhythm {
    pub window: Duration,
    /// In which each target is asked once, evenly spread; as fast as it goes, when absent.
    pub period: Option<Duration>,
}

fn ask_in_turn(address: SocketAddr, module: &str, targets: &[String], rhythm: &Rhythm) -> Result<()> {
    let mut client = Client::new(address, String::from("Accept-Encoding: identity"));
    let began = Instant::now();
    let step = rhythm.period.map(|period| period / targets.len() as u32);
    for (turn, target) in targets.iter().cycle().enumerate() {
        if let Some(step) = step {
            let due = began + step * turn as u32;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        if began.elapsed() >= rhythm.window {
            break;
        }
        let answer = client.get(&format!("/probe?module={module}&target={target}"))?;
        if !answer.body.lines().any(|line| line == "probe_success 1") {
            bail!("the {NAME} did not reach {target}:\n{}", answer.body);
        }
    }
    Ok(())
}
