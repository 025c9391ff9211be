//! Builds the program and runs it.

use anyhow::Result;

use crate::exec;
use crate::packages::Consent;
use crate::site;
use crate::workspace::{Profile, Workspace};

/// The site first: a release server carries it inside.
pub fn build(workspace: &Workspace, profile: Profile, consent: Consent) -> Result<()> {
    site::build(workspace, profile, consent)?;
    server(workspace, profile)
}

/// Builds everything, then runs the program with `command` and the caller's own arguments.
pub fn run(
    workspace: &Workspace,
    profile: Profile,
    consent: Consent,
    command: &[&str],
    args: &[String],
) -> Result<()> {
    build(workspace, profile, consent)?;
    let mut program = exec::clean(workspace.server_binary(profile));
    program.current_dir(&workspace.root).args(command).args(args);
    if profile == Profile::Dev {
        program.env("ROUTEWARDEN_SITE_DIR", workspace.site(profile));
    }
    exec::run(&mut program)
}

/// Compiles the server. `SITE_DIR` names the site that a release carries inside itself.
pub fn server(workspace: &Workspace, profile: Profile) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "-p", "server"]);
    if profile == Profile::Release {
        cargo.arg("--release").env("SITE_DIR", workspace.site(profile));
    }
    exec::run(&mut cargo)
}
