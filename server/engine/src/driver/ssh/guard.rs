//! The line to a device, with a counter on what comes in and a switch that cuts it.
//!
//! The protocol's own task outlives whoever began it until its line ends: the switch ends it at once, wherever it is.

use super::SshError;
use parking_lot::Mutex;
use std::{
    future::Future,
    io::{self, ErrorKind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// After the login, most bytes that may come in beyond what is read of the terminal: what a window holds, and room.
const SIGNED_BYTES_MAX: u64 = 1024 * 1024;
/// So much of it comes back in a second: signs of life, and windows of ours that grow.
const BYTES_A_SECOND: u64 = 16 * 1024;
/// What a message of the terminal may cost on the line besides its bytes.
const OVERHEAD_BYTES: u64 = 256;
/// What a byte that is typed may bring back: a device may say of each one it took that there is room again
/// (RFC 4254, section 5.2: a window grows by any number of bytes), and OpenSSH does so of each line.
const BYTES_EACH_TYPED: u64 = 64;
/// Most that is ever left, however much is typed.
const LEFT_BYTES_MAX: u64 = 64 * SIGNED_BYTES_MAX;

/// How many bytes may still come in. Windows bound only what is for the terminal; a device may send much else, which
/// nobody reads.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    left: u64,
    /// When it was last filled up; before the login it never is.
    filled_at: Option<Instant>,
    is_used_up: bool,
}

impl Allowance {
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(Mutex::new(State { left: bytes, filled_at: None, is_used_up: false })))
    }

    /// From now on it fills up again.
    pub fn admit(&self) {
        let mut state = self.0.lock();
        state.left = SIGNED_BYTES_MAX;
        state.filled_at = Some(Instant::now());
    }

    /// So many bytes of the terminal were read.
    pub fn read(&self, bytes: usize) {
        self.0.lock().fill(2 * bytes as u64 + OVERHEAD_BYTES);
    }

    /// So many bytes are typed. A long paste is on its way at once and answered little by little: what it may bring
    /// back is kept beside what time brings.
    pub fn typed(&self, bytes: usize) {
        let mut state = self.0.lock();
        let back = (bytes as u64).saturating_mul(BYTES_EACH_TYPED).saturating_add(OVERHEAD_BYTES);
        state.left = state.left.saturating_add(back).min(LEFT_BYTES_MAX);
    }

    /// Why there is nothing left, if there is not.
    pub fn end(&self) -> Option<SshError> {
        let state = self.0.lock();
        let why = || "it sends without end what no terminal needs".to_owned();
        state.is_used_up.then(|| match state.filled_at {
            None => SshError::TooMuchUnsigned,
            Some(_) => SshError::Violation(why()),
        })
    }

    fn use_up(&self, bytes: u64) -> bool {
        let mut state = self.0.lock();
        if let Some(filled_at) = state.filled_at {
            let passed = filled_at.elapsed();
            let back =
                u64::try_from(passed.as_millis()).unwrap_or(u64::MAX).saturating_mul(BYTES_A_SECOND) / 1000;
            if back > 0 {
                state.fill(back);
                state.filled_at = Some(Instant::now());
            }
        }
        match state.left.checked_sub(bytes) {
            Some(left) => state.left = left,
            None => state.is_used_up = true,
        }
        !state.is_used_up
    }
}

impl State {
    fn fill(&mut self, bytes: u64) {
        self.left = self.left.saturating_add(bytes).min(SIGNED_BYTES_MAX.max(self.left));
    }
}

pub(super) struct Guarded {
    line: TcpStream,
    allowance: Allowance,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Guarded {
    pub fn new(line: TcpStream, allowance: Allowance, cut: CancellationToken) -> Self {
        Self { line, allowance, cut: Box::pin(cut.cancelled_owned()) }
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(cx).is_ready() { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.poll_cut(cx)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.line).poll_read(cx, buffer);
        if let Poll::Ready(Ok(())) = read {
            let count = buffer.filled().len().saturating_sub(before) as u64;
            if !this.allowance.use_up(count) {
                return Poll::Ready(Err(ErrorKind::QuotaExceeded.into()));
            }
        }
        read
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.poll_cut(cx)?;
        Pin::new(&mut this.line).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.poll_cut(cx)?;
        Pin::new(&mut this.line).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().line).poll_shutdown(cx)
    }
}
