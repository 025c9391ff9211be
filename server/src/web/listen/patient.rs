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

/// Longest silence in which nothing is taken either. Longer than any request is worked on, and than three pings of a live socket.
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

    /// Whoever takes what is said need not answer: while an answer is written, the next request is waited for
    /// already, and nobody sends it before the end of a long download.
    fn judge_written(
        &mut self,
        context: &mut Context<'_>,
        step: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if matches!(step, Poll::Ready(Ok(1..))) {
            self.reading.is_running = false;
        }
        self.writing.judge(context, step)
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
        self.judge_written(context, step)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let step = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge_written(context, step)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{Places, TrustedProxies};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    const LINE_BYTES: usize = 16;

    async fn line() -> (Patient<DuplexStream>, DuplexStream) {
        let (places, (near, far)) = (Places::new(1, 1, TrustedProxies::default()), duplex(LINE_BYTES));
        let place = places.of("192.0.2.1".parse().unwrap(), places.any().await).unwrap();
        (Patient::new(near, place), far)
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_end_that_says_nothing_is_given_up_and_each_word_starts_the_wait_again() {
        let (mut patient, mut far) = line().await;
        for _ in 0..3 {
            let word = async {
                sleep(SILENCE_MAX - Duration::from_secs(1)).await;
                far.write_all(b"x").await.unwrap();
            };
            let (heard, ()) = tokio::join!(patient.read_u8(), word);
            assert_eq!(heard.unwrap(), b'x');
        }
        let quiet_since = Instant::now();
        assert_eq!(patient.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(quiet_since.elapsed() - SILENCE_MAX < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_end_that_takes_nothing_is_given_up() {
        let (mut patient, _far) = line().await;
        let since = Instant::now();
        let stalled = patient.write_all(&[0; LINE_BYTES + 1]).await.unwrap_err();
        assert_eq!(stalled.kind(), io::ErrorKind::TimedOut);
        assert!(since.elapsed() - STALL_MAX < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_end_that_takes_what_it_is_told_bit_by_bit_is_not_silent() {
        let (patient, mut far) = line().await;
        let (mut reading, mut writing) = tokio::io::split(patient);
        let taking = async {
            let mut part = [0; LINE_BYTES];
            for _ in 0..20 {
                sleep(STALL_MAX - Duration::from_secs(1)).await;
                far.read_exact(&mut part).await.unwrap();
            }
            far.write_all(b"!").await.unwrap();
        };
        let (written, heard, ()) =
            tokio::join!(writing.write_all(&[0; 20 * LINE_BYTES]), reading.read_u8(), taking);
        written.unwrap();
        assert_eq!(heard.unwrap(), b'!');
    }
}
