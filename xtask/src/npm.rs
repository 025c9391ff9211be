//! Packages from npm, exactly those of the lock file.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::exec;

/// Installs a folder's packages, unless what lies there is newer than the lock file.
pub fn install(folder: &Path) -> Result<()> {
    let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified()).ok();
    let is_current = changed("node_modules/.package-lock.json") >= changed("package-lock.json");
    if !is_current {
        exec::run(exec::clean("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    }
    Ok(())
}
