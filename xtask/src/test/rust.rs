//! Unit and integration tests, all with one feature set, so that they share one cache.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::Result;

use super::Tally;
use crate::exec;
use crate::packages::{self, Consent};
use crate::workspace::Workspace;

const EVERYTHING: &[&str] = &["test", "--workspace", "--exclude", "frontend"];

/// A test has a script compute again what the program computed.
const PYTHON: (&str, &str) = ("python3", "python3");

/// What terminals are tried with, as Debian has it.
const SSH: &[(&str, &str)] = &[
    ("/usr/sbin/sshd", "openssh-server"),
    ("/usr/sbin/dropbear", "dropbear-bin"),
    ("ssh-keygen", "openssh-client"),
    ("openssl", "openssl"),
    ("vim", "vim"),
    ("tmux", "tmux"),
];

/// Where some tests look for what real routers sent; they skip, and say so, without it.
const RECORDINGS_VARIABLE: &str = "ROUTEWARDEN_ORACLES";
/// Where the recordings lie when they lie beside the checkout.
const RECORDINGS: &str = "../shared/oracles";

pub fn run(workspace: &Workspace, consent: Consent) -> Result<Tally> {
    packages::programs(&[PYTHON], consent)?;
    // The servers get users of their own, which takes root; without it those tests are skipped, and say so.
    if packages::is_root() {
        packages::install_at_rest(&packages::missing(SSH), consent)?;
    }
    let mut tally = Tally::default();
    let mut cargo = workspace.cargo();
    let recordings = workspace.root.join(RECORDINGS);
    if std::env::var_os(RECORDINGS_VARIABLE).is_none() && recordings.is_dir() {
        cargo.env(RECORDINGS_VARIABLE, recordings);
    }
    side_by_side(cargo.args(EVERYTHING).arg("--no-fail-fast"));
    let succeeded = exec::follow(&mut cargo, |line| tally.read_cargo(line))?;
    Ok(tally.judged(succeeded))
}

/// Has so many tests run at once, unless the caller says how many: most of their time they wait for a server or a
/// database.
pub fn side_by_side(tests: &mut Command) {
    const THREADS: &str = "RUST_TEST_THREADS";
    const ON_EACH: usize = 3;
    if std::env::var_os(THREADS).is_none() {
        let processors = available_parallelism().map_or(1, usize::from);
        tests.env(THREADS, (ON_EACH * processors).to_string());
    }
}

/// Builds what the tests build, the server's program among it.
pub fn build(workspace: &Workspace) -> Result<()> {
    exec::run(workspace.cargo().args(EVERYTHING).arg("--no-run"))
}

/// The test programs by the name of their target, built where they are not.
pub fn programs(workspace: &Workspace) -> Result<HashMap<String, PathBuf>> {
    let mut cargo = workspace.cargo();
    cargo.args(EVERYTHING).args(["--no-run", "--message-format=json-render-diagnostics"]);
    Ok(exec::output(&mut cargo)?.lines().filter_map(program).collect())
}

/// Reads a line of cargo's for the test program it speaks of.
fn program(line: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_test = message["profile"]["test"].as_bool()?;
    let (name, program) = (message["target"]["name"].as_str()?, message["executable"].as_str()?);
    is_test.then(|| (name.to_owned(), program.into()))
}
