//! The peer: OpenSSH's own client, in a pty as people use it, or between pipes.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::prompt::{PATIENCE, PROMPT, Prompt, Speed, draw_until};
use super::sshd::Sshd;
use crate::bench::child::Running;

const BUFFER_BYTES: usize = 64 * 1024;

pub struct Plain {
    input: File,
    output: File,
    buffer: Box<[u8]>,
    /// Ends with this.
    _ssh: Running,
}

impl Plain {
    pub fn in_pty(sshd: &Sshd) -> Result<Self> {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&keyboard)?;
        unlockpt(&keyboard)?;
        let name = ptsname(&keyboard, Vec::new())?;
        let terminal = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        let mut ssh = sshd.client();
        ssh.stdin(terminal.try_clone()?).stdout(terminal.try_clone()?).stderr(terminal);
        let ssh = Running::start(&mut ssh)?;
        Self::new(ssh, keyboard.try_clone()?, keyboard)
    }

    pub fn in_pipes(sshd: &Sshd) -> Result<Self> {
        let mut ssh = sshd.client();
        ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut ssh = Running::start(&mut ssh)?;
        let input = ssh.child().stdin.take().context("its input is ours to write")?;
        let output = ssh.child().stdout.take().context("its output is ours to read")?;
        Self::new(ssh, input.into(), output.into())
    }

    fn new(ssh: Running, input: OwnedFd, output: OwnedFd) -> Result<Self> {
        let buffer = vec![0; BUFFER_BYTES].into();
        let mut plain = Self { input: input.into(), output: output.into(), buffer, _ssh: ssh };
        draw_until(&mut plain, PROMPT, Speed::Any)?;
        Ok(plain)
    }
}

impl Prompt for Plain {
    fn type_in(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.input.write_all(bytes)?)
    }

    fn hear(&mut self) -> Result<&[u8]> {
        let patience = Timespec { tv_sec: PATIENCE.as_secs().try_into()?, tv_nsec: 0 };
        let ready = poll(&mut [PollFd::new(&self.output, PollFlags::IN)], Some(&patience))?;
        ensure!(ready > 0, "ssh said nothing for {} s", PATIENCE.as_secs());
        let count = self.output.read(&mut self.buffer).context("while reading of ssh")?;
        ensure!(count > 0, "ssh ended");
        Ok(self.buffer.get(..count).unwrap_or_default())
    }
}
