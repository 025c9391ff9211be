//! The sockets that lines arrive at: one for datagrams, one for streams, on the same port.

use super::{
    Frames, LINE_BYTES_MAX,
    throttle::{Throttle, Verdict},
};
use std::{
    collections::{HashMap, HashSet},
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// Streams of devices open at once, and of one sender.
const STREAMS_MAX: usize = 256;
const STREAMS_PER_SENDER_MAX: usize = 4;
/// Streams of strangers: they have seats of their own, and take none of a device.
const STRANGE_STREAMS_MAX: usize = 16;
/// A stream that says nothing for so long is closed.
const SILENCE_MAX: Duration = Duration::from_secs(600);
const STRANGE_SILENCE_MAX: Duration = Duration::from_secs(60);
/// Lines of streams that wait to be looked at; their senders wait then.
const WAITING_MAX: usize = 64;
/// Between two tries to accept while there are no descriptors.
const BREATH: Duration = Duration::from_millis(100);
/// Datagrams that had arrived already when it was told to stop, and are still taken.
const LAST_MAX: usize = 1_024;
/// How long is waited for the next of them, and how long they are taken in all.
const LAST_WAIT: Duration = Duration::from_millis(20);
const LAST_FOR: Duration = Duration::from_millis(200);

/// What was sent, and by whom.
#[derive(Debug)]
pub struct Received {
    pub from: IpAddr,
    pub bytes: Box<[u8]>,
    /// Lines before it were not taken, for there were too many.
    pub is_after_gap: bool,
}

/// From where devices send, as far as is known now. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Known(watch::Sender<Option<Arc<HashSet<IpAddr>>>>);

impl Known {
    pub fn replace(&self, addresses: HashSet<IpAddr>) {
        self.0.send_replace(Some(Arc::new(addresses)));
    }

    /// Returns once it was said for the first time: before, everybody would be a stranger.
    pub async fn is_said(&self) {
        // It never ends: this is its sender.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    fn now(&self) -> Arc<HashSet<IpAddr>> {
        self.0.borrow().clone().unwrap_or_default()
    }
}

/// Where lines go: those of strangers fill no place of a device's.
#[derive(Clone, Debug)]
pub struct Outbox {
    pub known: Known,
    pub of_devices: mpsc::Sender<Received>,
    pub of_strangers: mpsc::Sender<Received>,
}

/// Bound sockets.
pub struct Receiver {
    datagrams: UdpSocket,
    streams: TcpListener,
}

impl Receiver {
    /// Both on the same port; with port 0, on the one that the first gets.
    pub async fn bind(at: SocketAddr) -> io::Result<Self> {
        let streams = TcpListener::bind(at).await?;
        let datagrams = UdpSocket::bind(streams.local_addr()?).await?;
        Ok(Self { datagrams, streams })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.streams.local_addr()
    }

    /// Receives until told to stop. What finds no place in `out` is lost, and the next line of its sender says so.
    pub async fn run(&self, out: &Outbox, stop: &CancellationToken) {
        let mut door = Door { out, throttle: Throttle::new(Instant::now()) };
        let mut seats = Seats::default();
        let mut streams: JoinSet<Seat> = JoinSet::new();
        let (lines, mut of_streams) = mpsc::channel::<(IpAddr, Box<[u8]>)>(WAITING_MAX);
        let mut datagram = vec![0; LINE_BYTES_MAX];
        let mut accept_at = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = streams.join_next() => {
                    if let Ok(seat) = ended {
                        seats.free(seat);
                    }
                }
                accepted = accept(&self.streams, accept_at) => match accepted {
                    Ok((stream, peer)) => {
                        let from = peer.ip().to_canonical();
                        let is_known = out.known.now().contains(&from);
                        if let Some(seat) = seats.take(Seat { from, is_known }) {
                            streams.spawn(read(stream, seat, out.known.clone(), lines.clone()));
                        }
                    }
                    // Datagrams are received meanwhile.
                    Err(_) => accept_at = Instant::now() + BREATH,
                },
                Some((from, line)) = of_streams.recv() => door.take(from, &line),
                received = self.datagrams.recv_from(&mut datagram) => match received {
                    Ok((length, peer)) => door.take(peer.ip().to_canonical(), &datagram[..length]),
                    Err(_) => tokio::time::sleep(BREATH).await,
                },
            }
        }
        // What streams have brought already comes once, and so do datagrams.
        while let Ok((from, line)) = of_streams.try_recv() {
            door.take(from, &line);
        }
        let until = Instant::now() + LAST_FOR;
        for _ in 0..LAST_MAX {
            let until = until.min(Instant::now() + LAST_WAIT);
            let received = timeout_at(until, self.datagrams.recv_from(&mut datagram)).await;
            let Ok(Ok((length, peer))) = received else { return };
            door.take(peer.ip().to_canonical(), &datagram[..length]);
        }
    }
}

/// What every line comes through.
struct Door<'a> {
    out: &'a Outbox,
    throttle: Throttle,
}

impl Door<'_> {
    fn take(&mut self, from: IpAddr, bytes: &[u8]) {
        let known = self.out.known.now();
        let Verdict::Taken { is_after_gap } = self.throttle.judge(from, &known, Instant::now()) else {
            return;
        };
        let out = if known.contains(&from) { &self.out.of_devices } else { &self.out.of_strangers };
        if out.try_send(Received { from, bytes: bytes.into(), is_after_gap }).is_err() {
            self.throttle.lost(from);
        }
    }
}

/// A stream's place, as what it was when it came.
#[derive(Clone, Copy, Debug)]
struct Seat {
    from: IpAddr,
    is_known: bool,
}

#[derive(Default)]
struct Seats {
    of_each: HashMap<IpAddr, usize>,
    of_devices: usize,
    of_strangers: usize,
}

impl Seats {
    fn take(&mut self, seat: Seat) -> Option<Seat> {
        let own = self.of_each.get(&seat.from).copied().unwrap_or_default();
        let (taken, max) = match seat.is_known {
            true => (&mut self.of_devices, STREAMS_MAX),
            false => (&mut self.of_strangers, STRANGE_STREAMS_MAX),
        };
        if own >= STREAMS_PER_SENDER_MAX || *taken >= max {
            return None;
        }
        *taken += 1;
        self.of_each.insert(seat.from, own + 1);
        Some(seat)
    }

    fn free(&mut self, seat: Seat) {
        let left = self.of_each.remove(&seat.from).unwrap_or_default().saturating_sub(1);
        if left > 0 {
            self.of_each.insert(seat.from, left);
        }
        let taken = if seat.is_known { &mut self.of_devices } else { &mut self.of_strangers };
        *taken = taken.saturating_sub(1);
    }
}

async fn accept(streams: &TcpListener, at: Instant) -> io::Result<(TcpStream, SocketAddr)> {
    sleep_until(at).await;
    streams.accept().await
}

/// One sender's stream, to its end.
async fn read(
    mut stream: impl AsyncRead + Unpin,
    seat: Seat,
    known: Known,
    lines: mpsc::Sender<(IpAddr, Box<[u8]>)>,
) -> Seat {
    // What was a stranger when it came may be a device by now.
    let silence_max = || if known.now().contains(&seat.from) { SILENCE_MAX } else { STRANGE_SILENCE_MAX };
    let mut frames = Frames::default();
    let mut piece = vec![0; 4 * 1024];
    let mut found: Vec<Box<[u8]>> = Vec::new();
    while let Ok(Ok(length)) = timeout(silence_max(), stream.read(&mut piece)).await {
        let is_over = match length {
            0 => {
                frames.end(|line| found.push(line.into()));
                true
            }
            length => frames.take(&piece[..length], |line| found.push(line.into())).is_err(),
        };
        for line in found.drain(..) {
            if lines.send((seat.from, line)).await.is_err() {
                return seat;
            }
        }
        if is_over {
            break;
        }
    }
    seat
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_stays_for_as_long_as_what_its_sender_is_by_now() {
        let from = IpAddr::from([192, 0, 2, 1]);
        for (devices, stays) in [(HashSet::new(), STRANGE_SILENCE_MAX), ([from].into(), SILENCE_MAX)] {
            let known = Known::default();
            let (_peer, stream) = duplex(64);
            let (lines, _received) = mpsc::channel(1);
            let begun = Instant::now();
            known.replace(devices);
            read(stream, Seat { from, is_known: false }, known, lines).await;
            assert!(begun.elapsed().abs_diff(stays) < Duration::from_secs(1), "{:?}", begun.elapsed());
        }
    }
}
