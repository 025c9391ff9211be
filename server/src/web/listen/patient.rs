//! A connection that is given up when its far end has gone quiet or takes nothing any more.

use super::places::Place;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// Longest silence. Longer than any request is worked on, and than three pings of a live socket.
const SILENCE_MAX: Duration = Duration::from_secs(100);
/// Longest time in which nothing of an answer is taken.
const STALL_MAX: Duration = Duration::from_secs(30);

/// A stream that holds its place among the connections for as long as it lives, upgraded or not.
pub struct Patient<S> {
    stream: S,
    reading: Wait,
    writing: Wait,
    _place: Place,
}

impl<S> Patient<S> {
    pub fn new(stream: S, place: Place) -> Self {
        Self { stream, reading: Wait::new(SILENCE_MAX), writing: Wait::new(STALL_MAX), _place: place }
    }
}

/// A deadline that runs while something is waited for.
struct Wait {
    max: Duration,
    until: Pin<Box<Sleep>>,
    is_running: bool,
}

impl Wait {
    fn new(max: Duration) -> Self {
        Self { max, until: Box::pin(sleep(max)), is_running: false }
    }

    /// Passes `step` on, or an error when it has been pending for too long.
    fn judge<T>(&mut self, context: &mut Context<'_>, step: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if step.is_ready() {
            self.is_running = false;
            return step;
        }
        if !self.is_running {
            self.until.as_mut().reset(Instant::now() + self.max);
            self.is_running = true;
        }
        ready!(self.until.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let step = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.reading.judge(context, step)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let step = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.writing.judge(context, step)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let step = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.writing.judge(context, step)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let step = Pin::new(&mut self.stream).poll_flush(context);
        self.writing.judge(context, step)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let step = Pin::new(&mut self.stream).poll_shutdown(context);
        self.writing.judge(context, step)
    }
}
