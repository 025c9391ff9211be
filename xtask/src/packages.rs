//! Debian packages, the one thing that needs root: named first, installed only with consent.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::exec;

/// Whether packages may be installed.
#[derive(Clone, Copy)]
pub enum Consent {
    Given,
    Ask,
}

impl Consent {
    pub fn of_caller(yes: bool) -> Self {
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        if yes || in_ci { Self::Given } else { Self::Ask }
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

/// Makes sure that each program can be started, installing the package that brings it where it cannot.
pub fn programs(needs: &[(&str, &str)], consent: Consent) -> Result<()> {
    let missing: Vec<&str> =
        needs.iter().filter(|(program, _)| !exec::exists(program)).map(|(_, package)| *package).collect();
    install(&missing, consent)
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

/// Installs what brings a program that Debian also runs as a service, which it starts on installing:
/// we want the program alone. One that was there before is left as it was found.
pub fn without_service(program: &str, consent: Consent) -> Result<()> {
    if exec::exists(program) {
        return Ok(());
    }
    programs(&[(program, program)], consent)?;
    if Path::new("/run/systemd/system").exists() {
        exec::run(as_root("systemctl").args(["disable", "--now", program]))?;
    } else if exec::exists("service") {
        // Where no service may start, none is there to be stopped.
        exec::run(as_root("service").args([program, "stop"])).unwrap_or_else(|error| println!("{error:#}"));
    }
    Ok(())
}

fn apt() -> Command {
    let mut command = as_root("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// By `sudo` where we are not root.
fn as_root(program: &str) -> Command {
    let is_root = exec::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = Command::new(if is_root { program } else { "sudo" });
    if !is_root {
        command.arg(program);
    }
    command
}
