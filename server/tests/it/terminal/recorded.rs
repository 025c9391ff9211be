//! What is kept of a terminal, and who looks on while it goes on.

use super::add_trusted;
use crate::{
    fixture::{App, Client, SshSim, Terminal, eventually},
    recordings::{Socket, greet, hear, ticket},
};
use model::{
    FromTerminal, Happened, RecordedEvents, RecordingEnd, RecordingId, TerminalEnd, ToTerminal, ToWatcher,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Reads on until what was shown since then holds `wanted`.
async fn until_shown(socket: &mut Socket, wanted: &str) {
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains(wanted) {
        match hear(socket).await {
            Some(ToWatcher::Events { events, .. }) => {
                for event in RecordedEvents(&events) {
                    if let Happened::Output(bytes) = event.what {
                        shown.extend_from_slice(bytes);
                    }
                }
            }
            Some(ToWatcher::Alive) => {}
            other => panic!("{other:?} instead of {wanted:?}, after {:?}", String::from_utf8_lossy(&shown)),
        }
    }
}

/// Reads on until the session is over; why it is.
pub async fn until_over(socket: &mut Socket) -> Option<RecordingEnd> {
    loop {
        match hear(socket).await {
            Some(ToWatcher::Events { .. } | ToWatcher::Alive) => {}
            Some(ToWatcher::Over { end }) => return end,
            other => panic!("{other:?} instead of the end"),
        }
    }
}

pub async fn opened(terminal: &mut Terminal) -> RecordingId {
    match terminal.next_word().await {
        Some(ToTerminal::Open { recording: Some(id) }) => RecordingId(id),
        other => panic!("{other:?} instead of a terminal that is recorded"),
    }
}

/// The prompt of a new device, and the recording of it.
pub async fn at_prompt(admin: &Client) -> (SshSim, Terminal, RecordingId) {
    let sim = SshSim::start(1).await;
    let device = add_trusted(admin, "edge-1", &sim).await;
    let mut terminal = Terminal::greeted(admin, device).await;
    let id = opened(&mut terminal).await;
    terminal.until_drawn("> ").await;
    (sim, terminal, id)
}

#[tokio::test]
async fn a_terminal_is_recorded_and_another_admin_looks_on_until_they_may_not_any_more() {
    let app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "edge-1", &sim).await;
    let mut terminal = Terminal::greeted(&admin, device).await;
    let id = opened(&mut terminal).await;
    let mut drawn = terminal.until_drawn("> ").await;
    let path = format!("/api/recordings/{id}");
    let live = admin.get(&path).await.accepted().json();
    assert_eq!((&live["device"], &live["device_id"]), (&json!("edge-1"), &json!(device)));
    assert_eq!((&live["address"], &live["end"]), (&json!("127.0.0.1"), &Value::Null));
    admin.delete(&path).await.has_status(409);

    let other = app.admin().await;
    let mut socket = greet(&other, id, ticket(&other, &format!("watch:{id}")).await).await;
    until_shown(&mut socket, "> ").await;
    assert_eq!(terminal.word().await, Some(ToTerminal::Watched { by: 1 }));
    terminal.type_in("привет 🦊".as_bytes()).await;
    drawn += &terminal.until_drawn("привет 🦊").await;
    until_shown(&mut socket, "привет 🦊").await;
    terminal.say(&FromTerminal::Resize { columns: 132, rows: 43 }).await;
    drawn += &terminal.until_drawn("now 132x43").await;
    until_shown(&mut socket, "now 132x43").await;
    other.call("log_out", &[]).await;
    assert_eq!(hear(&mut socket).await, Some(ToWatcher::Bye { why: "the session ended".to_owned() }));
    assert_eq!(hear(&mut socket).await, None);
    assert_eq!(terminal.word().await, Some(ToTerminal::Watched { by: 0 }));

    let mut socket = greet(&admin, id, ticket(&admin, &format!("watch:{id}")).await).await;
    until_shown(&mut socket, "now 132x43").await;
    terminal.type_in(b"exit\r").await;
    assert_eq!(terminal.end().await, Some(TerminalEnd::Closed { exit_code: Some(7) }));
    assert_eq!(until_over(&mut socket).await, Some(RecordingEnd::Closed));
    let over = eventually("it is written", &admin, &path, |one| one["end"] == "closed").await;
    assert_eq!(over["lost_bytes"], 0);
    let cast = admin.get(&format!("{path}/cast")).await.accepted().text;
    let lines: Vec<Value> = cast.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| {
        let these = lines.iter().filter(|line| line[1] == kind);
        these.map(|line| line[2].as_str().unwrap()).collect::<String>()
    };
    assert!(of("o").starts_with(&drawn), "{:?} does not begin with {drawn:?}", of("o"));
    assert_eq!(of("r"), "132x43");
    let told = admin.get("/api/audit?act=recording_seen").await.accepted().json();
    let details: Vec<_> = told["entries"].as_array().unwrap().iter().map(|entry| &entry["detail"]).collect();
    let live = json!(format!("{id} {}, live", crate::fixture::ADMIN));
    assert_eq!(details.iter().filter(|detail| ***detail == live).count(), 2, "{details:?}");
}

#[tokio::test]
async fn one_that_goes_on_lasts_until_now_however_long_nothing_was_shown() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let (_sim, mut terminal, id) = at_prompt(&admin).await;
    clock.forward(Duration::from_secs(600));
    let path = format!("/api/recordings/{id}");
    let live = admin.get(&path).await.accepted().json();
    assert_eq!((&live["seconds"], &live["ended_at"]), (&json!(600.0), &Value::Null));
    let list = admin.get("/api/recordings").await.accepted().json();
    assert_eq!(list["recordings"][0]["seconds"], 600.0);
    terminal.type_in(b"exit\r").await;
    terminal.end().await;
    eventually("it is written", &admin, &path, |one| one["end"] == "closed").await;
    clock.forward(Duration::from_secs(600));
    let over = admin.get(&path).await.accepted().json();
    assert_eq!(over["seconds"], 600.0, "what is over is as long as it was");
}

#[tokio::test]
async fn a_page_that_leaves_and_a_server_that_stops_are_why_a_recording_ended() {
    let mut app = App::start().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let device = add_trusted(&admin, "edge-1", &sim).await;
    let mut left = Terminal::greeted(&admin, device).await;
    let first = opened(&mut left).await;
    left.until_drawn("> ").await;
    drop(left);
    let path = |id: RecordingId| format!("/api/recordings/{id}");
    eventually("it was left", &admin, &path(first), |one| one["end"] == "left").await;
    let mut stopped = Vec::new();
    for _ in 0..8 {
        let mut terminal = Terminal::greeted(&admin, device).await;
        let id = opened(&mut terminal).await;
        terminal.until_drawn("> ").await;
        stopped.push((id, terminal));
    }
    app.restart().await;
    let admin = app.admin().await;
    for (id, _) in stopped {
        let one = admin.get(&path(id)).await.accepted().json();
        assert_eq!(one["end"], "stopping");
        assert!(one["bytes"].as_u64().unwrap() > 0, "what was not written yet is written at the stop");
        admin.get(&format!("{}/cast", path(id))).await.accepted();
    }
}

#[tokio::test]
async fn who_fills_a_recording_is_told_so_goes_on_and_it_says_where_it_was_full() {
    let app = App::with(&[("ROUTEWARDEN_RECORDINGS_SESSION_MB", "1")]).await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let (_sim, mut terminal, id) = at_prompt(&admin).await;
    terminal.type_in(b"flood\r").await;
    assert_eq!(terminal.word().await, Some(ToTerminal::RecordingFull));
    terminal.type_in(b"still here").await;
    terminal.until_drawn("still here").await;
    terminal.type_in(b"exit\r").await;
    let closed = TerminalEnd::Closed { exit_code: Some(7) };
    assert_eq!(terminal.word().await, Some(ToTerminal::Ended(closed)), "it is told once");
    let path = format!("/api/recordings/{id}");
    let over = eventually("it is written", &admin, &path, |one| one["end"] == "closed").await;
    assert_eq!(over["cut_short"], true);
    let cast = admin.get(&format!("{path}/cast")).await.accepted().text;
    assert_eq!(cast.matches("reached its limit").count(), 1, "{cast:?}");
    let list = admin.visit("/admin/recordings").await.accepted();
    assert!(list.text.contains("cut at its limit"), "{}", list.text);
}
