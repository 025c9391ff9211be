//! Debian packages, the one thing that needs root: named first, installed only with consent.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::exec;

/// OpenSSH's server, which is on nobody's path, with the package that brings it.
pub const SSH_SERVER: (&str, &str) = ("/usr/sbin/sshd", "openssh-server");

/// Whether packages may be installed.
#[derive(Clone, Copy)]
pub enum Consent {
    Given,
    Ask,
}

impl Consent {
    pub fn of_caller(yes: bool) -> Self {
        if yes || in_ci() { Self::Given } else { Self::Ask }
    }

    fn holds_for(self, packages: &[&str]) -> Result<bool> {
        let wanted = packages.join(" ");
        match self {
            Self::Given => Ok(true),
            Self::Ask if !std::io::stdin().is_terminal() => {
                bail!("these Debian packages are missing: {wanted}. Run again with --yes to install them.")
            }
            Self::Ask => {
                print!("Install these Debian packages: {wanted}? [y/N] ");
                std::io::stdout().flush()?;
                let mut answer = String::new();
                std::io::stdin().read_line(&mut answer)?;
                Ok(answer.trim().eq_ignore_ascii_case("y"))
            }
        }
    }
}

/// Whether nobody is there to read what was left out.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// Makes sure that each program can be started, installing the package that brings it where it cannot.
pub fn programs(needs: &[(&str, &str)], consent: Consent) -> Result<()> {
    install(&missing(needs), consent)
}

/// The packages that bring what cannot be started.
pub fn missing<'a>(needs: &[(&str, &'a str)]) -> Vec<&'a str> {
    needs.iter().filter(|(program, _)| !exec::exists(program)).map(|(_, package)| *package).collect()
}

/// Installs the packages, if there are any.
pub fn install(packages: &[&str], consent: Consent) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    if !exec::exists("apt-get") {
        bail!("please install by your system's own means: {}", packages.join(" "));
    }
    if !consent.holds_for(packages)? {
        bail!("not installed: {}", packages.join(" "));
    }
    exec::run(apt().arg("update").arg("-q")).context("while reading the package lists")?;
    exec::run(apt().args(["install", "-q", "-y", "--no-install-recommends"]).args(packages))
}

/// Installs packages that bring a service with them, and keeps Debian from starting it.
pub fn install_at_rest(packages: &[&str], consent: Consent) -> Result<()> {
    /// What Debian asks before it starts a service; 101 says no.
    const POLICY: &str = "/usr/sbin/policy-rc.d";
    /// `sudo` may ask for a password first.
    const POLICY_DEADLINE: Duration = Duration::from_secs(120);
    if packages.is_empty() || Path::new(POLICY).exists() {
        return install(packages, consent);
    }
    if exec::exists("apt-get") && consent.holds_for(packages)? {
        exec::tell_within(as_root("tee").arg(POLICY), "#!/bin/sh\nexit 101\n", POLICY_DEADLINE)?;
        let made_to_run = exec::run(as_root("chmod").args(["755", POLICY]));
        let installed = made_to_run.and_then(|()| install(packages, Consent::Given));
        exec::run(as_root("rm").args(["-f", POLICY]))?;
        return installed;
    }
    bail!("not installed: {}", packages.join(" "))
}

pub fn is_root() -> bool {
    exec::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn apt() -> Command {
    let mut command = as_root("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// A program that needs root, by `sudo` where we are not.
fn as_root(program: &str) -> Command {
    let mut command = Command::new(if is_root() { program } else { "sudo" });
    if !is_root() {
        command.arg(program);
    }
    command
}
