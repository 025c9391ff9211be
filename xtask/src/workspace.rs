//! Where things lie: the checkout, cargo's target folder, and what is built into it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::exec;

/// How a build is optimised.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// Cargo's name of the profile for the browser's crate.
    pub fn for_browser(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "wasm-release",
        }
    }

    /// The folder cargo names after the server's profile.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

pub struct Workspace {
    pub root: PathBuf,
    /// Cargo's target folder, as cargo itself resolves it.
    pub target: PathBuf,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("xtask lies in the workspace's root")?.to_path_buf();
        let metadata = exec::output(
            exec::cargo().args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root),
        )?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"].as_str().context("cargo names its target folder")?.into();
        Ok(Self { root, target })
    }

    /// What the browser gets; the server finds it through `ROUTEWARDEN_SITE_DIR`.
    pub fn site(&self, profile: Profile) -> PathBuf {
        self.target.join(match profile {
            Profile::Dev => "site",
            Profile::Release => "site-release",
        })
    }

    /// The browser's crate has a target folder of its own, so that neither build waits for or undoes the other.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    pub fn server_binary(&self, profile: Profile) -> PathBuf {
        self.target.join(profile.folder()).join("routewarden")
    }

    /// A cargo command in the workspace.
    pub fn cargo(&self) -> Command {
        let mut command = exec::cargo();
        command.current_dir(&self.root);
        command
    }
}
