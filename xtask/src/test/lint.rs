//! Format and lints. The browser's crate is linted for the browser, since features exclude each other.

use anyhow::Result;

use super::Tally;
use crate::exec;
use crate::packages::Consent;
use crate::wasm::{TARGET, Toolchain};
use crate::workspace::Workspace;

const DENY_WARNINGS: &[&str] = &["--", "-D", "warnings"];

pub fn run(workspace: &Workspace, consent: Consent) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut gate = |command: &mut std::process::Command| -> Result<()> {
        let is_open = exec::run(command).inspect_err(|error| println!("{error:#}")).is_ok();
        tally += Tally::gate(is_open);
        Ok(())
    };
    gate(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    gate(
        workspace
            .cargo()
            .args(["clippy", "--workspace", "--exclude", "frontend", "--all-targets"])
            .args(DENY_WARNINGS),
    )?;
    let mut browser = workspace.cargo();
    browser.args(["clippy", "-p", "frontend", "--target-dir"]);
    match Toolchain::set_up(consent)? {
        Toolchain::Ordinary => browser.arg(workspace.wasm_target()).args(["--target", TARGET]),
        // Our clippy cannot read a std that Debian's compiler built, so the crate is linted natively.
        Toolchain::Debian(_) => browser.arg(workspace.target.join("hydrate")),
    };
    gate(browser.args(DENY_WARNINGS))?;
    Ok(tally)
}
