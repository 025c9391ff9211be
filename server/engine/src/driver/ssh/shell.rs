//! A terminal on a device: what it draws, what is typed into it, its size, and how it ended.

use super::connect::in_time;
use super::{
    Connection, PACKET_BYTES, STEP_MAX, SshError, Step, WINDOW_BYTES,
    connect::end,
    guard::Allowance,
    watcher::{Seen, Watcher},
};
use futures::FutureExt;
use russh::{
    Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Pty,
    client::{Handle, Msg},
};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::DropGuard;

/// What the terminal in the page is.
const TERMINAL: &str = "xterm-256color";
/// How it behaves until a program says otherwise. RouterOS and others want it said.
const MODES: &[(Pty, u32)] = &[
    (Pty::VERASE, 127),
    (Pty::ICRNL, 1),
    (Pty::IUTF8, 1),
    (Pty::ISIG, 1),
    (Pty::ICANON, 1),
    (Pty::ECHO, 1),
    (Pty::ECHOE, 1),
    (Pty::OPOST, 1),
    (Pty::ONLCR, 1),
    (Pty::TTY_OP_ISPEED, 115_200),
    (Pty::TTY_OP_OSPEED, 115_200),
];
/// What comes close together is handed on together, up to so many bytes.
const TOGETHER_BYTES: usize = 2 * PACKET_BYTES as usize;
/// How long a channel may stay open after its program has ended.
pub(super) const FAREWELL: Duration = Duration::from_secs(5);
/// Of a long paste, so much at a time.
const PIECE_BYTES_MAX: usize = 16 * 1024;
/// How long a device may not take what is typed: long pastes wait for programs that are busy.
const TYPING_MAX: Duration = Duration::from_secs(300);

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

impl Size {
    /// Sizes that no screen has would make devices reckon with them.
    fn bounded(self) -> (u32, u32) {
        (u32::from(self.columns.clamp(2, 1000)), u32::from(self.rows.clamp(1, 1000)))
    }
}

/// What comes out of a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Bytes(Vec<u8>),
    /// The program ended, or the device ended it.
    Ended {
        exit_code: Option<u32>,
    },
}

/// An open terminal.
pub struct Shell {
    pub input: ShellInput,
    pub output: ShellOutput,
}

/// Where it is typed. Does not keep the terminal open.
pub struct ShellInput {
    write: ChannelWriteHalf<Msg>,
    seen: Seen,
    allowance: Allowance,
}

/// Where it is read. Dropped, the connection is cut.
pub struct ShellOutput {
    /// What came before the terminal was granted.
    early: Vec<u8>,
    incoming: Incoming,
    exit: Option<(Option<u32>, Instant)>,
    is_over: bool,
    _handle: Handle<Watcher>,
    _cut: DropGuard,
}

impl Connection {
    /// Opens a terminal.
    pub async fn shell(self, size: Size) -> Result<Shell, SshError> {
        let (mut channel, connection) = self.channel().await?;
        let (columns, rows) = size.bounded();
        let mut early = Vec::new();
        let opening = async {
            channel.request_pty(true, TERMINAL, columns, rows, 0, 0, MODES).await?;
            granted(&mut channel, &mut early).await?;
            channel.request_shell(true).await?;
            granted(&mut channel, &mut early).await
        };
        in_time(Step::Open, STEP_MAX, opening).await?.map_err(|error| connection.end(error))?;
        let (read, write) = channel.split();
        let Connection { handle, seen, allowance, cut, .. } = connection;
        let input = ShellInput { write, seen: seen.clone(), allowance: allowance.clone() };
        let incoming = Incoming { read, held: None, seen, allowance };
        let output = ShellOutput { early, incoming, exit: None, is_over: false, _handle: handle, _cut: cut };
        Ok(Shell { input, output })
    }

    pub(super) async fn channel(self) -> Result<(Channel<Msg>, Connection), SshError> {
        let opening = self.handle.channel_open_session();
        let opened = in_time(Step::Open, STEP_MAX, opening).await?;
        let channel = opened.map_err(|error| self.end(error.into()))?;
        Ok((channel, self))
    }
}

/// Waits for the answer to a request; some devices begin to talk before they give it.
pub(super) async fn granted(channel: &mut Channel<Msg>, early: &mut Vec<u8>) -> Result<(), SshError> {
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, ext: 1 })
                if early.len() + data.len() <= WINDOW_BYTES as usize =>
            {
                early.extend_from_slice(&data);
            }
            Some(ChannelMsg::Success) => return Ok(()),
            Some(ChannelMsg::WindowAdjusted { .. }) => {}
            Some(ChannelMsg::Failure | ChannelMsg::Close | ChannelMsg::Eof) => {
                return Err(SshError::NoTerminal);
            }
            Some(_) => return Err(SshError::Violation("it does not answer what it was asked".to_owned())),
            None => return Err(SshError::Closed(None)),
        }
    }
}

impl ShellInput {
    /// Types. Waits while the device takes no more.
    pub async fn write(&self, bytes: &[u8]) -> Result<(), SshError> {
        for piece in bytes.chunks(PIECE_BYTES_MAX) {
            self.allowance.typed(piece.len());
            let writing = async {
                self.seen.ahead.admit(piece.len()).await;
                self.write.data_bytes(piece.to_vec()).await
            };
            match timeout(TYPING_MAX, writing).await {
                Ok(written) => written.map_err(|error| self.end(error))?,
                Err(_) => return Err(SshError::Unread),
            }
        }
        Ok(())
    }

    pub async fn resize(&self, size: Size) -> Result<(), SshError> {
        let (columns, rows) = size.bounded();
        match timeout(TYPING_MAX, self.write.window_change(columns, rows, 0, 0)).await {
            Ok(told) => told.map_err(|error| self.end(error)),
            Err(_) => Err(SshError::Unread),
        }
    }
}

impl ShellInput {
    fn end(&self, error: russh::Error) -> SshError {
        end(&self.seen, &self.allowance, error.into())
    }
}

impl ShellOutput {
    /// What comes next. Loses nothing when dropped half-way; while it is not called, the device waits.
    pub async fn next(&mut self) -> Result<Output, SshError> {
        if !self.early.is_empty() {
            return Ok(Output::Bytes(std::mem::take(&mut self.early)));
        }
        loop {
            if self.is_over {
                return Ok(Output::Ended { exit_code: self.exit.and_then(|(code, _)| code) });
            }
            let message = match self.exit {
                None => self.incoming.next().await,
                Some((_, until)) => timeout_at(until, self.incoming.next()).await.unwrap_or(Ok(None)),
            };
            match message? {
                Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, ext: 1 }) => {
                    let mut bytes = Vec::from(data);
                    self.incoming.gather(&mut bytes);
                    return Ok(Output::Bytes(bytes));
                }
                Some(ChannelMsg::ExtendedData { .. }) => {
                    return Err(SshError::Violation(
                        "it sends a kind of output that nobody knows".to_owned(),
                    ));
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => self.exits(Some(exit_status)),
                Some(ChannelMsg::ExitSignal { .. } | ChannelMsg::Eof) => self.exits(None),
                Some(ChannelMsg::Close) => self.is_over = true,
                None if self.exit.is_some() => self.is_over = true,
                None => return Err(self.incoming.lost()),
                Some(_) => {}
            }
        }
    }

    fn exits(&mut self, code: Option<u32>) {
        match &mut self.exit {
            Some((known, _)) => *known = known.or(code),
            None => self.exit = Some((code, Instant::now() + FAREWELL)),
        }
    }
}

/// The messages of a channel, one of which may be held back, or what was wrong with it.
pub(super) struct Incoming {
    pub read: ChannelReadHalf,
    pub held: Option<Result<ChannelMsg, SshError>>,
    pub seen: Seen,
    pub allowance: Allowance,
}

impl Incoming {
    pub async fn next(&mut self) -> Result<Option<ChannelMsg>, SshError> {
        if let Some(held) = self.held.take() {
            return held.map(Some);
        }
        let message = self.read.wait().await;
        if let Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) = &message {
            self.allowance.read(data.len());
        }
        match &message {
            Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. })
                if data.len() > PACKET_BYTES as usize =>
            {
                Err(SshError::Violation("it sends more at once than was agreed".to_owned()))
            }
            _ => Ok(message),
        }
    }

    /// Adds what is there already and fits. What was wrong behind it is told when these bytes are drawn.
    fn gather(&mut self, bytes: &mut Vec<u8>) {
        while bytes.len() < TOGETHER_BYTES {
            match self.next().now_or_never() {
                Some(Ok(Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, ext: 1 })))
                    if bytes.len() + data.len() <= TOGETHER_BYTES =>
                {
                    bytes.extend_from_slice(&data);
                }
                Some(other) => {
                    self.held = other.transpose();
                    return;
                }
                None => return,
            }
        }
    }

    pub fn lost(&self) -> SshError {
        end(&self.seen, &self.allowance, SshError::Closed(None))
    }
}
