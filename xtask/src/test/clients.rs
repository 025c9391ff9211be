//! Proves the RouterOS simulator with clients that we did not write. Each script in `end2end/clients`
//! starts simulated routers (`$ROUTEWARDEN_BIN sim`), asks them, and prints what held in the Test
//! Anything Protocol.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::{Tally, rust};
use crate::packages::{self, Consent};
use crate::workspace::{Profile, Workspace};
use crate::{exec, npm};

/// What one of them opens a terminal on; it is on the path of root only.
const SSHD: &str = "/usr/sbin/sshd";

pub fn run(workspace: &Workspace, consent: Consent) -> Result<Tally> {
    packages::programs(&[("python3", "python3")], consent)?;
    if !Path::new(SSHD).exists() {
        packages::install_at_rest(&["openssh-server"], consent)?;
    }
    npm::set_up(consent)?;
    rust::build(workspace)?;
    let folder = workspace.root.join("end2end/clients");
    npm::install(&folder)?;
    let python = python(&folder, &workspace.target.join("clients-venv"), consent)?;
    let mut tally = Tally::default();
    for script in scripts(&folder)? {
        let mut client = match script.extension() {
            Some(extension) if extension == "py" => exec::clean(&python),
            _ => exec::clean("node"),
        };
        client
            .arg(&script)
            .current_dir(&folder)
            .env("ROUTEWARDEN_BIN", workspace.server_binary(Profile::Dev));
        let mut seen = Tally::default();
        let succeeded = exec::follow(&mut client, |line| seen.read_tap(line))?;
        tally += seen.judged(succeeded);
    }
    ensure!(tally.passed + tally.failed > 0, "no client checked anything");
    Ok(tally)
}

/// The clients by name; files that begin with an underscore are what they share.
fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_script = path.extension().is_some_and(|extension| extension == "py" || extension == "mjs");
        let is_shared = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('_'));
        if is_script && !is_shared {
            scripts.push(path);
        }
    }
    scripts.sort();
    Ok(scripts)
}

/// A Python of our own with the clients of `requirements.txt`, set up anew when the list changes.
fn python(folder: &Path, environment: &Path, consent: Consent) -> Result<PathBuf> {
    let python = environment.join("bin/python");
    let (wanted, installed) = (folder.join("requirements.txt"), environment.join("requirements.txt"));
    if fs::read(&installed).ok() != Some(fs::read(&wanted)?) {
        let create = || exec::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment));
        if create().is_err() {
            packages::install(&["python3-venv"], consent)?;
            create()?;
        }
        exec::run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(&wanted))?;
        fs::copy(wanted, installed)?;
    }
    Ok(python)
}
