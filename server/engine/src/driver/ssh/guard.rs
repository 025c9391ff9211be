//! The line to a device, with a counter on what comes in and a switch that cuts it.
//!
//! The protocol's own task outlives whoever began it until its line ends: the switch ends it at once, wherever it is.

use std::{
    future::Future,
    io::{self, ErrorKind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// How many bytes may still come in.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<AtomicU64>);

impl Allowance {
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// From now on only windows bound what comes in.
    pub fn lift(&self) {
        self.0.store(u64::MAX, Ordering::Release);
    }

    pub fn is_used_up(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    fn use_up(&self, bytes: u64) -> bool {
        let take = |left: u64| if left == u64::MAX { Some(left) } else { left.checked_sub(bytes) };
        let taken = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, take);
        if taken.is_err() {
            self.0.store(0, Ordering::Release);
        }
        taken.is_ok()
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
