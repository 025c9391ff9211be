//! What is sent: forms, frames and floods.

use super::super::{
    MESSAGE_CHARS_MAX,
    syslog::{Counts, Fate, Frames, Known, LINE_BYTES_MAX, Outbox, Received, Receiver, understand},
};
use model::{LogLevel, LogLoss, Timestamp};
use proptest::prelude::*;
use std::{collections::BTreeSet, fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream, UdpSocket},
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

#[track_caller]
fn check(sent: &str, level: LogLevel, topics: &[&str], message: &str) {
    let line = understand(sent.as_bytes(), Timestamp(7)).unwrap();
    assert_eq!((line.level, line.at), (level, Timestamp(7)), "{sent}");
    assert_eq!(
        (line.topics, line.message.as_str()),
        (topics.iter().map(|&t| t.to_owned()).collect(), message)
    );
}

#[test]
fn lines_of_routeros_are_known_by_their_topics_whatever_stands_before_them() {
    let words = "user admin logged in from 192.0.2.7 via winbox: 1";
    let topics = ["system", "account"];
    for head in ["", "<30>", "<30>Nov 29 10:00:00 gw ", "2023-03-19T12:34:09.757188+01:00 10.120.127.1 "] {
        check(&format!("{head}system,info,account {words}"), LogLevel::Info, &topics, words);
    }
    check("<28>Nov  9 10:00:00 gw dhcp,warning: no reply\n", LogLevel::Warning, &["dhcp"], "no reply");
    check("system,error,critical login failure", LogLevel::Critical, &["system"], "login failure");
}

#[test]
fn lines_of_others_are_read_as_their_standards_say_and_others_stay_as_they_came() {
    check(
        "<165>1 2003-10-11T22:14:15.003Z host app - ID47 [a@1 b=\"c\"] An event",
        LogLevel::Info,
        &["app"],
        "An event",
    );
    check(
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
        LogLevel::Critical,
        &["su"],
        "'su root' failed",
    );
    check("<27>no time and no name", LogLevel::Error, &[], "no time and no name");
    check("no standard at all", LogLevel::Info, &[], "no standard at all");
    check("a, b and c", LogLevel::Info, &[], "a, b and c");
    check("\u{feff}caf\u{e9} \u{1b}[31m", LogLevel::Info, &[], "café ␛[31m");
    assert_eq!(understand(b" \r\n\0", Timestamp(0)), None);
}

#[test]
fn a_byte_order_mark_is_no_part_of_what_is_said() {
    check(
        "<165>1 2003-10-11T22:14:15.003Z host app - ID47 - \u{feff}An event",
        LogLevel::Info,
        &["app"],
        "An event",
    );
    check(
        "<165>1 2003-10-11T22:14:15.003Z host app - ID47 [a@1 b=\"c\"] \u{feff}caf\u{e9}",
        LogLevel::Info,
        &["app"],
        "café",
    );
    check("<30>\u{feff}system,info,account hello", LogLevel::Info, &["system", "account"], "hello");
}

#[test]
fn recorded_lines_of_routers_are_all_understood() {
    let Some(folder) = std::env::var_os("ROUTEWARDEN_ORACLES") else {
        return eprintln!("not checked against recorded lines: ROUTEWARDEN_ORACLES is not set");
    };
    let tests = Path::new(&folder).join("detection/crowdsec/tests");
    let mut topics = BTreeSet::new();
    for name in ["mikrotik-bf", "mikrotik-logs", "mikrotik-scan-multi_ports"] {
        let file = fs::read_to_string(tests.join(name).join(format!("{name}.log"))).unwrap();
        for sent in file.lines().filter(|line| !line.trim().is_empty()) {
            let line = understand(sent.as_bytes(), Timestamp(0)).unwrap();
            assert!(sent.ends_with(&line.message), "{sent}");
            assert!(!line.topics.is_empty(), "{sent}");
            topics.extend(line.topics);
        }
    }
    assert!(topics.contains("firewall") && topics.contains("system"), "{topics:?}");
}

fn frames(pieces: &[&[u8]]) -> Vec<String> {
    let (mut frames, mut found) = (Frames::default(), Vec::new());
    let mut each = |line: &[u8]| found.push(String::from_utf8_lossy(line).into_owned());
    for piece in pieces {
        if frames.take(piece, &mut each).is_err() {
            each(b"too long");
            return found;
        }
    }
    frames.end(&mut each);
    found
}

#[test]
fn streams_are_taken_apart_by_line_feeds_and_by_counts() {
    assert_eq!(frames(&[b"a\nb\n\nc"]), ["a", "b", "c"]);
    assert_eq!(frames(&[b"5 a\nb c3 d", b"ef2 gh"]), ["a\nb c", "def", "gh"]);
    assert_eq!(frames(&[b"2023-03-19 x\n"]), ["2023-03-19 x"]);
    assert_eq!(frames(&[b"99999999 x"]), ["99999999 x"]);
    assert_eq!(frames(&[b"9999999 x"]), ["too long"]);
    let long = frames(&[&[b'x'; 3 * LINE_BYTES_MAX], b"\nnext\n"]);
    assert_eq!((long[0].len(), long[1].as_str()), (LINE_BYTES_MAX, "next"));
    let counted = format!("{} {}4 next", 2 * LINE_BYTES_MAX, "y".repeat(2 * LINE_BYTES_MAX));
    let long = frames(&[counted.as_bytes()]);
    assert_eq!((long[0].len(), long[1].as_str()), (LINE_BYTES_MAX, "next"));
}

proptest! {
    #[test]
    fn a_stream_means_the_same_in_pieces_of_any_size(
        bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b' '), b'0'..=b'9', any::<u8>()], 0..400),
        size in 1_usize..50,
    ) {
        let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
        prop_assert_eq!(frames(&pieces), frames(&[&bytes]));
    }

    #[test]
    fn whatever_is_sent_is_a_line_without_controls(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        if let Some(line) = understand(&bytes, Timestamp(0)) {
            prop_assert!(!line.message.chars().any(char::is_control));
            prop_assert!(line.message.chars().count() <= 8 * MESSAGE_CHARS_MAX + 1);
        }
    }
}

/// Sockets that receive until this is dropped: lines of 127.0.0.1 are a device's.
struct Open {
    address: SocketAddr,
    received: mpsc::Receiver<Received>,
    of_streams: mpsc::Receiver<Received>,
    of_strangers: mpsc::Receiver<Received>,
    counts: Counts,
    stop: CancellationToken,
    running: JoinSet<()>,
}

async fn receiver() -> Open {
    let receiver = Receiver::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = receiver.address().unwrap();
    let (of_devices, received) = mpsc::channel(16_384);
    let (streams, of_streams) = mpsc::channel(4);
    let (strangers, of_strangers) = mpsc::channel(16);
    let counts = Counts::default();
    let out = Outbox {
        known: Known::default(),
        of_devices,
        room: Arc::new(Semaphore::new(1 << 20)),
        of_streams: streams,
        of_strangers: strangers,
        counts: counts.clone(),
    };
    out.known.replace([address.ip()].into());
    let (stop, mut running) = (CancellationToken::new(), JoinSet::new());
    let told = stop.clone();
    running.spawn(async move { receiver.run(&out, &told).await });
    Open { address, received, of_streams, of_strangers, counts, stop, running }
}

async fn next(received: &mut mpsc::Receiver<Received>) -> String {
    let line = timeout(Duration::from_secs(10), received.recv()).await.unwrap().unwrap();
    String::from_utf8(line.bytes.into()).unwrap()
}

#[tokio::test]
async fn datagrams_and_streams_arrive_at_one_port() {
    let Open { address, mut received, mut of_streams, running: _running, .. } = receiver().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(b"by datagram", address).await.unwrap();
    assert_eq!(next(&mut received).await, "by datagram");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"one\n3 two").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!([next(&mut of_streams).await, next(&mut of_streams).await], ["one", "two"]);
}

#[tokio::test]
async fn a_sender_has_few_streams_and_three_thousand_lines_at_once_are_all_taken() {
    let Open { address, mut of_streams, running: _running, .. } = receiver().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(TcpStream::connect(address).await.unwrap());
    }
    for stream in &mut streams {
        stream.write_all(b"here\n").await.unwrap();
        assert_eq!(next(&mut of_streams).await, "here");
    }
    let mut fifth = TcpStream::connect(address).await.unwrap();
    assert_eq!(fifth.read(&mut [0; 1]).await.unwrap_or(0), 0, "it is hung up on");
    let lines: String = (0..3_000).map(|number| format!("number {number}\n")).collect();
    let sending = async { streams[0].write_all(lines.as_bytes()).await.unwrap() };
    let taking = async {
        for number in 0..3_000 {
            assert_eq!(next(&mut of_streams).await, format!("number {number}"));
        }
    };
    tokio::join!(sending, taking);
}

#[tokio::test]
async fn a_flood_of_datagrams_is_taken_at_its_measure_and_all_that_is_lost_is_counted() {
    let Open { address, mut received, counts, stop, mut running, .. } = receiver().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut sent = 0;
    while counts.of(Fate::TooMany) < 100 {
        // A full socket loses some: nobody can count those.
        socket.send_to(b"flood", address).await.unwrap();
        sent += 1;
        if sent % 50 == 0 {
            tokio::task::yield_now().await;
        }
    }
    stop.cancel();
    running.join_next().await.unwrap().unwrap();
    let (mut lines, mut lost) = (0, 0);
    while let Some(one) = received.recv().await {
        lost += one.lost.losses().map(|loss| loss.lines).sum::<u64>();
        lines += u64::from(!one.bytes.is_empty());
    }
    assert!(lines >= u64::from(LogLoss::BURST), "{lines}");
    assert_eq!([counts.of(Fate::Taken), counts.of(Fate::TooMany)], [lines, lost], "the last ones too");
    assert_eq!([counts.of(Fate::NoRoom), counts.of(Fate::Strange)], [0, 0]);
}

#[tokio::test]
async fn who_goes_on_sending_does_not_hold_up_the_end() {
    let Open { address, received: _received, stop, mut running, .. } = receiver().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut drizzling = JoinSet::new();
    drizzling.spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        loop {
            ticks.tick().await;
            // Nobody may be there any more.
            let _ = socket.send_to(b"one more", address).await;
        }
    });
    stop.cancel();
    timeout(Duration::from_secs(2), running.join_next()).await.unwrap().unwrap().unwrap();
}

/// From an address of this machine that is no device.
async fn stranger(last: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 1, last], 0))).unwrap();
    socket.connect(to).await.unwrap()
}

#[tokio::test]
async fn strangers_take_neither_seats_nor_places_of_a_device() {
    let Open { address, mut received, mut of_streams, mut of_strangers, stop, mut running, .. } =
        receiver().await;
    let mut seats = Vec::new();
    for last in 1..=40 {
        for _ in 0..4 {
            seats.push(stranger(last, address).await);
        }
    }
    let mut device = TcpStream::connect(address).await.unwrap();
    device.write_all(b"by stream\n").await.unwrap();
    assert_eq!(next(&mut of_streams).await, "by stream");
    let mut has_seat = 0;
    for seat in &mut seats {
        let was_refused =
            matches!(timeout(Duration::from_millis(2), seat.read(&mut [0; 1])).await, Ok(Ok(0) | Err(_)));
        has_seat += usize::from(!was_refused);
    }
    assert_eq!(has_seat, 16);
    let socket = UdpSocket::bind("127.0.1.77:0").await.unwrap();
    for _ in 0..100 {
        socket.send_to(b"from nobody", address).await.unwrap();
    }
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(b"by datagram", address).await.unwrap();
    assert_eq!(next(&mut received).await, "by datagram");
    assert!(of_strangers.len() == 16 && received.is_empty(), "they only fill their own queue");
    assert_eq!(next(&mut of_strangers).await, "from nobody");
    for _ in 0..10 {
        socket.send_to(b"at the end", address).await.unwrap();
    }
    stop.cancel();
    running.join_next().await.unwrap().unwrap();
    let mut last = 0;
    while received.recv().await.is_some() {
        last += 1;
    }
    assert_eq!(last, 10, "what has arrived already comes once");
}
