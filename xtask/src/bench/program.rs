//! The release program on a data folder of its own, for as long as one measurement takes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::child::{Running, with_many_files};
use super::{process, targets};
use crate::{exec, http::Client, program::listening};

/// How long a subcommand may take; ten thousand devices are imported in a few seconds.
const TELL_DEADLINE: Duration = Duration::from_secs(120);
/// How long it may take until the running program has noticed what was imported.
const NOTICE_DEADLINE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);
const PASSWORD: &str = "correct horse battery";

/// The process comes before its folder, for it ends first.
pub struct Program {
    running: Running,
    cli: Cli,
    pub address: SocketAddr,
    pub client: Client,
    /// The header by which `client` says who is asking.
    pub token: String,
}

/// The program's subcommands on its data folder.
struct Cli {
    binary: PathBuf,
    folder: Folder,
}

struct Folder(PathBuf);

impl Program {
    /// Starts it with an admin and a token.
    pub fn start(binary: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("routewarden-bench-{}", std::process::id()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let folder = Folder(folder);
        // The admin is there first: a program that started without one sends everybody to its setup.
        let cli = Cli { binary: binary.into(), folder };
        cli.add_user("admin", "admin")?;
        let token = cli.new_token("admin", "write")?;
        let mut running = Running::start(
            with_many_files(binary)
                .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
                .arg(&cli.folder.0)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        )?;
        let address = listening(running.child())?;
        let client = Client::new(address, token.clone());
        Ok(Self { running, cli, address, client, token })
    }

    /// As many accounts that may look, each by the header that speaks for it.
    pub fn add_viewers(&self, count: usize) -> Result<Vec<String>> {
        self.add_accounts(count, "viewer", "read")
    }

    /// As many accounts that may do everything, each by the header that speaks for it.
    pub fn add_admins(&self, count: usize) -> Result<Vec<String>> {
        self.add_accounts(count, "admin", "write")
    }

    fn add_accounts(&self, count: usize, role: &str, scope: &str) -> Result<Vec<String>> {
        (0..count)
            .map(|number| {
                let name = format!("{role}-{number}");
                self.cli.add_user(&name, role)?;
                self.cli.new_token(&name, scope)
            })
            .collect()
    }

    pub fn cpu_s(&self) -> Result<f64> {
        process::cpu_s(self.running.id())
    }

    pub fn resident_mb(&self) -> Result<f64> {
        process::resident_mb(self.running.id())
    }

    pub fn add_device(&mut self, device: &Value) -> Result<()> {
        self.client.post("/api/devices", &device.to_string()).map(drop)
    }

    /// Tunnels to port 9 of as many loopback hosts: refused at once, so that their state settles.
    pub fn add_tunnels(&mut self, count: usize) -> Result<()> {
        for (number, host) in targets::hosts(1, count).enumerate() {
            self.add_device(&json!({
                "name": format!("tunnel-{number}"), "ip_address": host, "device_type": "tunnel", "port": 9,
            }))?;
        }
        Ok(())
    }

    /// Adds all these devices at once, and waits until the running program has them.
    pub fn import(&mut self, devices: &[Value]) -> Result<()> {
        let file = self.cli.folder.0.join("devices.json");
        std::fs::write(&file, Value::from(devices).to_string())?;
        let wanted = self.devices()? + devices.len() as u64;
        self.cli.tell(&["import", &file.to_string_lossy()])?;
        let began = Instant::now();
        while self.devices()? < wanted {
            if began.elapsed() > NOTICE_DEADLINE {
                bail!("the program did not notice an import within {} s", NOTICE_DEADLINE.as_secs());
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Has the whole audit log checked; answers how many entries it has.
    pub fn verify_audit(&self) -> Result<u64> {
        let said = self.cli.tell(&["verify-audit"])?;
        let entries = said.split_whitespace().next().and_then(|word| word.parse().ok());
        entries.with_context(|| format!("verify-audit says how many entries there are:\n{said}"))
    }

    fn devices(&mut self) -> Result<u64> {
        let answer = self.client.get("/api/dashboard/summary")?;
        let answer: Value = serde_json::from_str(&answer.body)?;
        answer["summary"]["total_devices"].as_u64().context("the summary counts devices")
    }

    /// The cookies of somebody who is logged in, as browsers send them.
    pub fn log_in(&mut self) -> Result<String> {
        let form = format!("name=admin&password={}", PASSWORD.replace(' ', "+"));
        Ok(self.client.submit("/api/log_in", &form)?.cookies())
    }
}

impl Cli {
    fn add_user(&self, name: &str, role: &str) -> Result<()> {
        self.tell(&["user", "add", name, "--role", role, "--password-stdin"]).map(drop)
    }

    /// The header that a program sends which speaks for this account.
    fn new_token(&self, user: &str, scope: &str) -> Result<String> {
        let token = self.tell(&["token", "create", "--user", user, "--name", "bench", "--scope", scope])?;
        Ok(format!("Authorization: Bearer {}", token.trim()))
    }

    /// A subcommand on the same data folder.
    fn tell(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(words).arg("--data-dir").arg(&self.folder.0);
        exec::tell_within(&mut command, &format!("{PASSWORD}\n"), TELL_DEADLINE)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing is left to do about a folder that is gone already.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
