//! Something to watch: loopback hosts in any number, and a port that is open on all of them.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;

/// Connections that may wait to be accepted: as many as the program opens at once.
const BACKLOG: u32 = 4096;

/// Hosts of one loopback network, 127.`net`.0.1 and up; each is asked as politely as any other.
pub fn hosts(net: u8, count: usize) -> impl Iterator<Item = Ipv4Addr> {
    let first = u32::from(Ipv4Addr::new(127, net, 0, 1));
    (0..count as u32).map(move |number| Ipv4Addr::from(first + number))
}

/// Accepts whoever connects, counts them and hangs up.
pub struct Door {
    pub port: u16,
    accepted: Arc<AtomicU64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    pub fn open() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        // Only the unspecified address takes in all of 127.0.0.0/8.
        let listener = runtime.block_on(async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((Ipv4Addr::UNSPECIFIED, 0).into())?;
            socket.listen(BACKLOG)
        });
        let listener = listener.context("while opening a port to be watched")?;
        let port = listener.local_addr()?.port();
        let accepted = Arc::new(AtomicU64::new(0));
        let counted = accepted.clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, &counted) => {}
                }
            });
        });
        Ok(Self { port, accepted, stop: Some(stop), thread: Some(thread) })
    }

    /// How many have connected so far.
    pub fn accepted(&self) -> f64 {
        self.accepted.load(Relaxed) as f64
    }
}

async fn accept(listener: TcpListener, counted: &AtomicU64) {
    loop {
        // One that is gone before it was accepted is none of ours.
        if let Ok((_, peer)) = listener.accept().await
            && peer.ip().is_loopback()
        {
            counted.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        drop(self.stop.take());
        // It ended by itself if it panicked, which it has said.
        self.thread.take().map(JoinHandle::join);
    }
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn hosts_are_counted_up_across_the_bytes_of_an_address() {
        let last = hosts(7, 10_000).last().map(|host| host.to_string());
        assert_eq!(last.as_deref(), Some("127.7.39.16"));
    }
}
