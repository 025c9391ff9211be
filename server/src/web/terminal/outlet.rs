//! What a device sends, in pieces that its recording takes at once.
//!
//! While nothing may be drawn nothing is taken, and the device waits. A key has to pass all the same: the driver's one
//! task, which carries it, must not wait for room among what comes the other way, so that for each key a little is taken
//! and kept here.

use crate::recordings::AT_ONCE_BYTES_MAX;
use engine::driver::ssh::{Output, ShellOutput, SshError};
use std::{collections::VecDeque, future::pending};

/// So many messages are taken for a key to pass: what waits in the driver, as [`super::relay`] reckons.
const MESSAGES_A_KEY: u8 = 4;
/// Most that is kept here. A device that sends on after so many keys has the rest wait with it.
const KEPT_BYTES_MAX: usize = 256 * 1024;

pub struct Outlet {
    output: ShellOutput,
    kept: VecDeque<u8>,
    /// What came behind what is kept: the end, or why there is no more.
    last: Option<Result<Output, SshError>>,
    /// Messages that may be taken although nothing may be drawn.
    passes: u8,
}

impl Outlet {
    pub fn new(output: ShellOutput) -> Self {
        Self { output, kept: VecDeque::new(), last: None, passes: 0 }
    }

    /// A key is on its way while nothing may be drawn.
    pub fn let_pass(&mut self) {
        self.passes = MESSAGES_A_KEY;
    }

    /// What comes next, once it may be drawn. Loses nothing when dropped half-way.
    pub async fn next(&mut self, may_draw: bool) -> Result<Output, SshError> {
        if !may_draw {
            loop {
                self.take_aside().await;
            }
        }
        self.passes = 0;
        if self.kept.is_empty() {
            match self.take().await {
                Ok(Output::Bytes(bytes)) if bytes.len() <= AT_ONCE_BYTES_MAX => {
                    return Ok(Output::Bytes(bytes));
                }
                Ok(Output::Bytes(bytes)) => self.kept.extend(bytes),
                last => return last,
            }
        }
        let length = self.kept.len().min(AT_ONCE_BYTES_MAX);
        Ok(Output::Bytes(self.kept.drain(..length).collect()))
    }

    async fn take(&mut self) -> Result<Output, SshError> {
        match self.last.take() {
            Some(last) => last,
            None => self.output.next().await,
        }
    }

    /// Takes a message that a key is to pass; never ends where none is.
    async fn take_aside(&mut self) {
        if self.passes == 0 || self.last.is_some() || self.kept.len() >= KEPT_BYTES_MAX {
            return pending().await;
        }
        match self.output.next().await {
            Ok(Output::Bytes(bytes)) => self.kept.extend(bytes),
            last => self.last = Some(last),
        }
        self.passes -= 1;
    }
}
