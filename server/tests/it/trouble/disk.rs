//! A disk that is full, and one that cannot be written to.

use super::{Trouble, is_lived_through};
use crate::fixture::App;
use server::{
    app::{self, Surroundings},
    config::{Config, Sources},
};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A small disk of a test's own, in memory.
struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one in `folder`; `None`, with the reason told, where that is not possible.
    fn mount(folder: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=160m,mode=0700", "routewarden-test"])
            .arg(folder)
            .output();
        match mounted {
            Ok(mounted) if mounted.status.success() => Some(Self { folder: folder.to_owned() }),
            outcome => {
                let why = outcome.map(|outcome| String::from_utf8_lossy(&outcome.stderr).into_owned());
                println!("skipped: a small disk can only be mounted by root: {why:?}");
                None
            }
        }
    }

    fn become_read_only(&self) {
        let options = ["-o", "remount,ro", "routewarden-test"];
        assert!(Command::new("mount").args(options).arg(&self.folder).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, for the program may still hold it.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}

#[async_trait::async_trait]
impl Trouble for Disk {
    async fn begin(&mut self) {
        let mut file = File::create(self.folder.join("filler")).unwrap();
        for bytes in [&[0; 1024 * 1024][..], &[0; 512], &[0]] {
            while file.write_all(bytes).is_ok() {}
        }
    }

    async fn end(&mut self) {
        std::fs::remove_file(self.folder.join("filler")).unwrap();
    }

    fn why(&self) -> Option<&'static str> {
        Some("disk_full")
    }
}

#[tokio::test]
async fn a_full_disk_is_lived_through() {
    let folder = TempDir::new().unwrap();
    // Where the database is a server, its disk is not ours to fill.
    if std::env::var_os("ROUTEWARDEN_TEST_DATABASE").is_some() {
        return;
    }
    let Some(disk) = Disk::mount(folder.path()) else { return };
    let app = App::in_folder(folder, &[], Surroundings::default()).await;
    is_lived_through(app, disk).await;
}

#[tokio::test]
async fn a_start_on_a_disk_that_cannot_be_written_to_says_so_and_leaves_everything_as_it_was() {
    let folder = TempDir::new().unwrap();
    let Some(disk) = Disk::mount(folder.path()) else { return };
    let environment = [
        ("ROUTEWARDEN_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("ROUTEWARDEN_DATA_DIR".to_owned(), folder.path().display().to_string()),
    ];
    let config = Config::load(&[], &Sources { file: None, environment: environment.into() }).unwrap().0;
    app::start(&config, Surroundings::default()).await.unwrap().stop().await.unwrap();
    disk.become_read_only();
    let refused = app::start(&config, Surroundings::default()).await.err().expect("it cannot start");
    let why = format!("{refused:#}");
    assert!(
        why.contains("nothing can be written to") && why.contains(&config.data_dir.display().to_string()),
        "{why}"
    );
}
