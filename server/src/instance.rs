//! One server for one data folder: held as a lock on a file in it, which the system takes back when the
//! process ends, however it ends.
//!
//! Other subcommands work beside a running server and take no lock.

use crate::machine::same_owner;
use anyhow::{Context as _, bail};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

/// The file that is locked; it stays when the server ends, and means nothing then.
const FILE: &str = "routewarden.lock";
/// Longest note of who holds it that is read.
const NOTE_BYTES_MAX: u64 = 32;

/// The right to serve from a folder, given back when it is dropped.
#[derive(Debug)]
pub struct Instance {
    _file: File,
}

/// Who serves from a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Nobody,
    /// Its number is told where it is known.
    Process(Option<u32>),
}

impl Instance {
    /// Takes the folder, which must be there, or says who has it and what to do.
    pub fn take(folder: &Path) -> anyhow::Result<Instance> {
        let path = path(folder);
        let mut file =
            open(&path).with_context(|| format!("nothing can be written to {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let who = number(&mut file).map_or_else(String::new, |number| format!(" (process {number})"));
                bail!(
                    "a Routewarden server{who} is running on the folder {}; stop it first, or give this one a \
                     folder of its own with --data-dir",
                    folder.display()
                );
            }
            // Some network file systems know no locks; there one must take care oneself.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                tracing::warn!(folder = %folder.display(), "the folder cannot be locked against a second server");
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("while locking {}", path.display()));
            }
        }
        let _ = same_owner(folder, &path);
        // Only for whoever is refused: a full disk is no reason not to serve.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Instance { _file: file })
    }

    /// Who serves from the folder now.
    pub fn holder(folder: &Path) -> std::io::Result<Holder> {
        let mut file = match OpenOptions::new().read(true).open(path(folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Holder::Nobody),
            opened => opened?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Holder::Nobody),
            Err(TryLockError::WouldBlock) => Ok(Holder::Process(number(&mut file))),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(Holder::Nobody),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn number(file: &mut File) -> Option<u32> {
    let mut note = String::new();
    file.rewind().ok()?;
    file.take(NOTE_BYTES_MAX).read_to_string(&mut note).ok()?;
    note.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_server_until_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Nobody);
        let first = Instance::take(folder.path()).unwrap();
        let refused = Instance::take(folder.path()).unwrap_err().to_string();
        let us = std::process::id();
        assert!(refused.contains(&format!("process {us}")) && refused.contains("--data-dir"), "{refused}");
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Process(Some(us)));
        drop(first);
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Nobody);
        Instance::take(folder.path()).unwrap();
    }

    #[test]
    fn what_an_ended_server_left_keeps_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "4294967295\n and more of it").unwrap();
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Nobody);
        Instance::take(folder.path()).unwrap();
    }

    #[test]
    fn looking_who_serves_keeps_nobody_from_serving() {
        let folder = tempfile::tempdir().unwrap();
        drop(Instance::take(folder.path()).unwrap());
        Instance::holder(folder.path()).unwrap();
        let server = Instance::take(folder.path()).unwrap();
        Instance::holder(folder.path()).unwrap();
        assert!(Instance::take(folder.path()).is_err());
        drop(server);
    }
}
