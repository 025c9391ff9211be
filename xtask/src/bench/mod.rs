//! Measures the release program beside its peers, on loopback. Prints ratios to goals; never a test.
//!
//! To add a measurement: a module that answers `Line`s, a variant of `Group`.

mod alerts;
mod audit;
mod blackbox;
mod browser;
mod child;
mod fleet;
mod history;
mod hostile;
mod latency;
mod lighthouse;
mod live;
mod memory;
mod pace;
mod ping;
mod process;
mod program;
mod requests;
mod routers;
mod table;
mod targets;
mod tcp;
mod terminal;
mod writing;

pub use live::client as live_sockets;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::exec;
use crate::npm;
use crate::packages::{self, Consent};
use crate::serve;
use crate::test;
use crate::workspace::{Profile, Workspace};
use pace::Pace;
use program::Program;
use table::Line;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// Size of the bundle
    Size,
    /// Memory: empty, with tunnels, for each more
    Memory,
    /// First bytes with 9 and with 1000 tunnels
    Latency,
    /// Lighthouse's performance of login and dashboard, on a phone
    Lighthouse,
    /// Requests a second, by wrk
    Requests,
    /// The audit log, checked from end to end
    Audit,
    /// A month of samples: bytes beside Prometheus, writing, reading
    History,
    /// First bytes while 5,000 numbers a second are written
    Writing,
    /// From a killed listener to the webhook about it, with 10,000 devices beside
    Alerts,
    /// Pings beside fping and the blackbox exporter
    Ping,
    /// TCP checks beside the blackbox exporter
    Tcp,
    /// 1000 simulated routers
    Routers,
    /// Hostile routers beside honest tunnels
    Hostile,
    /// Terminals beside the plain ssh client: echo, throughput, Ctrl-C, memory
    Terminal,
    /// 10,000 devices: lateness, first bytes, Chromium, 1000 live sockets
    Fleet,
}

/// Programs of others, and the Debian packages that bring them.
const PEERS: &[(&str, &str)] = &[("fping", "fping"), ("wrk", "wrk"), ("ssh", "openssh-client")];

#[derive(clap::Args)]
pub struct Wish {
    /// Only these groups
    #[arg(value_enum)]
    groups: Vec<Group>,
    /// Small and short, to try out the bench itself: the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Take the release program as it was last built
    #[arg(long)]
    built: bool,
    /// Take this program, and this build of the bench as it is: to try out the bench, for builds that are not optimised
    #[arg(long, hide = true)]
    program: Option<PathBuf>,
}

pub fn run(workspace: &Workspace, consent: Consent, wish: &Wish) -> Result<()> {
    if cfg!(debug_assertions) && wish.program.is_none() {
        return again_optimised(workspace);
    }
    packages::programs(PEERS, consent)?;
    npm::set_up(consent)?;
    if !exec::exists(blackbox::PROGRAM) {
        packages::install_at_rest(&[blackbox::PROGRAM], consent)?;
    }
    packages::install_at_rest(&packages::missing(&[packages::SSH_SERVER]), consent)?;
    if !wish.built && wish.program.is_none() {
        serve::build(workspace, Profile::Release, consent)?;
    }
    let binary = wish.program.clone().unwrap_or_else(|| workspace.server_binary(Profile::Release));
    let bench = Bench { workspace, consent, binary, pace: Pace { is_quick: wish.quick } };
    let groups = if wish.groups.is_empty() { Group::value_variants() } else { &wish.groups };
    let (mut lines, mut failed) = (Vec::new(), Vec::new());
    for group in groups {
        let name = group.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        println!("== {name}");
        let began = Instant::now();
        if let Err(error) = bench.measure(*group, &mut lines) {
            println!("{error:#}");
            failed.push(name);
        }
        println!("{:.0} s", began.elapsed().as_secs_f64());
    }
    println!("\n{}", table::print(&lines));
    if wish.quick {
        println!("Measured quickly: these figures only show that the bench works.");
    }
    if !failed.is_empty() {
        bail!("not everything could be measured: {}", failed.join(", "));
    }
    Ok(())
}

/// Runs the same command by an optimised build of this program: it asks from the same processor that is
/// measured, and a thousand unoptimised clients would leave nothing of it.
fn again_optimised(workspace: &Workspace) -> Result<()> {
    exec::run(workspace.cargo().args(["build", "--release", "--package", "xtask"]))?;
    let program = workspace.target.join(Profile::Release.folder()).join("xtask");
    exec::run(exec::clean(program).args(std::env::args_os().skip(1)))
}

struct Bench<'a> {
    workspace: &'a Workspace,
    consent: Consent,
    /// The program that is measured.
    binary: PathBuf,
    pace: Pace,
}

impl Bench<'_> {
    fn measure(&self, group: Group, lines: &mut Vec<Line>) -> Result<()> {
        let pace = self.pace;
        let binary = &self.binary;
        let start = || Program::start(binary);
        match group {
            Group::Size => {
                let bundle_kb = test::bundle_bytes(self.workspace)? as f64 / 1000.0;
                lines.push(Line::at_most("first page: script, wasm, words, brotli", bundle_kb, "kB", 250.0));
            }
            Group::Memory => lines.extend(memory::measure(start()?, pace)?),
            Group::Latency => {
                lines.extend(latency::measure(start()?, 9, pace)?);
                lines.extend(latency::measure(start()?, pace.many(1000), pace)?);
            }
            Group::Lighthouse => {
                lines.extend(lighthouse::measure(start()?, self.workspace, self.consent, pace)?)
            }
            Group::Requests => lines.extend(requests::measure(start()?, pace)?),
            Group::Audit => lines.extend(audit::measure(start()?, pace)?),
            Group::Alerts => alerts::measure(start()?, pace, lines)?,
            Group::History => lines.extend(history::measure(self)?),
            Group::Writing => lines.extend(writing::measure(start()?, pace)?),
            Group::Ping => lines.extend(ping::measure(start()?, pace)?),
            Group::Tcp => lines.extend(tcp::measure(start()?, pace)?),
            Group::Routers => lines.extend(routers::measure(start()?, binary, pace)?),
            Group::Hostile => lines.extend(hostile::measure(start()?, pace)?),
            Group::Terminal => {
                terminal::measure(&start()?, pace, lines)?;
                lines.extend(terminal::memory(&start()?, pace)?);
            }
            Group::Fleet => fleet::measure(start()?, (self.workspace, self.consent), pace, lines)?,
        }
        Ok(())
    }
}
