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
/// What it says, in its folder.
const LOG: &str = "log";

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
    server: Command,
    is_ready: Command,
    signal: &'static str,
    pub url: String,
    /// After the child, so that it is dropped when nothing runs in it any more.
    place: Place,
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
        let output = File::create(place.folder.join(LOG))?;
        server.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        is_ready.stdout(Stdio::null()).stderr(Stdio::null());
        let child = spawn(&mut server)?;
        let mut running = Self { child, server, is_ready, signal, url, place };
        running.wait_until_ready()?;
        Ok(running)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while !self.is_ready.status()?.success() {
            let has_ended = self.child.try_wait()?.is_some();
            if has_ended || started.elapsed() > START_DEADLINE {
                let said = fs::read_to_string(self.place.folder.join(LOG)).unwrap_or_default();
                bail!("the server does not start:\n{said}");
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Asks it to end, and ends it when it takes too long.
    pub fn stop(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-s", self.signal, &pid]).status()?;
        let started = Instant::now();
        while started.elapsed() < STOP_DEADLINE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        self.child.kill()?;
        self.child.wait().map(drop).map_err(Into::into)
    }

    /// Starts it again where it was.
    pub fn resume(&mut self) -> Result<()> {
        self.child = spawn(&mut self.server)?;
        self.wait_until_ready()
    }
}

fn spawn(server: &mut Command) -> Result<Child> {
    server.spawn().with_context(|| format!("while starting {:?}", server.get_program()))
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to do about one that cannot be ended.
        let _ = self.stop();
    }
}
