//! Recordings of terminals, from outside: who finds them, who takes them, and what is written down of that.

use crate::fixture::{ADMIN, Answer, App, Client, Hands, PATIENCE, VIEWER};
use app::api::wire;
use engine::{SystemClock, Workers};
use futures::{SinkExt, StreamExt};
use model::{DeviceId, FromWatcher, RecordedAt, RecordingEnd, RecordingId, ToWatcher, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use server::{
    recordings::{Begin, Limits, Recorder, Recordings},
    store::Store,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::timeout;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What a device sends: colours, a character that comes apart, and bytes that are no text.
const SENT: &[&[u8]] = &[b"\x1b[1m[ani@edge-1] >\x1b[0m ", "при".as_bytes(), &[0xd0], &[0xb2, 0xff], b"\r\n"];

/// A session of an admin's that is recorded beside the server, as another program would.
struct Session {
    store: Store,
    recorder: Recorder,
    workers: Workers,
    stop: CancellationToken,
}

impl Session {
    async fn begin(app: &App, device: &str) -> Session {
        let (vault, store) = app.command_line().await;
        let admin = app.admin().await;
        let devices = admin.get("/api/devices").await.accepted().json();
        let known = devices["devices"].as_array().unwrap().iter().find(|one| one["name"] == device).cloned();
        let known = match known {
            Some(known) => known,
            None => {
                let body = json!({
                    "name": device, "ip_address": "127.0.0.1", "device_type": "server", "enabled": false,
                });
                admin.post("/api/devices", &body).await.has_status(201).json()
            }
        };
        let users = admin.call("load_users", &[]).await.accepted().json();
        let user = users.as_array().unwrap().iter().find(|user| user["name"] == ADMIN).unwrap();
        let begin = Begin {
            device: DeviceId(known["id"].as_i64().unwrap()),
            device_name: device.to_owned(),
            user: UserId(user["id"].as_i64().unwrap()),
            who: ADMIN.to_owned(),
            address: Some("192.0.2.7".parse().unwrap()),
            columns: 80,
            rows: 24,
        };
        let clock = Arc::new(SystemClock);
        let limits = Limits::of(&BTreeMap::new());
        let recordings = Recordings::new(store.clone(), Arc::new(vault), clock.clone(), limits);
        let recorder = recordings.begin(begin).await.unwrap();
        let (workers, stop) = (Workers::new(clock, TaskTracker::new()), CancellationToken::new());
        workers.start("recordings", stop.clone(), move |duty| {
            let recordings = recordings.clone();
            async move { recordings.run(duty).await }
        });
        Session { store, recorder, workers, stop }
    }

    /// Ends it, and waits until all of it is written.
    async fn end(self) -> RecordingId {
        let id = self.recorder.id();
        self.recorder.end(RecordingEnd::Closed);
        self.stop.cancel();
        self.workers.tracker().close();
        self.workers.tracker().wait().await;
        id
    }
}

/// A session that sent this, and is over.
async fn recorded(app: &App, device: &str, sent: &[&[u8]]) -> RecordingId {
    let session = Session::begin(app, device).await;
    for bytes in sent {
        session.recorder.output(bytes);
    }
    session.recorder.resize(100, 30);
    session.end().await
}

#[tokio::test]
async fn an_admin_finds_recordings_and_takes_one_as_a_file_that_holds_what_was_sent() {
    let app = App::start().await;
    let id = recorded(&app, "edge-1", SENT).await;
    let other = recorded(&app, "edge-2", &[b"other"]).await;
    let admin = app.admin().await;
    let all = admin.get("/api/recordings").await.accepted().json();
    let ids: Vec<_> = all["recordings"].as_array().unwrap().iter().map(|one| one["id"].as_i64()).collect();
    assert_eq!((ids, &all["total"]), (vec![Some(other.0), Some(id.0)], &json!(2)));
    let page = admin.get("/api/recordings?limit=1&offset=1").await.accepted().json();
    assert_eq!((&page["recordings"][0]["id"], &page["total"]), (&json!(id.0), &json!(2)));
    let found = admin.get("/api/recordings?device=edge-2&user=ani.lestari").await.accepted().json();
    assert_eq!((&found["recordings"][0]["id"], &found["total"]), (&json!(other.0), &json!(1)));
    assert_eq!(admin.get("/api/recordings?user=budi").await.accepted().json()["total"], 0);

    let one = admin.get(&format!("/api/recordings/{id}")).await.accepted().json();
    assert_eq!(one, all["recordings"][1]);
    assert_eq!(
        (&one["device"], &one["user"], &one["address"]),
        (&json!("edge-1"), &json!(ADMIN), &json!("192.0.2.7"))
    );
    let sent = SENT.concat();
    assert_eq!(
        (&one["end"], &one["bytes"], &one["lost_bytes"]),
        (&json!("closed"), &json!(sent.len()), &json!(0))
    );
    assert!(one["began_at"].as_str().unwrap().ends_with('Z') && one["ended_at"].is_string());

    let file = admin.get(&format!("/api/recordings/{id}/cast")).await.accepted();
    assert_eq!(file.header("content-type"), "application/x-asciicast");
    assert!(file.header("content-disposition").contains(&format!("recording-{id}.cast")));
    let mut lines = file.text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let head = lines.next().unwrap();
    assert_eq!((&head["version"], &head["width"], &head["height"]), (&json!(2), &json!(80), &json!(24)));
    let (mut drawn, mut sizes) = (String::new(), Vec::new());
    for line in lines {
        match line[1].as_str().unwrap() {
            "o" => drawn += line[2].as_str().unwrap(),
            "r" => sizes.push(line[2].clone()),
            other => panic!("{other}"),
        }
    }
    assert_eq!((drawn, sizes), (String::from_utf8_lossy(&sent).into_owned(), vec![json!("100x30")]));
    let told = admin.get("/api/audit?act=recording_seen").await.accepted().json();
    assert_eq!((&told["total"], &told["entries"][0]["subject"]), (&json!(1), &json!("edge-1")));
    assert_eq!(told["entries"][0]["detail"], format!("{id} {ADMIN}, file"));
}

#[tokio::test]
async fn whoever_reads_one_is_written_down_from_wherever_they_begin_and_once_an_hour() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let id = recorded(&app, "edge-1", SENT).await.to_string();
    let admin = app.admin().await;
    let looks = async || {
        let told = app.admin().await.get("/api/audit?act=recording_seen").await.accepted().json();
        told["total"].as_u64().unwrap()
    };
    let read = async |client: &Client, from: &str| {
        client.call("load_recorded", &[("id", &id), ("from", from)]).await.accepted();
    };
    for from in ["1", "9", "17"] {
        read(&admin, from).await;
        assert_eq!(looks().await, 1, "{from}");
    }
    read(&admin, "0").await;
    assert_eq!(looks().await, 2, "who begins anew looks anew");
    read(&app.admin().await, "5").await;
    assert_eq!(looks().await, 3, "somebody else");
    clock.forward(Duration::from_secs(3_600));
    read(&admin, "3").await;
    assert_eq!(looks().await, 4, "much later");
}

#[tokio::test]
async fn one_that_is_larger_than_what_is_read_at_once_is_a_file_too() {
    let app = App::start().await;
    let session = Session::begin(&app, "edge-1").await;
    let id = session.recorder.id();
    let sent: Vec<u8> =
        (0..30_000_u32).flat_map(|number| format!("{number:08x} 👋\r\n").into_bytes()).collect();
    // As much as fills a chunk, and not more before that is written: nothing is missing then.
    for pieces in sent.chunks(32 * 1024) {
        let before = session.store.recordings().one(id).await.unwrap().stored_bytes;
        pieces.chunks(4_001).for_each(|piece| session.recorder.output(piece));
        while pieces.len() == 32 * 1024
            && session.store.recordings().one(id).await.unwrap().stored_bytes == before
        {
            tokio::task::yield_now().await;
        }
    }
    session.end().await;
    let admin = app.admin().await;
    let one = admin.get(&format!("/api/recordings/{id}")).await.accepted().json();
    assert_eq!((&one["bytes"], &one["lost_bytes"]), (&json!(sent.len()), &json!(0)));
    assert!(one["stored_bytes"].as_u64().unwrap() < sent.len() as u64 / 2, "it is packed: {one}");
    let file = admin.get(&format!("/api/recordings/{id}/cast")).await.accepted();
    let lines = file.text.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let drawn: String = lines.map(|line| line[2].as_str().unwrap().to_owned()).collect();
    assert!(drawn.into_bytes() == sent, "every byte is in the file");
}

#[tokio::test]
async fn removing_one_is_written_down_and_what_is_no_number_names_nothing() {
    let app = App::start().await;
    let id = recorded(&app, "edge-1", SENT).await;
    let admin = app.admin().await;
    admin.delete(&format!("/api/recordings/{id}")).await.has_status(204);
    for path in [
        format!("/api/recordings/{id}"),
        format!("/api/recordings/{id}/cast"),
        "/api/recordings/x".to_owned(),
    ] {
        admin.get(&path).await.has_status(404);
    }
    admin.delete(&format!("/api/recordings/{id}")).await.has_status(404);
    let told = admin.get("/api/audit?act=recording_removed").await.accepted().json();
    assert_eq!((&told["total"], &told["entries"][0]["who"]), (&json!(1), &json!(ADMIN)));
    for (query, named) in
        [("limit=0", "limit"), ("limit=501", "limit"), ("colour=red", "colour"), ("device=%00", "device")]
    {
        let answer = admin.get(&format!("/api/recordings?{query}")).await.has_status(400);
        assert!(answer.text.contains(named), "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_viewer_and_a_token_that_only_reads_get_nothing_of_any_recording() {
    let app = App::start().await;
    let id = recorded(&app, "edge-1", SENT).await;
    for client in [app.viewer().await, app.token(ADMIN, "read").await, app.token(VIEWER, "write").await] {
        for path in [
            "/api/recordings".to_owned(),
            format!("/api/recordings/{id}"),
            format!("/api/recordings/{id}/cast"),
        ] {
            let answer = client.get(&path).await.has_status(403);
            assert!(!answer.text.contains("edge-1"), "{}", answer.text);
        }
        client.delete(&format!("/api/recordings/{id}")).await.has_status(403);
        assert_eq!(watch(&client, id, Some(&app.base)).await.err(), Some(403));
    }
    let viewer = app.viewer().await;
    for (function, form) in [
        ("load_recordings", vec![("offset", "0")]),
        ("load_recording", vec![("id", "1")]),
        ("load_recorded", vec![("id", "1"), ("from", "0")]),
        ("remove_recording", vec![("id", "1")]),
    ] {
        viewer.call(function, &form).await.has_status(403);
    }
    viewer.visit("/admin/recordings").await.has_status(403);
    viewer.visit(&format!("/admin/recordings/{id}")).await.has_status(403);
}

#[tokio::test]
async fn what_a_recording_holds_wants_a_password_that_was_given_not_long_ago() {
    let (app, clock): (App, Arc<Hands>) = App::at_standstill().await;
    app.with_accounts().await;
    let id = recorded(&app, "edge-1", SENT).await;
    let admin = app.admin().await;
    clock.forward(Duration::from_secs(12 * 3600));
    let id_text = id.to_string();
    let is_asked = |answer: crate::fixture::Answer| {
        assert!(answer.status == 403 && answer.text.contains("password_needed"), "{}", answer.text);
    };
    is_asked(admin.get(&format!("/api/recordings/{id}/cast")).await);
    is_asked(admin.delete(&format!("/api/recordings/{id}")).await);
    is_asked(admin.call("load_recorded", &[("id", &id_text), ("from", "0")]).await);
    is_asked(admin.call("remove_recording", &[("id", &id_text)]).await);
    is_asked(admin.call("ticket", &[("purpose", &format!("watch:{id}"))]).await);
    assert_eq!(watch(&admin, id, Some(&app.base)).await.err(), Some(403));
    admin.get(&format!("/api/recordings/{id}")).await.accepted();
    admin.call("ticket", &[("purpose", "live")]).await.accepted();
}

#[tokio::test]
async fn what_a_terminal_showed_is_read_over_plain_http_from_elsewhere_by_explicit_setting_only() {
    for (allowed, environment) in [(false, vec![]), (true, vec![("ROUTEWARDEN_TERMINAL_OVER_HTTP", "true")])]
    {
        let app = App::with(&environment).await;
        app.with_accounts().await;
        let id = recorded(&app, "edge-1", &[b"planted-5b1f"]).await.to_string();
        let admin = app.admin().await;
        let part = [("id", id.as_str()), ("from", "0")];
        let purpose = format!("watch:{id}");
        for (what, request) in [
            ("the file", admin.request(Method::GET, &format!("/api/recordings/{id}/cast"))),
            ("a part", admin.request(Method::POST, "/api/load_recorded").form(&part)),
            ("a ticket", admin.request(Method::POST, "/api/ticket").form(&[("purpose", &purpose)])),
        ] {
            // What a proxy adds makes it no visit from this machine.
            let answer = Answer::of(request.header("x-forwarded-for", "203.0.113.9")).await;
            assert_eq!(answer.status == 200, allowed, "{what}: {}", answer.text);
            assert!(allowed || answer.text.contains("HTTPS"), "{what}: {}", answer.text);
        }
        let seen = admin.get("/api/audit?act=recording_seen").await.accepted().json();
        assert_eq!(seen["total"], if allowed { 2 } else { 0 });
        admin.get(&format!("/api/recordings/{id}/cast")).await.accepted();
    }
}

#[tokio::test]
async fn the_pages_show_what_there_is_without_scripts() {
    let app = App::start().await;
    let admin = app.admin().await;
    let empty = admin.visit("/admin/recordings").await.accepted();
    assert!(empty.text.contains("Nothing recorded yet"), "{}", empty.text);
    let id = recorded(&app, "edge<1>", SENT).await;
    let page = admin.visit("/admin/recordings").await.accepted();
    assert!(page.text.contains("edge&lt;1&gt;") && page.text.contains(&format!("/admin/recordings/{id}")));
    let filtered = admin.visit("/admin/recordings?device=nothing").await.accepted();
    assert!(!filtered.text.contains("edge&lt;1&gt;") && filtered.text.contains("Nothing found here"));
    let one = admin.visit(&format!("/admin/recordings/{id}")).await.accepted();
    assert!(
        one.text.contains("closed by the device") && one.text.contains(&format!("/api/recordings/{id}/cast"))
    );
    assert!(!one.text.contains("[ani@edge-1]"), "what it holds is not in the page");
}

pub type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Opens the socket of a recording as a page of `origin` would; the status when it is refused.
async fn watch(client: &Client, id: RecordingId, origin: Option<&str>) -> Result<Socket, u16> {
    let url = format!("{}/ws/watch/{id}", client.base.replace("http", "ws"));
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    if let Some(origin) = origin {
        headers.insert("origin", HeaderValue::from_str(origin).unwrap());
    }
    match client.token_header() {
        Some(token) => headers.insert("authorization", HeaderValue::from_str(&token).unwrap()),
        None => headers.insert("cookie", HeaderValue::from_str(&client.cookie()).unwrap()),
    };
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

pub async fn ticket(client: &Client, purpose: &str) -> String {
    client.call("ticket", &[("purpose", purpose)]).await.accepted().json().as_str().unwrap().to_owned()
}

/// The next word, or nothing when the server closes.
pub async fn hear(socket: &mut Socket) -> Option<ToWatcher> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("an answer in time")? {
            Ok(Message::Binary(bytes)) => return wire::decode(&bytes),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// Says hello with this ticket.
pub async fn greet(client: &Client, id: RecordingId, ticket: String) -> Socket {
    let mut socket = watch(client, id, Some(&client.base)).await.unwrap();
    let hello = FromWatcher::Hello { ticket, from: RecordedAt::default() };
    socket.send(Message::binary(wire::encode(&hello))).await.unwrap();
    socket
}

/// What is answered first to this ticket.
async fn greeted(client: &Client, id: RecordingId, ticket: String) -> Option<ToWatcher> {
    hear(&mut greet(client, id, ticket).await).await
}

#[tokio::test]
async fn nobody_looks_on_without_the_one_ticket_that_is_for_it() {
    let app = App::start().await;
    let id = recorded(&app, "edge-1", SENT).await;
    let admin = app.admin().await;
    for origin in [None, Some("null"), Some("http://evil.example")] {
        assert_eq!(watch(&admin, id, origin).await.err(), Some(403), "{origin:?}");
    }
    assert_eq!(watch(&app.anonymous(), id, Some(&app.base)).await.err(), Some(401));
    let purpose = format!("watch:{id}");
    let good = ticket(&admin, &purpose).await;
    assert_eq!(
        greeted(&admin, id, good.clone()).await,
        Some(ToWatcher::Over { end: None }),
        "it is over already"
    );
    let refused = Some(ToWatcher::Bye { why: "the ticket was refused".to_owned() });
    assert_eq!(greeted(&admin, id, good).await, refused, "used");
    assert_eq!(greeted(&admin, id, String::new()).await, refused, "none");
    assert_eq!(greeted(&admin, id, ticket(&admin, "live").await).await, refused, "for something else");
    let other = ticket(&admin, &format!("watch:{}", id.0 + 1)).await;
    assert_eq!(greeted(&admin, id, other).await, refused, "for another recording");
    let elsewhere = app.admin().await;
    let other = ticket(&elsewhere, &purpose).await;
    assert_eq!(greeted(&admin, id, other).await, refused, "of another session");
}
