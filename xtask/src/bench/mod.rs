//! Measures the release program beside its peers, on loopback. Prints ratios to goals; never a test.
//!
//! To add a measurement: a module that answers `Line`s, a line in `measure`.

mod latency;
mod memory;
mod ping;
mod process;
mod program;
mod routers;
mod table;

use anyhow::Result;

use crate::npm;
use crate::packages::{self, Consent};
use crate::serve;
use crate::test;
use crate::workspace::{Profile, Workspace};
use program::Program;
use table::Line;

pub fn run(workspace: &Workspace, consent: Consent) -> Result<()> {
    packages::programs(&[("fping", "fping")], consent)?;
    npm::set_up(consent)?;
    serve::build(workspace, Profile::Release, consent)?;
    let lines = measure(workspace)?;
    println!("\n{}", table::print(&lines));
    Ok(())
}

fn measure(workspace: &Workspace) -> Result<Vec<Line>> {
    let binary = workspace.server_binary(Profile::Release);
    let start = || Program::start(&binary);
    let bundle_kb = test::bundle_bytes(workspace)? as f64 / 1000.0;
    let mut lines = vec![Line::at_most("script and wasm, brotli", bundle_kb, "kB", 250.0)];
    lines.extend(memory::measure(start()?)?);
    lines.extend(latency::measure(start()?, 9)?);
    lines.extend(latency::measure(start()?, 1000)?);
    lines.extend(ping::measure(start()?)?);
    lines.extend(routers::measure(start()?, &binary)?);
    Ok(lines)
}
