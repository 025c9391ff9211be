//! The log of simulated routers, over the session that their checks use.

use super::super::{Line, LogReader, read::trouble};
use crate::{
    SystemClock,
    driver::{
        resolve::Resolver,
        routeros::{
            AskError, Bell, Command, Endpoint, Runtime, Session,
            sim::{Fault, Personality, SimRouter},
        },
    },
};
use model::{LogLevel, LogTrouble};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

async fn router(personality: Personality) -> (SimRouter, Session) {
    let router = SimRouter::start(personality, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let runtime = Runtime {
        clock: Arc::new(SystemClock),
        resolver: Resolver::default(),
        tracker: TaskTracker::new(),
        stop: CancellationToken::new(),
    };
    let session = Session::new(Endpoint { host: "127.0.0.1".into(), login: router.login() }, runtime);
    (router, session)
}

/// A round of the check, which is what opens the session.
async fn connect(session: &Session) {
    let command = Command::new("/system/identity/print").proplist(&["name"]);
    session.ask(command, Duration::from_secs(10)).await.unwrap();
}

/// Listens until it is shut down; how the listening ended.
fn listen(session: &Session, bell: Bell) -> JoinSet<LogTrouble> {
    let session = session.clone();
    let mut listening = JoinSet::new();
    listening.spawn(async move { LogReader::hear(&session, bell).await });
    listening
}

async fn read(session: &Session, reader: &mut LogReader) -> Vec<Line> {
    let reading = reader.clone().read(session, &SystemClock).await.unwrap();
    *reader = reading.reader;
    reading.lines
}

fn messages(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.message.as_str()).collect()
}

#[tokio::test]
async fn lines_come_once_with_their_times_and_our_own_visits_are_no_news() {
    for personality in [Personality::V6_49, Personality::V7_20] {
        let (router, session) = router(personality).await;
        let mut reader = LogReader::default();
        let unread = reader.clone().read(&session, &SystemClock).await;
        assert_eq!(unread.err(), Some(LogTrouble::NotConnected), "no session is opened for it");
        connect(&session).await;
        router.log("system,error,critical", "login failure for user x from 192.0.2.1 via ssh");
        router.put_clock_on(Duration::from_secs(3_600));
        router.log("interface,info", "ether2 link up");
        let lines = read(&session, &mut reader).await;
        assert_eq!(messages(&lines), ["login failure for user x from 192.0.2.1 via ssh", "ether2 link up"]);
        assert_eq!(
            (lines[0].level, lines[0].topics.as_slice()),
            (LogLevel::Critical, &["system".to_owned()][..])
        );
        let apart = lines[1].at.since_ms(lines[0].at);
        assert!((3_599_000..=3_602_000).contains(&apart), "{apart}");
        let age = crate::Clock::now(&SystemClock).since_ms(lines[1].at);
        assert!(age < 10_000, "{age}");
        assert_eq!(read(&session, &mut reader).await, []);
        router.log("dhcp,warning", "no more addresses");
        assert_eq!(messages(&read(&session, &mut reader).await), ["no more addresses"]);
        let other = format!("user {} logged in from 192.0.2.9 via api", router.login().username);
        router.log("system,info,account", &other);
        assert_eq!(messages(&read(&session, &mut reader).await), [other], "somebody has our password");
        let mut again = LogReader::after(reader.known());
        assert_eq!(read(&session, &mut again).await, [], "as after a start of ours");
    }
}

#[tokio::test]
async fn a_log_that_turned_over_or_started_again_says_that_lines_may_be_missing() {
    let (router, session) = router(Personality::V7).await;
    connect(&session).await;
    let mut reader = LogReader::default();
    router.log("system,info", "first");
    assert!(!read(&session, &mut reader).await[0].is_after_gap, "there was nothing before");
    for number in 0..5_000 {
        router.log("firewall,info", &format!("drop {number}"));
    }
    let lines = read(&session, &mut reader).await;
    assert!(lines[0].is_after_gap && !lines[1].is_after_gap);
    assert_eq!(lines.last().unwrap().message, "drop 4999");
    router.script(Fault::Reboot);
    while session.is_open() {
        tokio::task::yield_now().await;
    }
    connect(&session).await;
    router.log("system,info", "router rebooted");
    let lines = read(&session, &mut reader).await;
    assert_eq!((messages(&lines), lines[0].is_after_gap), (vec!["router rebooted"], true));
}

#[tokio::test]
async fn a_router_that_lets_us_read_no_log_is_told_apart_from_one_that_is_away() {
    let (router, session) = router(Personality::V7).await;
    connect(&session).await;
    let trouble = async || LogReader::default().read(&session, &SystemClock).await.err();
    router.script(Fault::Deny("/log".into()));
    assert_eq!(trouble().await, Some(LogTrouble::NoPermission));
    router.heal().await.unwrap();
    router.script(Fault::Absent("/log".into()));
    assert_eq!(trouble().await, Some(LogTrouble::Refused("no such command prefix".into())));
    router.heal().await.unwrap();
    router.script(Fault::ManyRows { rows: 2_000, bytes_per_row: 1_000 });
    assert_eq!(trouble().await, Some(LogTrouble::TooLarge));
    router.heal().await.unwrap();
    router.script(Fault::Absent("/system/clock".into()));
    router.log("system,info", "a line of now");
    let reading = LogReader::default().read(&session, &SystemClock).await.unwrap();
    assert_eq!(messages(&reading.lines), ["a line of now"]);
}

#[tokio::test]
async fn a_line_rings_while_somebody_listens_and_other_commands_go_on_beside_it() {
    let (router, session) = router(Personality::V7_20).await;
    connect(&session).await;
    let (rings, mut rung) = mpsc::channel(1_000);
    // One ring that waits is enough.
    let bell: Bell = Arc::new(move || {
        let _ = rings.try_send(());
    });
    let mut listening = listen(&session, bell.clone());
    loop {
        router.log("script,info", "ding");
        if timeout(Duration::from_millis(50), rung.recv()).await.is_ok() {
            break;
        }
    }
    connect(&session).await;
    // Reading waits until nobody listens: both places would be taken else.
    listening.shutdown().await;
    assert_eq!(messages(&read(&session, &mut LogReader::default()).await)[0], "ding");
    // The router has heard that nobody listens when it answers what was asked later.
    connect(&session).await;
    connect(&session).await;
    while rung.try_recv().is_ok() {}
    router.log("script,info", "unheard");
    connect(&session).await;
    assert!(rung.try_recv().is_err());
    assert_eq!(session.losses(), 0);
    router.script(Fault::Deny("/log".into()));
    assert_eq!(LogReader::hear(&session, bell).await, LogTrouble::NoPermission);
}

#[tokio::test]
async fn the_wait_for_a_turn_is_no_refusal_and_costs_the_router_nothing() {
    let (_router, session) = router(Personality::V7_20).await;
    connect(&session).await;
    let mut listening = listen(&session, Arc::new(|| ()));
    connect(&session).await;
    let ask = |turn| session.ask_modestly(Command::new("/log/print"), turn, Duration::from_secs(1));
    let unasked = ask(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(unasked, AskError::NoTurn { after: Duration::from_millis(50) });
    assert_eq!(trouble(unasked), LogTrouble::NotConnected, "soon again");
    let mut waiting = std::pin::pin!(ask(Duration::from_secs(60)));
    let early = timeout(Duration::from_millis(1_200), &mut waiting).await;
    assert!(early.is_err(), "the time for its answer has not begun: {early:?}");
    listening.shutdown().await;
    let (_, took) = waiting.await.unwrap();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_router_that_closes_the_idle_session_while_it_is_listened_to_loses_nothing() {
    let (router, session) = router(Personality::V7).await;
    connect(&session).await;
    let mut listening = listen(&session, Arc::new(|| ()));
    connect(&session).await;
    router.script(Fault::Close);
    assert_eq!(listening.join_next().await.unwrap().unwrap(), LogTrouble::NotConnected);
    connect(&session).await;
    assert_eq!(session.losses(), 0);
}
