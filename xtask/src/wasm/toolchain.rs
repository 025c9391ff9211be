//! Finds or sets up a compiler for the browser: the ordinary toolchain, or Debian's where the
//! ordinary one cannot fetch the target.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::{TARGET, debian};
use crate::exec;
use crate::packages::Consent;

/// A reachable host answers in seconds; an unreachable one can hang for ever.
const TARGET_ADD_DEADLINE: Duration = Duration::from_secs(180);

pub enum Toolchain {
    Ordinary,
    Debian(debian::Sysroot),
}

impl Toolchain {
    pub fn set_up(consent: Consent) -> Result<Self> {
        if has_target()? || add_target() {
            return Ok(Self::Ordinary);
        }
        eprintln!(
            "The {TARGET} target cannot be fetched; Debian's compiler is used for the browser instead."
        );
        Ok(Self::Debian(debian::set_up(consent)?))
    }

    /// A cargo that can build for the browser.
    pub fn cargo(&self, root: &Path) -> Command {
        let mut command = match self {
            Self::Ordinary => exec::cargo(),
            Self::Debian(sysroot) => sysroot.cargo(),
        };
        command.current_dir(root);
        command
    }
}

fn has_target() -> Result<bool> {
    let sysroot = exec::output(exec::clean("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn add_target() -> bool {
    if !exec::exists("rustup") {
        return false;
    }
    let added = exec::run_within(exec::clean("rustup").args(["target", "add", TARGET]), TARGET_ADD_DEADLINE);
    added.inspect_err(|error| eprintln!("{error:#}")).is_ok()
}
