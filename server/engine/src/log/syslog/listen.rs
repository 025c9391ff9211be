//! The sockets that lines arrive at: one for datagrams, one for streams, on the same port.

use super::{
    Frames, LINE_BYTES_MAX,
    throttle::{Throttle, Verdict},
};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream, UdpSocket},
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

/// Streams open at once, and of one sender.
const STREAMS_MAX: usize = 64;
const STREAMS_PER_SENDER_MAX: usize = 4;
/// A stream that says nothing for so long is closed.
const SILENCE_MAX: Duration = Duration::from_secs(600);
/// Lines of streams that wait to be looked at; their senders wait then.
const WAITING_MAX: usize = 64;
/// Between two tries to accept while there are no descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// What was sent, and by whom.
#[derive(Debug)]
pub struct Received {
    pub from: IpAddr,
    pub bytes: Box<[u8]>,
    /// Lines before it were not taken, for there were too many.
    pub is_after_gap: bool,
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

    /// Receives until told to stop. What finds no place in `out` is lost, and the next line says so.
    pub async fn run(&self, out: &mpsc::Sender<Received>, stop: &CancellationToken) {
        let mut throttle = Throttle::default();
        let mut open: HashMap<IpAddr, usize> = HashMap::new();
        let mut streams: JoinSet<IpAddr> = JoinSet::new();
        let (lines, mut of_streams) = mpsc::channel::<(IpAddr, Box<[u8]>)>(WAITING_MAX);
        let mut datagram = vec![0; LINE_BYTES_MAX];
        loop {
            let (from, bytes) = tokio::select! {
                () = stop.cancelled() => return,
                Some(ended) = streams.join_next() => {
                    if let Ok(from) = ended {
                        let left = open.remove(&from).unwrap_or_default().saturating_sub(1);
                        if left > 0 {
                            open.insert(from, left);
                        }
                    }
                    continue;
                }
                accepted = self.streams.accept() => {
                    match accepted {
                        Ok((stream, peer)) => {
                            let from = peer.ip().to_canonical();
                            let count = open.get(&from).copied().unwrap_or_default();
                            if streams.len() < STREAMS_MAX && count < STREAMS_PER_SENDER_MAX {
                                open.insert(from, count + 1);
                                streams.spawn(read(stream, from, lines.clone()));
                            }
                        }
                        Err(_) => tokio::time::sleep(BREATH).await,
                    }
                    continue;
                }
                Some(line) = of_streams.recv() => line,
                received = self.datagrams.recv_from(&mut datagram) => match received {
                    Ok((length, peer)) => (peer.ip().to_canonical(), datagram[..length].into()),
                    Err(_) => {
                        tokio::time::sleep(BREATH).await;
                        continue;
                    }
                },
            };
            if let Verdict::Taken { is_after_gap } = throttle.judge(from, Instant::now())
                && out.try_send(Received { from, bytes, is_after_gap }).is_err()
            {
                throttle.lost(from);
            }
        }
    }
}

/// One sender's stream, to its end.
async fn read(mut stream: TcpStream, from: IpAddr, lines: mpsc::Sender<(IpAddr, Box<[u8]>)>) -> IpAddr {
    let mut frames = Frames::default();
    let mut piece = vec![0; 4 * 1024];
    let mut found: Vec<Box<[u8]>> = Vec::new();
    while let Ok(Ok(length)) = timeout(SILENCE_MAX, stream.read(&mut piece)).await {
        let is_over = match length {
            0 => {
                frames.end(|line| found.push(line.into()));
                true
            }
            length => frames.take(&piece[..length], |line| found.push(line.into())).is_err(),
        };
        for line in found.drain(..) {
            if lines.send((from, line)).await.is_err() {
                return from;
            }
        }
        if is_over {
            break;
        }
    }
    from
}
