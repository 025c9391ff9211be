//! The release program on a data folder of its own, for as long as one measurement takes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::process;
use crate::{exec, http::Client, program::listening};

const PASSWORD: &str = "correct horse battery";

pub struct Program {
    binary: PathBuf,
    folder: PathBuf,
    child: Child,
    pub address: SocketAddr,
    pub client: Client,
}

impl Program {
    /// Starts it with an admin and a token.
    pub fn start(binary: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("routewarden-bench-{}", std::process::id()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let address = listening(&mut child)?;
        let mut program = Self {
            binary: binary.into(),
            folder,
            child,
            address,
            client: Client::new(address, String::new()),
        };
        program.tell(&["user", "add", "admin", "--role", "admin", "--password-stdin"])?;
        let token =
            program.tell(&["token", "create", "--user", "admin", "--name", "bench", "--scope", "write"])?;
        program.client = Client::new(address, format!("Authorization: Bearer {}", token.trim()));
        Ok(program)
    }

    pub fn cpu_s(&self) -> Result<f64> {
        process::cpu_s(self.child.id())
    }

    pub fn resident_mb(&self) -> Result<f64> {
        process::resident_mb(self.child.id())
    }

    pub fn add_device(&mut self, device: &Value) -> Result<()> {
        self.client.post("/api/devices", &device.to_string()).map(drop)
    }

    /// Tunnels to port 9 of as many loopback hosts: refused at once, so that their state settles.
    pub fn add_tunnels(&mut self, count: usize) -> Result<()> {
        for number in 0..count {
            let address = format!("127.1.{}.{}", number / 250, number % 250 + 1);
            self.add_device(&json!({
                "name": format!("tunnel-{number}"), "ip_address": address, "device_type": "tunnel", "port": 9,
            }))?;
        }
        Ok(())
    }

    /// A cookie of somebody who is logged in, as browsers send it.
    pub fn log_in(&mut self) -> Result<String> {
        let form = format!("name=admin&password={}", PASSWORD.replace(' ', "+"));
        let answer = self.client.submit("/api/log_in", &form)?;
        let cookie = answer.header("set-cookie").context("logging in sets a cookie")?;
        Ok(cookie.split(';').next().unwrap_or_default().to_owned())
    }

    /// A subcommand on the same data folder.
    fn tell(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(words).arg("--data-dir").arg(&self.folder);
        exec::tell(&mut command, &format!("{PASSWORD}\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing is left to do about a process or a folder that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
