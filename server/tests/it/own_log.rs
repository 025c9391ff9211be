//! The program's own log: who reads it, what comes when, and what changes it.

use crate::fixture::{ADMIN, App, Client, LiveSocket, PASSWORD};
use app::api::wire;
use engine::SystemClock;
use model::{FromServerLog, ServerLine, ToServerLog};
use serde_json::json;
use server::{app::Surroundings, own_log::OwnLog};
use std::{sync::Arc, time::Duration};
use tokio::net::TcpStream;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _};

/// A second, and some time to get here.
const SOON: Duration = Duration::from_secs(2);

/// A program that writes its log to where admins read it.
struct Stage {
    app: App,
    admin: Client,
    /// All of a test's tasks share one thread, and so its log.
    _guard: DefaultGuard,
}

impl Stage {
    async fn set(filter: &str) -> Self {
        let (own_log, layer) = OwnLog::open(EnvFilter::new(filter), filter, Arc::new(SystemClock));
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        let surroundings = Surroundings { own_log: Some(own_log), ..Surroundings::default() };
        let app = App::in_surroundings(&[], surroundings).await;
        app.with_accounts().await;
        let admin = app.admin().await;
        Self { app, admin, _guard: guard }
    }
}

/// Somebody's socket; the status when it is refused.
async fn open(client: &Client, origin: Option<&str>) -> Result<LiveSocket, u16> {
    let origin: Vec<_> = origin.into_iter().map(|origin| ("origin", origin)).collect();
    let line = TcpStream::connect(client.host()).await.unwrap();
    LiveSocket::open_at("/ws/logs", line, client, &origin).await
}

async fn say_hello(socket: &mut LiveSocket, ticket: String, run: i64, after: u64) {
    socket.say_bytes(wire::encode(&ToServerLog::Hello { ticket, run, after })).await;
}

/// A socket with a good ticket, and the run it tells.
async fn greeted(client: &Client, run: i64, after: u64) -> (LiveSocket, i64) {
    let mut socket = open(client, Some(&client.base)).await.unwrap();
    say_hello(&mut socket, client.ticket_for("logs").await, run, after).await;
    match hear(&mut socket).await {
        Some(FromServerLog::Begin { run, .. }) => (socket, run),
        other => panic!("{other:?} instead of the beginning"),
    }
}

async fn hear(socket: &mut LiveSocket) -> Option<FromServerLog> {
    socket.hear_bytes().await.map(|bytes| wire::decode(&bytes).unwrap())
}

/// Reads on to this line; with the lines before it, and how many were missed.
async fn until(socket: &mut LiveSocket, message: &str) -> (Vec<ServerLine>, u64) {
    let (mut all, mut missed_all) = (Vec::new(), 0);
    while !all.iter().any(|line: &ServerLine| line.message == message) {
        let heard = hear(socket).await.expect("the socket stays open");
        if let FromServerLog::Lines { missed, lines } = heard {
            missed_all += missed;
            all.extend(lines);
        }
    }
    (all, missed_all)
}

async fn bye(socket: &mut LiveSocket) -> Option<String> {
    loop {
        if let FromServerLog::Bye { why } = hear(socket).await? {
            return Some(why);
        }
    }
}

#[tokio::test]
async fn the_last_lines_come_at_once_then_each_as_it_is_written_and_who_comes_back_gets_what_followed() {
    let stage = Stage::set("info").await;
    tracing::info!("before");
    let (mut socket, run) = greeted(&stage.admin, 0, 0).await;
    let (lines, _) = until(&mut socket, "before").await;
    tracing::warn!(device = "edge-1", "meanwhile");
    let (next, missed) = until(&mut socket, "meanwhile").await;
    assert_eq!((missed, next[0].seq), (0, lines.last().unwrap().seq + 1));
    assert_eq!(next.last().unwrap().details(), "device=edge-1");

    drop(socket);
    let seen = next.last().unwrap().seq;
    tracing::info!("after");
    let (mut back, same) = greeted(&stage.admin, run, seen).await;
    let (lines, missed) = until(&mut back, "after").await;
    assert_eq!((same, missed, lines[0].seq), (run, 0, seen + 1));
    let (mut stranger, _) = greeted(&stage.admin, run + 1, seen).await;
    let (lines, missed) = until(&mut stranger, "after").await;
    assert_eq!((missed, lines[0].seq), (0, 1), "the lines of another run are no start");
}

#[tokio::test]
async fn the_steps_of_its_parts_are_told_at_debug() {
    let stage = Stage::set("warn,server=debug,engine=debug").await;
    let (mut socket, _) = greeted(&stage.admin, 0, 0).await;
    let _tunnel = stage.app.with_tunnel("BEKASI", json!({})).await;
    let (lines, _) = until(&mut socket, "a check was judged").await;
    let told = lines.iter().find(|line| line.message == "a check was judged").unwrap().details();
    assert!(told.contains("kind=tcp") && told.contains("verdict=Up"), "{told}");
}

#[tokio::test]
async fn who_is_slow_misses_lines_hears_how_many_and_holds_up_nobody() {
    let stage = Stage::set("info").await;
    let (mut socket, _) = greeted(&stage.admin, 0, 0).await;
    tracing::info!("first");
    until(&mut socket, "first").await;
    for number in 0..5_000 {
        tracing::info!(number, "a flood");
    }
    tracing::info!("last");
    stage.admin.get("/api/status").await.accepted();
    let (lines, missed) = until(&mut socket, "last").await;
    assert!(missed >= 3_000, "{missed}");
    let floods = lines.iter().filter(|line| line.message == "a flood").count() as u64;
    assert!(missed + floods >= 5_000, "{missed} {floods}");
    assert!(lines.windows(2).all(|pair| pair[0].seq < pair[1].seq));
}

#[tokio::test]
async fn only_an_admin_with_a_good_ticket_from_a_page_of_ours_reads_it() {
    let stage = Stage::set("info").await;
    let Stage { app, admin, .. } = &stage;
    let own = Some(app.base.as_str());
    assert_eq!(open(&app.anonymous(), own).await.err(), Some(401));
    assert_eq!(open(&app.viewer().await, own).await.err(), Some(403));
    assert_eq!(open(&app.token(ADMIN, "read").await, None).await.err(), Some(403));
    for origin in [None, Some("null"), Some("http://evil.example"), Some("http://127.0.0.1:1")] {
        assert_eq!(open(admin, origin).await.err(), Some(403), "{origin:?}");
    }
    assert!(open(&app.token(ADMIN, "write").await, None).await.is_ok(), "a program has no origin");

    let used = admin.ticket_for("logs").await;
    let mut socket = open(admin, own).await.unwrap();
    say_hello(&mut socket, used.clone(), 0, 0).await;
    assert!(matches!(hear(&mut socket).await, Some(FromServerLog::Begin { .. })));
    for (why, ticket) in [
        ("none", String::new()),
        ("used", used),
        ("for another socket", admin.ticket().await),
        ("another session's", app.admin().await.ticket_for("logs").await),
    ] {
        let mut socket = open(admin, own).await.unwrap();
        say_hello(&mut socket, ticket, 0, 0).await;
        assert_eq!(bye(&mut socket).await.as_deref(), Some("the ticket was refused"), "{why}");
    }
    app.viewer().await.call("ticket", &[("purpose", "logs")]).await.has_status(403);
    admin.post("/ws-token", &json!({"purpose": "logs"})).await.accepted();
    let refused = admin.post("/ws-token", &json!({"purpose": "walls"})).await.has_status(400);
    assert!(refused.text.contains("purpose"), "{}", refused.text);
}

#[tokio::test]
async fn whoever_loses_the_right_to_it_loses_the_socket_within_a_second() {
    let stage = Stage::set("info").await;
    let Stage { app, admin, .. } = &stage;
    let leaving = app.admin().await;
    let (mut ending, _) = greeted(&leaving, 0, 0).await;
    let (mut staying, _) = greeted(admin, 0, 0).await;
    leaving.call("log_out", &[]).await.accepted();
    let said = tokio::time::timeout(SOON, bye(&mut ending)).await.expect("in time");
    assert_eq!(said.as_deref(), Some("the session ended"));

    let eve = [("name", "eve"), ("role", "admin"), ("password", PASSWORD)];
    let id = admin.call("create_user", &eve).await.accepted().json()["id"].to_string();
    let program = app.token("eve", "write").await;
    let mut reading = open(&program, None).await.unwrap();
    let ticket = program.post("/ws-token", &json!({"purpose": "logs"})).await.accepted().json();
    say_hello(&mut reading, ticket["ticket"].as_str().unwrap().to_owned(), 0, 0).await;
    assert!(matches!(hear(&mut reading).await, Some(FromServerLog::Begin { .. })));
    let viewer = [("id", id.as_str()), ("role", "viewer"), ("enabled", "true")];
    admin.call("update_user", &viewer).await.accepted();
    let said = tokio::time::timeout(SOON, bye(&mut reading)).await.expect("in time");
    assert_eq!(said.as_deref(), Some("the session ended"), "its account is no admin's any more");

    tracing::info!("still here");
    until(&mut staying, "still here").await;
}

#[tokio::test]
async fn other_lines_are_written_at_once_readers_hear_of_it_and_so_does_the_audit_log() {
    let stage = Stage::set("warn").await;
    let Stage { app, admin, .. } = &stage;
    let (mut socket, _) = greeted(admin, 0, 0).await;
    tracing::info!("unheard");
    let wish = json!({"filter": " warn, it=info"});
    let answer = admin.post("/api/logging", &wish).await.accepted().json();
    let expected = json!({"success": true, "filter": "warn,it=info", "filter_at_start": "warn"});
    assert_eq!(answer, expected);
    assert_eq!(admin.get("/api/logging").await.accepted().json(), expected);
    tracing::info!("heard");
    let mut heard = Vec::new();
    let mut told = None;
    while told.is_none() || !heard.iter().any(|line: &ServerLine| line.message == "heard") {
        match hear(&mut socket).await.expect("the socket stays open") {
            FromServerLog::Lines { lines, .. } => heard.extend(lines),
            FromServerLog::Filter(filter) => told = Some(filter.now),
            _ => {}
        }
    }
    assert_eq!(told.as_deref(), Some("warn,it=info"));
    assert!(heard.iter().all(|line| line.message != "unheard"));
    assert!(heard.iter().any(|line| line.details() == format!("before=warn now=warn,it=info by={ADMIN}")));

    let log = admin.get("/api/audit?act=log_filter_changed").await.accepted().json();
    assert_eq!(log["entries"][0]["detail"], "warn,it=info (before: warn)");
    for filter in ["", "inof", "it=loud", "warn\n"] {
        let refused = admin.post("/api/logging", &json!({"filter": filter})).await.has_status(400);
        assert!(refused.text.contains("filter: "), "{filter}: {}", refused.text);
    }
    admin.post("/api/logging", &json!({})).await.has_status(400);
    app.viewer().await.post("/api/logging", &wish).await.has_status(403);
    app.token(ADMIN, "read").await.post("/api/logging", &wish).await.has_status(403);
    assert_eq!(admin.get("/api/logging").await.accepted().json(), expected, "nothing was changed");
    let changed = admin.call("change_log_filter", &[("filter", "error")]).await.accepted().json();
    assert_eq!(changed, json!({"now": "error", "at_start": "warn"}));
}

#[tokio::test]
async fn the_page_is_readable_without_scripts_and_shows_what_its_address_asks_for() {
    let stage = Stage::set("info").await;
    tracing::info!(name = "<b>bold</b>", "all is well");
    tracing::error!("nothing is well");
    let all = stage.admin.visit("/admin/logs").await.accepted().text;
    assert!(all.contains("all is well") && all.contains("nothing is well"), "{all}");
    assert!(all.contains("&lt;b&gt;bold&lt;/b&gt;") && !all.contains("<b>bold"), "text is text");
    let some = stage.admin.visit("/admin/logs?level=error&text=WELL").await.accepted().text;
    assert!(!some.contains("all is well") && some.contains("nothing is well"), "{some}");
    stage.app.viewer().await.visit("/admin/logs").await.has_status(403);
}
