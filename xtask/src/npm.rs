//! Node.js, and packages from npm, exactly those of the lock file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::exec;
use crate::packages::{self, Consent};

/// Debian 12's own. What the lock files bring must run on it.
const NODE_MAJOR_MIN: u32 = 18;

/// Makes sure that Node.js and npm are there, and new enough.
pub fn set_up(consent: Consent) -> Result<()> {
    packages::programs(&[("node", "nodejs"), ("npm", "npm")], consent)?;
    let version = exec::output(Command::new("node").arg("--version"))?;
    let major = major(&version).with_context(|| format!("node --version says {version:?}"))?;
    if major < NODE_MAJOR_MIN {
        bail!(
            "Node.js {} is too old: {NODE_MAJOR_MIN} or newer is needed. Debian 12 and later have it in the \
             package nodejs; for other systems see https://nodejs.org/en/download",
            version.trim()
        );
    }
    Ok(())
}

/// The 18 of `v18.20.4`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs a folder's packages, unless what lies there is newer than the lock file.
pub fn install(folder: &Path) -> Result<()> {
    let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|file| file.modified()).ok();
    let is_current = changed("node_modules/.package-lock.json") >= changed("package-lock.json");
    if !is_current {
        exec::run(exec::clean("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NODE_MAJOR_MIN, major};

    #[test]
    fn a_version_begins_with_its_major() {
        assert_eq!(major("v18.20.4\n"), Some(18));
        assert_eq!(major("node: not found"), None);
    }

    #[test]
    fn every_package_of_the_lock_files_runs_on_the_node_we_ask_for() {
        let locks = [
            include_str!("../npm/package-lock.json"),
            include_str!("../../app/npm/package-lock.json"),
            include_str!("../../end2end/package-lock.json"),
            include_str!("../../end2end/clients/package-lock.json"),
        ];
        let mut asked = 0;
        for lock in locks {
            let lock: serde_json::Value = serde_json::from_str(lock).unwrap();
            for (name, package) in lock["packages"].as_object().unwrap() {
                let Some(wanted) = package["engines"]["node"].as_str().filter(|wanted| *wanted != "*") else {
                    continue;
                };
                let lowest = wanted.trim_start_matches([' ', '>', '=', '^']).split(['.', ' ']).next();
                let lowest: u32 = lowest.unwrap().parse().unwrap();
                assert!(lowest <= NODE_MAJOR_MIN, "{name} wants node {wanted}");
                asked += 1;
            }
        }
        assert!(asked > 0, "no package says what it runs on");
    }
}
