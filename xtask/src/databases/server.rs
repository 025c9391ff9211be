//! A server that runs for as long as somebody holds it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{exec, packages};

const START_DEADLINE: Duration = Duration::from_secs(60);
const STOP_DEADLINE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// A folder that belongs to an unprivileged user, and a port that nobody listens at. The folder goes with it.
pub struct Place {
    pub folder: PathBuf,
    pub port: u16,
    /// Absent when we are unprivileged ourselves.
    user: Option<&'static str>,
}

impl Place {
    pub fn new(name: &str, user: &'static str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("routewarden-{name}-{}", std::process::id()));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        let place = Self {
            folder,
            port: TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
            user: packages::is_root().then_some(user),
        };
        if let Some(user) = place.user {
            let id = |what| exec::output(Command::new("id").args([what, user])).map(|id| id.trim().parse());
            chown(&place.folder, Some(id("-u")??), Some(id("-g")??))?;
        }
        Ok(place)
    }

    /// A program run by that user in that folder. It gets `signal` when we are gone, even if we were killed.
    pub fn command(&self, program: impl AsRef<OsStr>, signal: &str) -> Command {
        let mut command = exec::clean("setpriv");
        command.args(["--pdeathsig", signal]);
        if let Some(user) = self.user {
            command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
        }
        command.arg(program).current_dir(&self.folder).env("HOME", &self.folder);
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nothing is left to do about a folder that is gone already.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub struct Server {
    child: Child,
    signal: &'static str,
    pub url: String,
    /// After the child, so that it is dropped when nothing runs in it any more.
    _place: Place,
}

impl Server {
    /// Starts `server` and waits until `is_ready` succeeds.
    pub fn start(
        place: Place,
        mut server: Command,
        mut is_ready: Command,
        signal: &'static str,
        url: String,
    ) -> Result<Self> {
        let log = place.folder.join("log");
        let output = File::create(&log)?;
        server.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = server.spawn().with_context(|| format!("while starting {:?}", server.get_program()))?;
        let mut running = Self { child, signal, url, _place: place };
        is_ready.stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        while !is_ready.status()?.success() {
            let has_ended = running.child.try_wait()?.is_some();
            if has_ended || started.elapsed() > START_DEADLINE {
                bail!(
                    "the database server does not start:\n{}",
                    fs::read_to_string(&log).unwrap_or_default()
                );
            }
            std::thread::sleep(POLL);
        }
        Ok(running)
    }
}

impl Drop for Server {
    /// Asks it to end, and ends it when it takes too long.
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-s", self.signal, &pid]).status();
        let started = Instant::now();
        while started.elapsed() < STOP_DEADLINE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
