//! The live socket: tickets, snapshot, changes, and what ends it.

use crate::fixture::{App, Client, LiveSocket, VIEWER};
use model::{Change, FromBrowser, FromServer, State};
use serde_json::json;

async fn add(admin: &Client, name: &str, enabled: bool) -> i64 {
    let body = json!({"name": name, "ip_address": "127.0.0.1", "device_type": "tunnel", "port": 9, "enabled": enabled});
    admin.post("/api/devices", &body).await.has_status(201).json()["id"].as_i64().unwrap()
}

#[tokio::test]
async fn the_snapshot_comes_first_and_then_every_change_by_number() {
    let app = App::start().await;
    let admin = app.admin().await;
    add(&admin, "first", false).await;
    let mut socket = LiveSocket::greeted(&app.viewer().await).await;
    let (seq, rows) = socket.snapshot().await;
    assert_eq!(
        rows.iter().map(|row| (row.name.as_str(), row.live.state)).collect::<Vec<_>>(),
        [("first", State::Paused)]
    );

    let id = add(&admin, "second", false).await;
    admin.delete(&format!("/api/devices/{id}")).await.accepted();
    let mut last = seq;
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let Some(FromServer::Changes(events)) = socket.hear().await else { panic!("changes were expected") };
        // What the snapshot holds already may be told again.
        for event in events.into_iter().filter(|event| event.seq > seq) {
            assert_eq!(event.seq, last + 1, "no gap and nothing twice");
            last = event.seq;
            match event.change {
                Change::Row(row) if row.id.0 == id => seen.push("added"),
                Change::Removed { id: gone } if gone.0 == id => seen.push("removed"),
                _ => {}
            }
        }
    }
    assert_eq!(seen, ["added", "removed"]);
}

#[tokio::test]
async fn a_fleet_of_hundreds_comes_in_parts_that_fit_a_message() {
    let app = App::start().await;
    let admin = app.admin().await;
    for index in 0..150 {
        add(&admin, &format!("tunnel {index}"), false).await;
    }
    let mut socket = LiveSocket::greeted(&admin).await;
    assert_eq!(socket.snapshot().await.1.len(), 150);
}

#[tokio::test]
async fn no_ticket_a_used_one_and_somebody_elses_are_refused() {
    let app = App::start().await;
    let (viewer, admin) = (app.viewer().await, app.admin().await);
    let refused = async |ticket: String| {
        let mut socket = LiveSocket::open(&viewer).await;
        socket.say(&FromBrowser::Hello { ticket }).await;
        socket.bye().await
    };
    let used = viewer.ticket().await;
    let mut socket = LiveSocket::open(&viewer).await;
    socket.say(&FromBrowser::Hello { ticket: used.clone() }).await;
    socket.snapshot().await;
    for (why, ticket) in [
        ("none", String::new()),
        ("used", used),
        ("another session's", admin.ticket().await),
        ("forged", "x".repeat(43)),
    ] {
        assert_eq!(refused(ticket).await.as_deref(), Some("the ticket was refused"), "{why}");
    }
    let mut socket = LiveSocket::open(&viewer).await;
    socket.say(&FromBrowser::Watch { id: None, interface: None }).await;
    assert_eq!(socket.bye().await.as_deref(), Some("the ticket was refused"), "no hello");
}

#[tokio::test]
async fn no_page_of_another_site_opens_the_socket() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    let port = app.base.rsplit(':').next().unwrap();
    for origin in [
        None,
        Some("null".to_owned()),
        Some("http://evil.example".to_owned()),
        Some(format!("http://evil.127.0.0.1:{port}")),
        Some("http://127.0.0.1:1".to_owned()),
    ] {
        assert_eq!(LiveSocket::open_from(&viewer, origin.as_deref()).await.err(), Some(403), "{origin:?}");
    }
    let renamed =
        LiveSocket::open_as(&viewer, &[("origin", "https://rw.example"), ("sec-fetch-site", "same-origin")]);
    assert!(renamed.await.is_ok(), "behind a proxy that names us otherwise the browser still knows");
    let token = app.token(VIEWER, "read").await;
    assert!(LiveSocket::open_from(&token, None).await.is_ok(), "a program has no origin");
}

#[tokio::test]
async fn a_logout_ends_the_sockets_of_its_session_and_no_others() {
    let app = App::start().await;
    let (leaving, staying) = (app.viewer().await, app.viewer().await);
    let (mut ending, mut going_on) =
        (LiveSocket::greeted(&leaving).await, LiveSocket::greeted(&staying).await);
    ending.snapshot().await;
    going_on.snapshot().await;
    leaving.call("log_out", &[]).await.accepted();
    assert_eq!(ending.bye().await.as_deref(), Some("the session ended"));
    let id = add(&app.admin().await, "new", false).await;
    going_on.until_change(|change| matches!(change, Change::Row(row) if row.id.0 == id)).await;
}

#[tokio::test]
async fn an_account_opens_only_so_many_sockets() {
    let app = App::start().await;
    let (viewer, admin) = (app.viewer().await, app.admin().await);
    let mut open = Vec::new();
    let refused = loop {
        match LiveSocket::open_from(&viewer, Some(&app.base)).await {
            Ok(socket) => open.push(socket),
            Err(status) => break status,
        }
        assert!(open.len() < 1000, "there is no end to it");
    };
    assert_eq!(refused, 429);
    assert!(LiveSocket::open_from(&admin, Some(&app.base)).await.is_ok(), "others are not kept out");
}

#[tokio::test]
async fn a_line_with_nothing_to_tell_still_says_that_it_stands() {
    let app = App::start().await;
    let mut socket = LiveSocket::greeted(&app.viewer().await).await;
    socket.snapshot().await;
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(20)).await;
    tokio::time::resume();
    socket.until(|message| matches!(message, FromServer::Alive).then_some(())).await;
}

#[tokio::test]
async fn whoever_talks_too_much_is_sent_away() {
    let app = App::start().await;
    let mut socket = LiveSocket::greeted(&app.viewer().await).await;
    socket.snapshot().await;
    for _ in 0..101 {
        socket.say(&FromBrowser::Watch { id: None, interface: None }).await;
    }
    assert_eq!(socket.bye().await.as_deref(), Some("too many messages"));
}

#[tokio::test]
async fn a_message_above_the_limit_ends_the_socket() {
    let app = App::start().await;
    let mut socket = LiveSocket::greeted(&app.viewer().await).await;
    socket.snapshot().await;
    socket.say_bytes(vec![0; 64 * 1024 + 1]).await;
    assert!(socket.bye().await.is_none());
}

#[tokio::test]
async fn while_a_device_page_is_open_its_facts_and_its_rate_come_along() {
    let app = App::start().await;
    let (_sim, id) = app.with_router("edge-1").await;
    let mut socket = LiveSocket::greeted(&app.viewer().await).await;
    socket.snapshot().await;
    let is_up = |change| match change {
        Change::Live { id: of, live } => of == id && live.router.is_some_and(|router| router.wan.is_some()),
        _ => false,
    };
    socket.until_change(is_up).await;
    socket.say(&FromBrowser::Watch { id: Some(id), interface: None }).await;
    let model = socket.until(|message| match message {
        FromServer::Facts { id: of, metrics, .. } if of == id => metrics.model.clone(),
        _ => None,
    });
    assert!(!model.await.is_empty());
    let rate = |message| match message {
        FromServer::Rate { id: of, rx_bps, .. } if of == id => Some(rx_bps),
        _ => None,
    };
    let (_first, _second) = (socket.until(rate).await, socket.until(rate).await);
}

#[tokio::test]
async fn a_new_incident_is_told_once_to_those_who_look_in_every_language() {
    let app = App::start().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let (door, id) = app.with_tunnel("BDG", json!({})).await;
    let mut socket = LiveSocket::greeted(&viewer).await;
    drop(door);
    let headlines = |message| match message {
        FromServer::Headlines(all) => Some(all),
        _ => None,
    };
    let told = socket.until(headlines).await;
    assert_eq!((told.len(), told[0].path.as_str()), (1, format!("/devices/{id}").as_str()));
    assert_eq!(told[0].titles.len(), 3);
    assert!(told[0].titles.iter().all(|title| title.contains("BDG")), "{told:?}");

    // Whoever comes later has it on the page, and whoever was there hears of it no more.
    let mut late = LiveSocket::greeted(&admin).await;
    for socket in [&mut socket, &mut late] {
        for _ in 0..4 {
            let message = socket.hear().await.expect("the socket stays open");
            assert!(!matches!(message, FromServer::Headlines(_)), "{message:?} again");
        }
    }

    // What others say of it, and that they silence it, is known to every open page: states say nothing of that.
    let alert = told[0].incident;
    let silence = json!({"kind": "silence", "title": "known", "incident_id": alert, "minutes": 60});
    for (path, body, status) in [
        (format!("/api/alerts/{alert}/ack"), json!({"note": "on my way"}), 200),
        (format!("/api/alerts/{alert}/notes"), json!({"text": "there"}), 200),
        ("/api/maintenance".to_owned(), silence, 201),
    ] {
        admin.post(&path, &body).await.has_status(status);
        socket.until(|message| matches!(message, FromServer::Alerts).then_some(())).await;
    }
}
