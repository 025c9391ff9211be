//! OpenSSH and Dropbear as Debian has them, on ports of their own, with a user that only they know: in a mount namespace
//! with a `passwd` of its own, so that the machine's stays as it is.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The user's name in the namespace, and the password.
pub const USER: &str = "netadmin";
pub const PASSWORD: &str = "s3cret-pass";
const UID: u32 = 39_999;
const GID: u32 = 65_534;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    OpenSsh,
    Dropbear,
}

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Kind::OpenSsh => "/usr/sbin/sshd",
            Kind::Dropbear => "/usr/sbin/dropbear",
        }
    }
}

/// One server. Ends when dropped, with everybody who is in.
pub struct Peer {
    pub port: u16,
    /// Of the user, as OpenSSH writes it.
    pub private_key: String,
    pub folder: TempDir,
    server: Child,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn run(command: &mut Command) {
    let done = command.stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Both, where this machine has them; where the tests must be whole, they must be there.
pub fn all() -> Vec<(Kind, Peer)> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let kinds = [Kind::OpenSsh, Kind::Dropbear];
    let here = kinds.into_iter().filter(|kind| is_root && Path::new(kind.program()).exists());
    let here: Vec<_> = here.map(|kind| (kind, start(kind))).collect();
    if here.len() < kinds.len() {
        println!("skipped: openssh-server and dropbear-bin are not all installed, or this is not root");
        assert!(!is_root || std::env::var("CI").is_err(), "CI tests against real SSH servers");
    }
    here
}

fn start(kind: Kind) -> Peer {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // The user must reach the home in it.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(at("home/.ssh")).unwrap();
    for (name, kind) in [("host", "ed25519"), ("user", "ed25519")] {
        run(Command::new("ssh-keygen").args(["-q", "-N", "", "-t", kind, "-f"]).arg(at(name)));
    }
    fs::copy(at("user.pub"), at("home/.ssh/authorized_keys")).unwrap();
    write_users(folder.path());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let serve = match kind {
        Kind::OpenSsh => {
            let config = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nStrictModes no\nUsePAM no\nPidFile none\n\
                 PasswordAuthentication yes\nKbdInteractiveAuthentication no\nPrintMotd no\nPrintLastLog no\n",
                at("host").display()
            );
            fs::write(at("sshd_config"), config).unwrap();
            fs::create_dir_all("/run/sshd").unwrap();
            format!(
                "exec {} -D -f {} -E {}",
                kind.program(),
                at("sshd_config").display(),
                at("log").display()
            )
        }
        Kind::Dropbear => {
            let key = at("dropbear_key");
            run(Command::new("dropbearkey").args(["-t", "ed25519", "-f"]).arg(&key));
            format!("exec {} -F -E -r {} -p 127.0.0.1:{port}", kind.program(), key.display())
        }
    };
    let script = format!(
        "mount --bind {0}/passwd /etc/passwd && mount --bind {0}/shadow /etc/shadow && {serve}",
        folder.path().display()
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", &script]);
    let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let peer = Peer { port, private_key: fs::read_to_string(at("user")).unwrap(), folder, server };
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "{kind:?} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    peer
}

fn write_users(folder: &Path) {
    let home = folder.join("home");
    let hash = Command::new("openssl").args(["passwd", "-6", PASSWORD]).output().unwrap().stdout;
    let hash = String::from_utf8(hash).unwrap();
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let user = format!("{USER}:x:{UID}:{GID}::{}:/bin/bash\n", home.display());
    fs::write(folder.join("passwd"), passwd + &user).unwrap();
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let secret = format!("{USER}:{}:19000:0:99999:7:::\n", hash.trim());
    fs::write(folder.join("shadow"), shadow + &secret).unwrap();
    fs::set_permissions(folder.join("shadow"), fs::Permissions::from_mode(0o600)).unwrap();
    // A prompt that says nothing of the machine.
    fs::write(
        home.join(".bashrc"),
        "case $- in *i*) ;; *) return ;; esac\nPS1='ready$ '\nbind 'set enable-bracketed-paste off'\n",
    )
    .unwrap();
    fs::write(home.join(".bash_profile"), ". ~/.bashrc\n").unwrap();
    run(Command::new("chown").arg("-R").arg(format!("{UID}:{GID}")).arg(&home));
}
