//! Unit and integration tests, all with one feature set, so that they share one cache.

use anyhow::Result;

use super::Tally;
use crate::exec;
use crate::workspace::Workspace;

const EVERYTHING: &[&str] = &["test", "--workspace", "--exclude", "frontend"];

/// Where some tests look for what real routers sent; they skip, and say so, without it.
const RECORDINGS_VARIABLE: &str = "ROUTEWARDEN_ORACLES";
/// Where the recordings lie when they lie beside the checkout.
const RECORDINGS: &str = "../shared/oracles";

pub fn run(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut cargo = workspace.cargo();
    let recordings = workspace.root.join(RECORDINGS);
    if std::env::var_os(RECORDINGS_VARIABLE).is_none() && recordings.is_dir() {
        cargo.env(RECORDINGS_VARIABLE, recordings);
    }
    let succeeded =
        exec::follow(cargo.args(EVERYTHING).arg("--no-fail-fast"), |line| tally.read_cargo(line))?;
    Ok(tally.judged(succeeded))
}

/// Builds what the tests build, the server's program among it.
pub fn build(workspace: &Workspace) -> Result<()> {
    exec::run(workspace.cargo().args(EVERYTHING).arg("--no-run"))
}
