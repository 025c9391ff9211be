//! One server for one data folder, and for the folder of its SQLite file: held as a lock on a file in each, which
//! the system takes back when the process ends, however it ends.
//!
//! Other subcommands work beside a running server and take no lock. A database with a server of its own is leased
//! from that.

use crate::{
    config::Config,
    machine::{open_itself, same_owner},
    store::Lease,
};
use anyhow::{Context as _, bail};
use engine::Duty;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read as _, Seek as _, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval},
};

/// The file that is locked; it stays when the server ends, and means nothing then.
const FILE: &str = "routewarden.lock";
/// Longest note of who holds it that is read.
const NOTE_BYTES_MAX: u64 = 32;
/// How often it is made sure that this is the only server of its database.
const RENEW: Duration = Duration::from_secs(30);

/// The right to serve from the folders of a configuration, given back when it is dropped.
#[derive(Debug)]
pub struct Instance {
    _files: Vec<File>,
}

/// Who serves from a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Nobody,
    /// Its number is told where it is known.
    Process(Option<u32>),
}

impl Instance {
    /// Takes the folders, which must be there, or says who has one and what to do.
    pub fn take(config: &Config) -> anyhow::Result<Instance> {
        let data = lock(&config.data_dir, "--data-dir")?;
        let folder = config.growing_folder();
        let mut files = vec![data];
        if !is_same(&path(&config.data_dir), &path(&folder)) {
            files.push(lock(&folder, "--database-url")?);
        }
        Ok(Instance { _files: files })
    }

    /// Who serves from the folder now.
    pub fn holder(folder: &Path) -> std::io::Result<Holder> {
        let mut file = match open_itself(OpenOptions::new().read(true), &path(folder)) {
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

/// Keeps the database for this server. Where another one has it, watching goes on and the trouble is told: of two
/// servers one has to be stopped, and which one is for a person to say.
pub async fn keep_lease(duty: Duty, lease: Arc<Mutex<Lease>>) -> anyhow::Result<()> {
    let mut tick = interval(RENEW);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_failing = false;
    while duty.stop.run_until_cancelled(tick.tick()).await.is_some() {
        let renewed = lease.lock().await.renew().await;
        if let Err(error) = &renewed {
            if !is_failing {
                tracing::error!(%error, "the database may have a second server");
            }
            duty.failed(error.to_string());
        }
        is_failing = renewed.is_err();
        duty.ran();
    }
    Ok(())
}

/// One file under two names, as a folder that is mounted twice has it.
fn is_same(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()));
    id(one).is_some_and(|one| Some(one) == id(other))
}

/// `flag` is how another folder is named.
fn lock(folder: &Path, flag: &str) -> anyhow::Result<File> {
    let path = path(folder);
    let mut file = open(&path).with_context(|| format!("nothing can be written to {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let who = number(&mut file).map_or_else(String::new, |number| format!(" (process {number})"));
            bail!(
                "a Routewarden server{who} is running on the folder {}; stop it first, or give this one a folder \
                 of its own with {flag}",
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
    Ok(file)
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    open_itself(&mut options, path)
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
    use crate::config::Sources;
    use std::collections::BTreeMap;

    fn serving(folder: &Path) -> Config {
        let sources = Sources { file: None, environment: BTreeMap::new() };
        Config::load(&[], &sources).unwrap().0.at(folder)
    }

    #[test]
    fn a_folder_has_one_server_until_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let config = serving(folder.path());
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Nobody);
        let first = Instance::take(&config).unwrap();
        let refused = Instance::take(&config).unwrap_err().to_string();
        let us = std::process::id();
        assert!(refused.contains(&format!("process {us}")) && refused.contains("--data-dir"), "{refused}");
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Process(Some(us)));
        drop(first);
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Nobody);
        Instance::take(&config).unwrap();
    }

    #[test]
    fn a_database_file_has_one_server_whatever_its_data_folder_is() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let database_url = serving(folder.path()).database_url;
        let elsewhere = Config { database_url, ..serving(other.path()) };
        let first = Instance::take(&serving(folder.path())).unwrap();
        let refused = Instance::take(&elsewhere).unwrap_err().to_string();
        let named = [&folder.path().display().to_string(), "--database-url"];
        assert!(named.iter().all(|named| refused.contains(*named)), "{refused}");
        drop(first);
        let first = Instance::take(&elsewhere).unwrap();
        for held in [&folder, &other] {
            Instance::take(&serving(held.path())).unwrap_err();
        }
        drop(first);
    }

    #[test]
    fn a_folder_and_a_file_under_two_names_are_one() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = other.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        let twice = Config { data_dir: link, ..serving(folder.path()) };
        drop(Instance::take(&twice).unwrap());
        std::fs::write(folder.path().join("routewarden.db"), "").unwrap();
        std::os::unix::fs::symlink(folder.path().join("routewarden.db"), other.path().join("routewarden.db"))
            .unwrap();
        let first = Instance::take(&serving(folder.path())).unwrap();
        Instance::take(&serving(other.path())).unwrap_err();
        drop(first);
    }

    #[test]
    fn what_an_ended_server_left_keeps_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "4294967295\n and more of it").unwrap();
        assert_eq!(Instance::holder(folder.path()).unwrap(), Holder::Nobody);
        Instance::take(&serving(folder.path())).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_lock_is_refused_and_what_it_points_to_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (target, lock) = (folder.path().join("of root's"), folder.path().join(FILE));
        let refused = || {
            let refused = format!("{:#}", Instance::take(&serving(folder.path())).unwrap_err());
            assert!(refused.contains(FILE), "{refused}");
            std::fs::remove_file(&lock).unwrap();
        };
        std::os::unix::fs::symlink(&target, &lock).unwrap();
        refused();
        assert!(!target.exists());
        std::fs::write(&target, "as it was").unwrap();
        std::os::unix::fs::symlink(&target, &lock).unwrap();
        refused();
        std::fs::hard_link(&target, &lock).unwrap();
        refused();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "as it was");
    }

    #[test]
    fn looking_who_serves_takes_nothing_and_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let config = serving(folder.path());
        drop(Instance::take(&config).unwrap());
        Instance::holder(folder.path()).unwrap();
        let server = Instance::take(&config).unwrap();
        Instance::holder(folder.path()).unwrap();
        assert!(Instance::take(&config).is_err());
        drop(server);
    }
}
