//! Finds or sets up a compiler for the browser: the ordinary toolchain, or Debian's where the
//! ordinary one cannot fetch the target.

use std::path::{Path, PathBuf};
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
        if has_target()? {
            return Ok(Self::Ordinary);
        }
        // Built by an earlier run because the target could not be fetched: no use in waiting for it again.
        if let Some(sysroot) = debian::found()? {
            return Ok(Self::Debian(sysroot));
        }
        if add_target() {
            return Ok(Self::Ordinary);
        }
        eprintln!(
            "The {TARGET} target cannot be fetched; Debian's compiler is used for the browser instead."
        );
        Ok(Self::Debian(debian::set_up(consent)?))
    }

    /// A cargo that can build for the browser.
    pub fn cargo(&self, root: &Path) -> Command {
        let (mut command, flags) = match self {
            Self::Ordinary => (exec::cargo(), flags()),
            Self::Debian(sysroot) => {
                (sysroot.cargo(), format!("{} --sysroot {}", flags(), sysroot.folder.display()))
            }
        };
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags).current_dir(root);
        command
    }
}

/// Flags of a target replace those of `[build]`, so the erase flag is repeated. Where this machine keeps
/// the sources of crates has no business in the bundle.
fn flags() -> String {
    let erase = "--cfg erase_components";
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    match std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home) {
        Some(cargo) => format!("{erase} --remap-path-prefix={}=", cargo.join("registry/src").display()),
        None => erase.to_owned(),
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
