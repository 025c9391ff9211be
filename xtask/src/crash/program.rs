//! The program on one data folder and one database, started and killed again and again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::exec;
use crate::http::Client;
use crate::program::listening;

const PASSWORD: &str = "correct horse battery";
const POLL: Duration = Duration::from_millis(2);
const HEALTH_DEADLINE: Duration = Duration::from_secs(30);
/// A subcommand of a program that another one may be starting beside.
const TELL_DEADLINE: Duration = Duration::from_secs(30);

pub struct Installation {
    binary: PathBuf,
    folder: PathBuf,
    place: Vec<String>,
    token: String,
}

impl Installation {
    /// An admin with a token, in a folder of its own; `database` is a URL where it is not SQLite.
    pub fn create(binary: &Path, database: Option<&str>) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("routewarden-crash-{}", std::process::id()));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let mut place = vec!["--data-dir".to_owned(), folder.display().to_string()];
        place.extend(database.iter().flat_map(|url| ["--database-url".to_owned(), (*url).to_owned()]));
        let mut installation = Self { binary: binary.into(), folder, place, token: String::new() };
        installation.tell(&["user", "add", "admin", "--role", "admin", "--password-stdin"])?;
        let token = ["token", "create", "--user", "admin", "--name", "crash", "--scope", "write"];
        installation.token = installation.tell(&token)?.trim().to_owned();
        Ok(installation)
    }

    fn tell(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.binary);
        exec::tell_within(command.args(words).args(&self.place), &format!("{PASSWORD}\n"), TELL_DEADLINE)
    }

    /// Starts the server and waits until it says that it is well.
    pub fn start(&self) -> Result<Running> {
        let started = Instant::now();
        // A file that may not grow is an error for the server then, and not its end.
        let mut child = Command::new("sh")
            .args(["-c", r#"trap '' XFSZ && exec "$0" "$@""#])
            .arg(&self.binary)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(&self.place)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let address = listening(&mut child);
        let mut running = Running {
            child: RefCell::new(child),
            // Replaced below; a server that never says where it is has nobody to ask.
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: self.token.clone(),
            took: Duration::ZERO,
        };
        running.address = address?;
        while running.client().get("/health").is_err() {
            ensure!(started.elapsed() < HEALTH_DEADLINE, "/health never answers 200");
            std::thread::sleep(POLL);
        }
        running.took = started.elapsed();
        Ok(running)
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        // Nothing is left to do about a folder that is gone already.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A running server. Killed when dropped.
pub struct Running {
    child: RefCell<Child>,
    address: SocketAddr,
    token: String,
    /// From its start to its first good `/health`.
    pub took: Duration,
}

impl Running {
    pub fn client(&self) -> Client {
        Client::new(self.address, format!("Authorization: Bearer {}", self.token))
    }

    pub fn pid(&self) -> u32 {
        self.child.borrow().id()
    }

    /// Every device by name.
    pub fn devices(&self) -> Result<BTreeMap<String, Value>> {
        let list: Value = serde_json::from_str(&self.client().get("/api/devices")?.body)?;
        let total = list["total"].as_u64().context("a list says how long it is")?;
        let list = list["devices"].as_array().context("a list has devices")?.clone();
        ensure!(list.len() as u64 == total, "{total} devices do not fit on one page");
        let named = list.into_iter().map(|device| {
            let name = device["name"].as_str().context("a device has a name")?.to_owned();
            Ok((name, device))
        });
        named.collect()
    }

    /// Without a word of warning, as a power cut of the process alone.
    pub fn kill(&self) {
        let mut child = self.child.borrow_mut();
        // It may have ended by itself, which the next look at it tells.
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
