//! The real program as a process, telling everything it ever tells.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};
use tokio::time::{interval, timeout};

const BINARY: &str = env!("CARGO_BIN_EXE_routewarden");
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Program {
    child: Child,
    log: PathBuf,
    pub base: String,
}

/// A subcommand in this folder, told `input`.
pub fn run(folder: &Path, words: &[&str], input: &str) -> Output {
    let mut command = Command::new(BINARY);
    command.args(words).arg("--data-dir").arg(folder.join("data")).current_dir(folder);
    command.env("ROUTEWARDEN_LOG", "trace").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

impl Program {
    /// Serves by HTTPS, and logs all there is to log.
    pub async fn serve(folder: &Path) -> Self {
        let log = folder.join("log");
        let child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"])
            .arg("--data-dir")
            .arg(folder.join("data"))
            .current_dir(folder)
            .env("ROUTEWARDEN_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut program = Self { child, log, base: String::new() };
        program.base = program.said("Routewarden is at ").await;
        program
    }

    /// What the log says behind these words, once it says so.
    pub async fn said(&self, words: &str) -> String {
        let mut looks = interval(Duration::from_millis(20));
        let looking = async {
            loop {
                looks.tick().await;
                let log = String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned();
                let line = log.lines().find_map(|line| line.split_once(words)).map(|(_, rest)| rest.trim());
                if let Some(rest) = line.filter(|_| log.ends_with('\n')) {
                    return rest.to_owned();
                }
            }
        };
        timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("never said: {words}"))
    }

    /// Everything it said, after it came to its end.
    pub async fn stop(mut self) -> Vec<u8> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        let mut looks = interval(Duration::from_millis(20));
        let ending = async {
            while self.child.try_wait().unwrap().is_none() {
                looks.tick().await;
            }
        };
        timeout(PATIENCE, ending).await.expect("it stops");
        std::fs::read(&self.log).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
