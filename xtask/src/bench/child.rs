//! Programs beside us while something is measured: ended when they are let go, whatever happens.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const POLL: Duration = Duration::from_millis(50);

pub struct Running(Child);

impl Running {
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        Ok(Self(command.spawn().with_context(|| format!("while starting {name}"))?))
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// What it prints, line by line.
    pub fn lines(&mut self) -> Result<Lines> {
        let printed = self.0.stdout.take().context("its output is ours to read")?;
        let (send, lines) = mpsc::channel();
        // Read to the end: a full pipe would stop the program.
        std::thread::spawn(move || {
            for line in BufReader::new(printed).lines().map_while(Result::ok) {
                // Nobody may be waiting any more.
                let _ = send.send(line);
            }
        });
        Ok(Lines(lines))
    }

    /// Waits until something listens at its address.
    pub fn listens(&mut self, address: SocketAddr, deadline: Duration) -> Result<()> {
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.0.try_wait()? {
                bail!("a program beside us ended with {status}");
            }
            if started.elapsed() > deadline {
                bail!("nothing listened at {address} within {} s", deadline.as_secs());
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing is left to do about a process that is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The lines of a program that has not ended.
pub struct Lines(Receiver<String>);

impl Lines {
    pub fn next(&self, deadline: Duration) -> Result<String> {
        self.0.recv_timeout(deadline).context("the program beside us said nothing in time")
    }
}

/// A program that may open as many files as the system lets anybody: a thousand sockets are many
/// where a shell's usual bound is 1024.
pub fn with_many_files(program: &std::path::Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n \"$(ulimit -H -n)\"; exec \"$0\" \"$@\""])
        .arg(program)
        .stdin(Stdio::null());
    command
}
