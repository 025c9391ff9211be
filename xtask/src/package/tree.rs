//! The files of a package, as they will lie on the machine it is installed on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::exec;

/// What tells the installer about the package, and is not installed.
const ABOUT: &str = "DEBIAN";

pub struct Tree {
    root: PathBuf,
}

impl Tree {
    pub fn new(root: PathBuf) -> Result<Self> {
        let tree = Self { root };
        tree.make_folder(&tree.root)?;
        Ok(tree)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `name` will lie, its folder made.
    pub fn reserve(&self, name: &str) -> Result<PathBuf> {
        let path = self.root.join(name);
        self.make_folder(path.parent().context("a file lies in a folder")?)?;
        Ok(path)
    }

    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        self.write_as(name, text, 0o644).map(|_| ())
    }

    pub fn write_program(&self, name: &str, text: &str) -> Result<()> {
        self.write_as(name, text, 0o755).map(|_| ())
    }

    /// Writes `name.gz`.
    pub fn write_gz(&self, name: &str, text: &str) -> Result<()> {
        let path = self.write_as(name, text, 0o644)?;
        exec::run(Command::new("gzip").arg("-9n").arg(path))
    }

    /// Writes what each installed file must hold, for `dpkg --verify`.
    pub fn write_sums(&self) -> Result<()> {
        let mut names = Vec::new();
        for path in self.installed()? {
            names.push(path.strip_prefix(&self.root)?.to_owned());
        }
        let sums = exec::output(Command::new("md5sum").args(&names).current_dir(&self.root))?;
        self.write(&format!("{ABOUT}/md5sums"), &sums)
    }

    /// How much room the installed files take.
    pub fn kilobytes(&self) -> Result<u64> {
        let mut kilobytes = 0;
        for path in self.installed()? {
            kilobytes += fs::metadata(path)?.len().div_ceil(1024);
        }
        Ok(kilobytes)
    }

    fn installed(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                match path.is_dir() {
                    true if path == self.root.join(ABOUT) => {}
                    true => folders.push(path),
                    false => found.push(path),
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn write_as(&self, name: &str, text: &str, mode: u32) -> Result<PathBuf> {
        let path = self.reserve(name)?;
        fs::write(&path, text).with_context(|| format!("while writing {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        Ok(path)
    }

    /// Whatever the caller's umask, a package's folders are for all to read.
    fn make_folder(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let ours = folder.ancestors().take_while(|folder| folder.starts_with(&self.root));
        for folder in ours {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    }
}
