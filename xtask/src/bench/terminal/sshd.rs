//! OpenSSH's own server on loopback, for the user who runs the bench, with keys and a shell of its own.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::prompt::PROMPT;
use crate::bench::child::Running;
use crate::{exec, packages};

const START_DEADLINE: Duration = Duration::from_secs(10);
/// One line of the file that is drawn, with its end.
const LINE: &[u8] = b"the quick brown fox jumps over the lazy dog, and the slow one looks on \n";

/// The process comes before its folder, for it ends first.
pub struct Sshd {
    _server: Running,
    folder: TempDir,
    address: SocketAddr,
    user: String,
}

impl Sshd {
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let user = exec::output(Command::new("id").arg("-un"))?.trim().to_owned();
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        for name in ["host", "user"] {
            let mut make = Command::new("ssh-keygen");
            exec::run(make.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(at(name)))?;
        }
        let host_key = fs::read_to_string(at("host.pub"))?;
        fs::write(at("known"), format!("[{}]:{} {host_key}", address.ip(), address.port()))?;
        // The same prompt whoever runs it.
        fs::write(at("shell"), format!("export PS1='{PROMPT}' ENV=\nexec sh -i\n"))?;
        let config = config(folder.path(), address);
        fs::write(at("config"), &config)?;
        if packages::is_root() {
            // Run as root it wants its folder.
            fs::create_dir_all("/run/sshd")?;
        }
        // Newer ones send away whoever often connects without signing in, as one who asks for a host key does.
        let patient = format!("{config}PerSourcePenalties no\n");
        fs::write(at("patient"), patient)?;
        let takes = Command::new(packages::SSH_SERVER.0)
            .args(["-t", "-f"])
            .arg(at("patient"))
            .stderr(Stdio::null())
            .status()?;
        let config = at(if takes.success() { "patient" } else { "config" });
        let mut server = Running::start(
            Command::new(packages::SSH_SERVER.0).args(["-D", "-f"]).arg(config).arg("-E").arg(at("log")),
        )?;
        let listens = server.listens(address, START_DEADLINE);
        listens.with_context(|| fs::read_to_string(at("log")).unwrap_or_default())?;
        Ok(Self { _server: server, folder, address, user })
    }

    /// The login of a device that is reached here.
    pub fn login(&self) -> Result<Value> {
        let key = fs::read_to_string(self.at("user"))?;
        Ok(json!({"username": self.user, "private_key": key, "port": self.address.port()}))
    }

    /// OpenSSH's client, with a terminal at the far end.
    pub fn client(&self) -> Command {
        let mut ssh = Command::new("ssh");
        ssh.args([
            "-q",
            "-F",
            "none",
            "-e",
            "none",
            "-tt",
            "-o",
            "BatchMode=yes",
            "-o",
            "IdentitiesOnly=yes",
        ])
        .arg("-i")
        .arg(self.at("user"))
        .arg("-o")
        .arg(format!("UserKnownHostsFile={}", self.at("known").display()))
        // Newer ones keep keys back to hide when they were pressed; the quicker one is the peer.
        .args(["-o", "IgnoreUnknown=ObscureKeystrokeTiming", "-o", "ObscureKeystrokeTiming=no"])
        .args([
            "-l",
            &self.user,
            "-p",
            &self.address.port().to_string(),
            &self.address.ip().to_string(),
        ]);
        ssh
    }

    /// Lines of text to be drawn.
    pub fn write_file(&self, bytes: usize) -> Result<PathBuf> {
        let path = self.at("text");
        fs::write(&path, LINE.repeat(bytes.div_ceil(LINE.len())))?;
        Ok(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn config(folder: &Path, address: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "Port {}\nListenAddress {}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n\
         ForceCommand exec sh {folder}/shell\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nPidFile none\nPrintMotd no\n\
         PrintLastLog no\nMaxSessions 200\nMaxStartups 200\n",
        address.port(),
        address.ip()
    )
}
