//! The sockets that lines arrive at: one for datagrams, one for streams, on the same port.

use super::{
    Frames, LINE_BYTES_MAX,
    door::{Door, Outbox},
    seats::{SILENCE_LEAST, Seat, Seats},
};
use socket2::{SockRef, TcpKeepalive};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{TcpListener, TcpStream, UdpSocket},
    task::JoinSet,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// A stream that says nothing for so long is closed.
const SILENCE_MAX: Duration = Duration::from_secs(600);
const STRANGE_SILENCE_MAX: Duration = Duration::from_secs(60);
/// A far end that is silent for so long is asked by the system whether it is still there, and again after each of these,
/// so many times: one that is gone, as after a power cut, is given up within two minutes.
const ASK_AFTER: Duration = Duration::from_secs(30);
const ASK_EVERY: Duration = Duration::from_secs(5);
const ASK_TIMES: u32 = 9;
/// Between two tries to accept while there are no descriptors.
const BREATH: Duration = Duration::from_millis(100);
/// What the system is asked to keep of datagrams until they are taken, in bytes; it may keep less.
const KEPT_BYTES: usize = 4 * 1024 * 1024;
/// The same of a stream, which is not read while it is not its turn: what the system keeps meanwhile comes late, with the
/// time at which it is taken.
const STREAM_KEPT_BYTES: usize = 32 * 1024;
/// Datagrams that are taken in one go, before anything else is looked at.
const AT_ONCE: usize = 256;
/// Datagrams that had arrived already when it was told to stop, and are still taken.
const LAST_MAX: usize = 1_024;
/// How long is waited for the next of them, and how long they are taken in all; the same for streams.
const LAST_WAIT: Duration = Duration::from_millis(20);
const LAST_FOR: Duration = Duration::from_millis(200);
/// Between two looks at what is to be said of lines that were lost, while there is something.
const TELL_EVERY: Duration = Duration::from_secs(1);

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
        // What the system refuses is received with less, or kept all the same. A stream inherits it.
        let _ = SockRef::from(&datagrams).set_recv_buffer_size(KEPT_BYTES);
        let _ = SockRef::from(&streams).set_recv_buffer_size(STREAM_KEPT_BYTES);
        Ok(Self { datagrams, streams })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.streams.local_addr()
    }

    /// Receives until told to stop. A datagram that finds no place in `out` is lost, and its sender is said to miss it;
    /// a stream is read no further while there is none.
    pub async fn run(&self, out: &Outbox, stop: &CancellationToken) {
        let door = Arc::new(Door::new(out.clone()));
        let mut seats = Seats::default();
        let mut streams: JoinSet<Seat> = JoinSet::new();
        let mut datagram = vec![0; LINE_BYTES_MAX];
        let (mut accept_at, mut tell_at) = (Instant::now(), Instant::now());
        loop {
            let is_owing = door.is_owing();
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = streams.join_next() => {
                    if let Ok(seat) = ended {
                        seats.free(&seat);
                    }
                }
                accepted = accept(&self.streams, accept_at) => match accepted {
                    Ok((stream, peer)) => {
                        let from = peer.ip().to_canonical();
                        if let Some(seat) = seats.take(Seat::new(from, door.knows(from), stop)) {
                            streams.spawn(read(stream, seat, door.clone(), stop.clone()));
                        }
                    }
                    // Datagrams are received meanwhile.
                    Err(_) => accept_at = Instant::now() + BREATH,
                },
                received = self.datagrams.recv_from(&mut datagram) => match received {
                    Ok((length, peer)) => {
                        door.take(peer.ip().to_canonical(), &datagram[..length]);
                        self.take_arrived(&door, &mut datagram);
                    }
                    Err(_) => tokio::time::sleep(BREATH).await,
                },
                () = sleep_until(tell_at), if is_owing => {
                    door.tell();
                    tell_at = Instant::now() + TELL_EVERY;
                }
            }
        }
        // What streams have brought already comes once, and so do datagrams.
        let until = Instant::now() + LAST_FOR;
        for _ in 0..LAST_MAX {
            let until = until.min(Instant::now() + LAST_WAIT);
            let received = timeout_at(until, self.datagrams.recv_from(&mut datagram)).await;
            let Ok(Ok((length, peer))) = received else { break };
            door.take(peer.ip().to_canonical(), &datagram[..length]);
        }
        while let Ok(Some(_)) = timeout_at(until, streams.join_next()).await {}
        door.tell_the_rest();
    }

    /// What has arrived beside the first: a burst is not to wait for anything else.
    fn take_arrived(&self, door: &Door, datagram: &mut [u8]) {
        for _ in 1..AT_ONCE {
            let Ok((length, peer)) = self.datagrams.try_recv_from(datagram) else { return };
            door.take(peer.ip().to_canonical(), &datagram[..length]);
        }
    }
}

async fn accept(streams: &TcpListener, at: Instant) -> io::Result<(TcpStream, SocketAddr)> {
    sleep_until(at).await;
    let (stream, peer) = streams.accept().await?;
    let asking = TcpKeepalive::new().with_time(ASK_AFTER).with_interval(ASK_EVERY).with_retries(ASK_TIMES);
    // Where the system does not ask, the silence tells in the end.
    let _ = SockRef::from(&stream).set_tcp_keepalive(&asking);
    Ok((stream, peer))
}

/// One sender's stream, to its end.
async fn read(
    mut stream: impl AsyncRead + Unpin,
    seat: Seat,
    door: Arc<Door>,
    stop: CancellationToken,
) -> Seat {
    // What was a stranger when it came may be a device by now.
    let silence_max = || if door.knows(seat.from) { SILENCE_MAX } else { STRANGE_SILENCE_MAX };
    let mut frames = Frames::default();
    let mut piece = vec![0; 4 * 1024];
    let mut found: Vec<Box<[u8]>> = Vec::new();
    loop {
        seat.fall_silent();
        let reading = timeout(silence_max(), stream.read(&mut piece));
        let Some(Ok(Ok(length))) = seat.leave.run_until_cancelled(reading).await else { break };
        seat.speak();
        let is_over = match length {
            0 => {
                frames.end(|line| found.push(line.into()));
                true
            }
            length => frames.take(&piece[..length], |line| found.push(line.into())).is_err(),
        };
        for line in found.drain(..) {
            door.take_in_turn(seat.from, line, &stop).await;
        }
        if is_over {
            return seat;
        }
    }
    // It is given up, or broken: what was begun is a line too. The place may be another's already, so that it waits no
    // longer than that one stays for certain.
    if !stop.is_cancelled() {
        frames.end(|line| found.push(line.into()));
        for line in found.drain(..) {
            let _ = timeout(SILENCE_LEAST, door.take_in_turn(seat.from, line, &stop)).await;
        }
    }
    seat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::syslog::{Counts, Fate, Known, Received};
    use std::{collections::HashSet, net::IpAddr};
    use tokio::{
        io::{AsyncWriteExt, duplex},
        sync::{Semaphore, mpsc},
        time::advance,
    };

    const DEVICE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    /// A door that passes lines of streams on, and nothing else.
    fn door(devices: HashSet<IpAddr>) -> (Arc<Door>, Counts, mpsc::Receiver<Received>) {
        let (of_streams, received) = mpsc::channel(4);
        let out = Outbox {
            known: Known::default(),
            of_devices: mpsc::channel(1).0,
            room: Arc::new(Semaphore::new(0)),
            of_streams,
            of_strangers: mpsc::channel(1).0,
            counts: Counts::default(),
        };
        out.known.replace(devices);
        let counts = out.counts.clone();
        (Arc::new(Door::new(out)), counts, received)
    }

    #[tokio::test]
    async fn the_system_keeps_little_of_a_stream_that_is_read_no_further() {
        let receiver = Receiver::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let _peer = TcpStream::connect(receiver.address().unwrap()).await.unwrap();
        let (stream, _) = receiver.streams.accept().await.unwrap();
        let kept = SockRef::from(&stream).recv_buffer_size().unwrap();
        // It counts as much again for what it needs itself.
        assert!(kept <= 2 * STREAM_KEPT_BYTES, "{kept}");
    }

    #[tokio::test]
    async fn a_silent_far_end_is_asked_whether_it_is_still_there() {
        let receiver = Receiver::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let _peer = TcpStream::connect(receiver.address().unwrap()).await.unwrap();
        let (stream, _) = accept(&receiver.streams, Instant::now()).await.unwrap();
        let asking = SockRef::from(&stream);
        assert!(asking.keepalive().unwrap());
        let (after, every) = (asking.tcp_keepalive_time().unwrap(), asking.tcp_keepalive_interval().unwrap());
        let given_up = after + every * asking.tcp_keepalive_retries().unwrap();
        assert!(given_up < Duration::from_secs(120), "{given_up:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_once_more_gets_the_seat_that_was_silent_longest_and_none_of_one_that_speaks() {
        let (door, _, mut received) = door([DEVICE].into());
        let (stop, mut seats, mut reading) = (CancellationToken::new(), Seats::default(), JoinSet::new());
        let mut peers = Vec::new();
        for _ in 0..4 {
            let (peer, stream) = duplex(64);
            let seat = seats.take(Seat::new(DEVICE, true, &stop)).unwrap();
            reading.spawn(read(stream, seat, door.clone(), stop.clone()));
            peers.push(peer);
        }
        for peer in &mut peers {
            peer.write_all(b"here\n").await.unwrap();
            assert_eq!(&*received.recv().await.unwrap().bytes, b"here");
        }
        let once_more = || Seat::new(DEVICE, true, &stop);
        assert!(seats.take(once_more()).is_none(), "all have just spoken");
        advance(SILENCE_LEAST / 2).await;
        for peer in [0, 2, 3] {
            peers[peer].write_all(b"again\n").await.unwrap();
            assert_eq!(&*received.recv().await.unwrap().bytes, b"again");
        }
        advance(SILENCE_LEAST / 2).await;
        let fifth = seats.take(once_more()).unwrap();
        let given_up = reading.join_next().await.unwrap().unwrap();
        assert_eq!(peers[1].read(&mut [0; 1]).await.unwrap(), 0, "it is hung up on");
        // Its seat is free no second time.
        seats.free(&given_up);
        assert!(seats.take(once_more()).is_none(), "the others have spoken, and the fifth has just come");
        seats.free(&fifth);
        assert!(seats.take(once_more()).is_some());
        assert_eq!(reading.len(), 3, "the others go on");
        assert!(!stop.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_was_begun_is_kept_when_its_stream_is_given_up_and_not_at_the_stop() {
        // Given up for another stream, for its silence, and at the stop.
        for (leaves, stops) in [(true, false), (false, false), (false, true)] {
            let (door, _, mut received) = door([DEVICE].into());
            let (stop, mut reading) = (CancellationToken::new(), JoinSet::new());
            let (mut peer, stream) = duplex(64);
            let seat = Seat::new(DEVICE, true, &stop);
            let leave = seat.leave.clone();
            reading.spawn(read(stream, seat, door, stop.clone()));
            peer.write_all(b"whole\nbegun").await.unwrap();
            assert_eq!(&*received.recv().await.unwrap().bytes, b"whole");
            if leaves {
                leave.cancel();
            }
            if stops {
                stop.cancel();
            }
            reading.join_next().await.unwrap().unwrap();
            let begun = received.recv().await.map(|line| line.bytes.to_vec());
            assert_eq!(begun, (!stops).then(|| b"begun".to_vec()), "{leaves} {stops}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_stays_for_as_long_as_what_its_sender_is_by_now() {
        for (devices, stays) in [(HashSet::new(), STRANGE_SILENCE_MAX), ([DEVICE].into(), SILENCE_MAX)] {
            let (_peer, stream) = duplex(64);
            let begun = Instant::now();
            let stop = CancellationToken::new();
            read(stream, Seat::new(DEVICE, false, &stop), door(devices).0, stop).await;
            assert!(begun.elapsed().abs_diff(stays) < Duration::from_secs(1), "{:?}", begun.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_brings_too_much_at_once_waits_and_loses_nothing() {
        let (mut peer, stream) = duplex(1_024);
        let (door, counts, mut received) = door([DEVICE].into());
        let begun = Instant::now();
        let sending = async move {
            for number in 0..7_000 {
                peer.write_all(format!("number {number}\n").as_bytes()).await.unwrap();
            }
        };
        let taking = async {
            for number in 0..7_000 {
                let line = received.recv().await.unwrap();
                assert_eq!(&*line.bytes, format!("number {number}").as_bytes());
                assert_eq!(line.lost.losses().count(), 0);
            }
        };
        let stop = CancellationToken::new();
        let reading = read(stream, Seat::new(DEVICE, false, &stop), door, stop);
        tokio::join!(sending, taking, reading);
        // 4,000 at once, and the others 200 a second.
        assert!(begun.elapsed().abs_diff(Duration::from_secs(15)) < Duration::from_secs(1));
        assert_eq!(counts.of(Fate::Taken), 7_000);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_stream_has_brought_already_waits_for_no_turn_at_the_end() {
        let (mut peer, stream) = duplex(64 * 1_024);
        let (door, counts, mut received) = door([DEVICE].into());
        let stop = CancellationToken::new();
        peer.write_all("x\n".repeat(6_000).as_bytes()).await.unwrap();
        let taking = async {
            let mut lines = 0;
            while received.recv().await.is_some() {
                lines += 1;
                if lines == 4_000 {
                    stop.cancel();
                }
            }
            lines
        };
        let (begun, reading) =
            (Instant::now(), read(stream, Seat::new(DEVICE, false, &stop), door, stop.clone()));
        let (lines, _) = tokio::join!(taking, reading);
        assert!((4_001..6_000).contains(&lines), "{lines}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert_eq!(counts.of(Fate::Taken), lines);
    }
}
