//! Real pings to loopback, and replies that are none of ours.

use super::*;
use crate::RuntimeClock;
use model::Timestamp;
use std::net::Ipv4Addr;
use tokio_util::task::TaskTracker;

const WITHIN: Duration = Duration::from_secs(5);

fn open() -> Pinger {
    let workers = Workers::new(Arc::new(RuntimeClock::starting_at(Timestamp(0))), TaskTracker::new());
    Pinger::open(&workers, &CancellationToken::new())
}

/// Whether pings can be tested; where everything is to be tested, they must be.
fn may_ping(pinger: &Pinger) -> bool {
    let trouble = pinger.trouble();
    assert!(trouble.is_none() || std::env::var_os("CI").is_none(), "{trouble:?}");
    trouble.is_none()
}

#[tokio::test]
async fn this_machine_answers_or_we_say_what_permission_is_missing() {
    let pinger = open();
    let ping = pinger.ping(Ipv4Addr::LOCALHOST.into(), 2, WITHIN).await;
    match pinger.trouble() {
        None => assert!(matches!(ping, Ping::Answered { time } if time < WITHIN), "{ping:?}"),
        Some(why) => {
            assert!(why.contains("ping_group_range") && why.contains("CAP_NET_RAW"), "{why}");
            assert_eq!(ping, Ping::Impossible { why });
        }
    }
}

#[tokio::test]
async fn a_thousand_hosts_are_pinged_at_once_and_none_is_taken_for_another() {
    let pinger = open();
    if !may_ping(&pinger) {
        return;
    }
    let hosts = (0..1000u32).map(|host| IpAddr::from(Ipv4Addr::from(0x7f20_0001 + host)));
    let pings: Vec<_> = hosts.map(|host| pinger.ping(host, 2, WITHIN)).collect();
    let answers = futures::future::join_all(pings).await;
    assert!(answers.iter().all(|ping| matches!(ping, Ping::Answered { .. })));
}

#[tokio::test]
async fn who_asks_at_the_same_time_shares_one_ping() {
    let pinger = open();
    if !may_ping(&pinger) {
        return;
    }
    let host = Ipv4Addr::LOCALHOST.into();
    let (first, second) = futures::join!(pinger.ping(host, 2, WITHIN), pinger.ping(host, 2, WITHIN));
    assert_eq!(first, second, "the very same answer, to the nanosecond");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_stays_silent_is_given_its_whole_time() {
    if !may_ping(&open()) {
        return;
    }
    let socket = EchoSocket::open(Family::V4).map(Arc::new).unwrap();
    let host = Ipv4Addr::LOCALHOST.into();
    // Nobody reads the replies: as good as a silent host, but for what is known about that.
    socket.is_listening.store(true, Relaxed);
    let began = Instant::now();
    let ping = echo(socket.clone(), host, 2, began + WITHIN).await;
    assert_eq!((ping, began.elapsed().as_secs()), (Ping::Silent, WITHIN.as_secs()));
    let breaking = async {
        tokio::time::sleep(WITHIN / 2).await;
        socket.breaks.fetch_add(1, Relaxed);
    };
    let asking = echo(socket.clone(), host, 2, Instant::now() + WITHIN);
    let (ping, ()) = futures::join!(asking, breaking);
    assert!(matches!(ping, Ping::Impossible { .. }), "the answer may have come meanwhile: {ping:?}");
    socket.is_listening.store(false, Relaxed);
    let ping = echo(socket, host, 2, Instant::now() + WITHIN).await;
    assert!(matches!(ping, Ping::Impossible { .. }), "our own trouble takes nothing down: {ping:?}");
}

#[tokio::test]
async fn a_pinger_that_is_switched_off_says_so() {
    let ping = Pinger::default().ping(Ipv4Addr::LOCALHOST.into(), 2, WITHIN).await;
    assert!(matches!(ping, Ping::Impossible { .. }));
}
