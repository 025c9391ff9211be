//! The logs of routers: read, received, searched, and told while they grow.

use crate::fixture::{ADMIN, App, Client, LiveSocket, eventually};
use model::{FromBrowser, FromServer, LogScope};
use serde_json::{Value, json};
use server::app::Surroundings;
use std::{
    net::{SocketAddr, UdpSocket},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

fn messages(answer: &Value) -> Vec<&str> {
    let lines = answer["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    lines.iter().map(|line| line["message"].as_str().unwrap()).collect()
}

async fn until_said(client: &Client, message: &str) -> Value {
    let has_said = |seen: &Value| messages(seen).contains(&message);
    eventually(&format!("the log says {message:?}"), client, "/api/logs", has_said).await
}

/// A port for datagrams and streams that nobody else has: none of those that the system gives to whoever connects.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    loop {
        let at = ("127.0.0.1", NEXT.fetch_add(1, Ordering::Relaxed));
        if UdpSocket::bind(at).is_ok() && std::net::TcpListener::bind(at).is_ok() {
            return at.1;
        }
    }
}

/// A program that receives lines, and a socket that sends them from this address.
async fn receiving(from: &str) -> (App, UdpSocket) {
    let at = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let said = at.to_string();
    let app = App::in_surroundings(&[("ROUTEWARDEN_SYSLOG_LISTEN", &said)], Surroundings::default()).await;
    app.with_accounts().await;
    let socket = UdpSocket::bind((from, 0)).unwrap();
    socket.connect(at).unwrap();
    (app, socket)
}

/// It is looked for who the devices are now and then: until then their lines are a stranger's.
async fn until_known(admin: &Client, socket: &UdpSocket) {
    let sending = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        loop {
            ticks.tick().await;
            socket.send(b"script,info it is known by now").unwrap();
        }
    };
    tokio::select! {
        _ = until_said(admin, "it is known by now") => {}
        () = sending => {}
    }
}

#[tokio::test]
async fn whatever_may_send_lines_has_a_part_for_them_on_its_page() {
    let page = async |app: &App, kind: &str| {
        let body = json!({"name": kind, "ip_address": "127.0.0.1", "device_type": kind, "port": 9});
        let id = app.admin().await.post("/api/devices", &body).await.has_status(201).json()["id"].clone();
        let page = app.viewer().await.visit(&format!("/devices/{id}")).await.accepted();
        page.text.contains(&format!("/logs?device={id}"))
    };
    let (app, _socket) = receiving("127.0.0.1").await;
    assert!(page(&app, "server").await && page(&app, "tunnel").await);
    let deaf = App::start().await;
    assert!(page(&deaf, "switch").await && !page(&deaf, "tunnel").await);
}

/// How many lines came by syslog of which this became.
async fn sent_lines(reader: &Client, outcome: &str) -> u64 {
    let metrics = reader.get("/metrics").await.accepted().text;
    let head = format!("routewarden_syslog_lines_total{{outcome=\"{outcome}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&head)).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_log_is_read_and_found_by_everybody_in_every_way() {
    let app = App::start().await;
    let (sim, id) = app.with_router("=edge").await;
    sim.log("system,error,critical", "login failure for user x from 192.0.2.1 via ssh");
    sim.log("dhcp,warning", "<script>alert(1)</script>");
    sim.log("interface,info", "=cmd()\u{202e}\u{1b}[31m");
    let viewer = app.viewer().await;
    until_said(&viewer, "=cmd()[U+202E]␛[31m").await;
    let path = format!("/api/devices/{id}/logs");
    let all = viewer.get(&path).await.accepted().json();
    assert_eq!(all["lines"].as_array().unwrap().len(), 3, "our own visits are no news: {all}");
    assert_eq!((&all["log"]["enabled"], &all["log"]["trouble"]), (&true.into(), &Value::Null));
    let first = &all["lines"][2];
    assert_eq!(
        (&first["severity"], &first["topics"], &first["device"]),
        (&"critical".into(), &json!(["system"]), &"=edge".into())
    );
    assert_eq!(first.get("dropped"), None, "it is a line of the router");
    for (query, count) in [
        ("severity=warning", 2),
        ("severity=error", 1),
        ("topics=dhcp,interface", 2),
        ("search=LOGIN", 1),
        ("search=%25", 0),
        ("from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z", 0),
    ] {
        let found = viewer.get(&format!("{path}?{query}")).await.accepted().json();
        assert_eq!(messages(&found).len(), count, "{query}");
    }
    assert_eq!(messages(&viewer.get("/api/logs?name=EDG").await.accepted().json()).len(), 3);
    assert_eq!(messages(&viewer.get("/api/logs?name=core").await.accepted().json()).len(), 0);
    let part = viewer.get("/api/logs?limit=2").await.accepted().json();
    let rest =
        viewer.get(&format!("/api/logs?before={}", part["next"].as_str().unwrap())).await.accepted().json();
    assert_eq!((messages(&part).len(), messages(&rest).len(), &rest["next"]), (2, 1, &Value::Null));
    let file = viewer.get("/api/logs.csv").await.accepted();
    assert!(file.header("content-disposition").contains("logs.csv"));
    assert!(file.text.contains(",'=edge,") && file.text.contains(",'=cmd()"), "{}", file.text);
    assert_eq!(file.text.lines().count(), 4);
    for (query, named) in [
        ("severity=loud", "severity"),
        ("limit=0", "limit"),
        ("before=x", "before"),
        ("from=soon", "from"),
        ("search=%00", "text"),
        ("when=now", "when"),
    ] {
        let answer = viewer.get(&format!("/api/logs?{query}")).await.has_status(400);
        assert!(answer.text.contains(named), "{query}: {}", answer.text);
    }
    viewer.get("/api/devices/999/logs").await.has_status(404);
    let page = viewer.visit("/logs").await.accepted().text;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert(1)"));
}

#[tokio::test]
async fn no_line_comes_twice_when_either_side_starts_again() {
    let mut app = App::start().await;
    let (sim, _) = app.with_router("edge").await;
    sim.log("script,info", "before");
    until_said(&app.admin().await, "before").await;
    app.restart().await;
    sim.log("script,info", "between");
    until_said(&app.admin().await, "between").await;
    sim.script(engine::driver::routeros::sim::Fault::Reboot);
    sim.log("system,info", "router rebooted");
    let seen = until_said(&app.admin().await, "router rebooted").await;
    assert_eq!(messages(&seen), ["router rebooted", "between", "before"]);
    let gaps: Vec<_> =
        seen["lines"].as_array().unwrap().iter().map(|line| line["after_gap"].clone()).collect();
    assert_eq!(gaps, [true, false, false], "what it wrote before it started again is gone");
}

#[tokio::test]
async fn an_admin_decides_whether_a_log_is_read() {
    let app = App::start().await;
    let (sim, id) = app.with_router("edge").await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    sim.log("script,info", "while it is on");
    until_said(&admin, "while it is on").await;
    let id = id.to_string();
    let form = [("id", id.as_str()), ("is_on", "false")];
    let refused = viewer.call("set_log_read", &form).await;
    assert!(refused.text.contains("forbidden"), "{}", refused.text);
    admin.call("set_log_read", &form).await.accepted();
    let path = format!("/api/devices/{id}/logs");
    assert_eq!(viewer.get(&path).await.accepted().json()["log"]["enabled"], false);
    let acts = admin.get("/api/audit?act=device_changed").await.accepted().json();
    assert_eq!(acts["entries"][0]["detail"], "log off");
    sim.log("script,info", "while it is off");
    admin.call("set_log_read", &[("id", id.as_str()), ("is_on", "true")]).await.accepted();
    let seen = until_said(&admin, "while it is off").await;
    assert_eq!(messages(&seen), ["while it is off", "while it is on"], "it goes on where it ended");
}

#[tokio::test]
async fn whoever_looks_is_told_that_there_is_something_new() {
    let app = App::start().await;
    let (sim, id) = app.with_router("edge").await;
    let viewer = app.viewer().await;
    sim.log("script,info", "first");
    until_said(&viewer, "first").await;
    let (mut of_it, mut of_another) =
        (LiveSocket::greeted(&viewer).await, LiveSocket::greeted(&viewer).await);
    of_it.say(&FromBrowser::WatchLogs(Some(LogScope::Device(id)))).await;
    of_another.say(&FromBrowser::WatchLogs(Some(LogScope::Fleet))).await;
    let has_news = |message| matches!(message, FromServer::Logs).then_some(());
    // Whether the server has heard yet is not told: lines go on coming until it has.
    let mut line = 0;
    let told = async {
        of_it.until(has_news).await;
        of_another.until(has_news).await;
    };
    let mut told = std::pin::pin!(told);
    loop {
        sim.log("script,info", &format!("more {line}"));
        line += 1;
        if tokio::time::timeout(Duration::from_millis(500), &mut told).await.is_ok() {
            break;
        }
        assert!(line < 60, "nobody is told");
    }
}

#[tokio::test]
async fn lines_that_are_sent_are_kept_once_and_those_of_strangers_only_counted() {
    let (app, socket) = receiving("127.0.0.1").await;
    let (sim, id) = app.with_router("edge").await;
    let viewer = app.viewer().await;
    sim.log("script,info", "read only");
    until_said(&viewer, "read only").await;
    sim.log("system,error,critical", "both ways");
    socket.send(b"<26>Nov 29 10:00:00 gw system,error,critical both ways").unwrap();
    socket.send(b"<28>Nov 29 10:00:01 gw dhcp,warning sent only").unwrap();
    let stranger = UdpSocket::bind("127.0.0.77:0").unwrap();
    stranger.send_to(b"from nobody", socket.peer_addr().unwrap()).unwrap();
    until_said(&viewer, "sent only").await;
    sim.log("script,info", "the end");
    until_said(&viewer, "the end").await;
    let seen = viewer.get(&format!("/api/devices/{id}/logs")).await.accepted().json();
    let mut said = messages(&seen);
    said.sort_unstable();
    assert_eq!(said, ["both ways", "read only", "sent only", "the end"]);
    let ways: Vec<_> = seen["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["message"] == "sent only")
        .map(|line| line["via"].clone())
        .collect();
    assert_eq!(ways, ["syslog"]);
    let page = viewer.call("load_logs", &[("wish[text]", "")]).await.accepted().json();
    assert_eq!(
        (&page["strangers"][0]["address"], &page["strangers"][0]["lines"]),
        (&"127.0.0.77".into(), &1.into())
    );
}

#[tokio::test]
async fn what_was_sent_before_a_stop_is_kept_and_not_read_a_second_time() {
    let (mut app, socket) = receiving("127.0.0.1").await;
    let (sim, _) = app.with_router("edge").await;
    sim.log("script,info", "first");
    until_said(&app.admin().await, "first").await;
    for number in 0..90 {
        let message = format!("number {number}");
        sim.log("script,info", &message);
        socket.send(format!("script,info {message}").as_bytes()).unwrap();
    }
    app.restart().await;
    sim.log("script,info", "last");
    let admin = app.admin().await;
    until_said(&admin, "last").await;
    let seen = admin.get("/api/logs?limit=1000").await.accepted().json();
    let mut said = messages(&seen);
    said.sort_unstable();
    said.dedup();
    assert_eq!((messages(&seen).len(), said.len()), (92, 92));
}

#[tokio::test]
async fn a_device_that_is_known_by_a_name_sends_from_where_that_leads() {
    let (app, socket) = receiving("127.0.0.1").await;
    let admin = app.admin().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let named = json!({"name": "shop", "ip_address": "localhost", "device_type": "tunnel", "port": port});
    admin.post("/api/devices", &named).await.has_status(201);
    eventually("it is up", &admin, "/api/tunnel/shop", |seen| seen["overall"] == true).await;
    let has_come = |seen: &Value| seen["lines"][0]["device"] == "shop";
    // Where its name leads is looked for now and then.
    let sending = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        loop {
            ticks.tick().await;
            socket.send(b"script,info from where its name leads").unwrap();
        }
    };
    tokio::select! {
        _ = eventually("its line is kept", &admin, "/api/logs", has_come) => {}
        () = sending => {}
    }
}

#[tokio::test]
async fn three_thousand_lines_of_one_stream_are_all_kept() {
    let (app, socket) = receiving("127.0.0.1").await;
    let admin = app.admin().await;
    let tunnel = json!({"name": "shop", "ip_address": "127.0.0.1", "device_type": "tunnel", "port": 9});
    admin.post("/api/devices", &tunnel).await.has_status(201);
    until_known(&admin, &socket).await;
    let mut stream = TcpStream::connect(socket.peer_addr().unwrap()).await.unwrap();
    let lines: String = (0..3_000).map(|number| format!("firewall,info number {number}\n")).collect();
    stream.write_all(lines.as_bytes()).await.unwrap();
    until_said(&admin, "number 2999").await;
    let file = admin.get("/api/logs.csv").await.accepted().text;
    assert_eq!(file.lines().filter(|line| line.contains(",number ")).count(), 3_000);
    assert!(!file.contains("dropped"), "nothing is missing");
}

#[tokio::test]
async fn a_removed_device_takes_its_lines_along() {
    let app = App::start().await;
    let (sim, id) = app.with_router("edge").await;
    sim.log("script,info", "a line");
    let admin = app.admin().await;
    until_said(&admin, "a line").await;
    admin.delete(&format!("/api/devices/{id}")).await.accepted();
    assert_eq!(messages(&admin.get("/api/logs").await.accepted().json()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_lines_delays_no_state_and_is_kept_within_its_measure() {
    let (app, socket) = receiving("127.0.0.1").await;
    let admin = app.admin().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tunnel = json!({
        "name": "shop", "ip_address": "127.0.0.1", "device_type": "tunnel", "port": port,
        "checks": [{"kind": "tcp", "interval_seconds": 5, "settings": {"port": port.to_string()}}],
    });
    admin.post("/api/devices", &tunnel).await.has_status(201);
    eventually("it is up", &admin, "/api/tunnel/shop", |seen| seen["overall"] == true).await;
    until_known(&admin, &socket).await;
    let reader = app.token(ADMIN, "read").await;
    let strange = sent_lines(&reader, "stranger").await;
    let mut flooding = tokio::task::JoinSet::new();
    flooding.spawn_blocking(move || {
        let begun = Instant::now();
        for line in 0..50_000_u32 {
            // 5,000 lines a second for ten seconds, in spurts.
            let ahead = Duration::from_micros(u64::from(line) * 200).saturating_sub(begun.elapsed());
            if ahead > Duration::from_millis(20) {
                std::thread::park_timeout(ahead);
            }
            // A full socket loses some: so does the network.
            let _ = socket.send(format!("firewall,info drop number {line}").as_bytes());
        }
    });
    let is_heard = |seen: &Value| messages(seen).iter().any(|message| message.starts_with("drop number"));
    eventually("the flood is heard", &admin, "/api/logs?limit=1", is_heard).await;
    drop(listener);
    let gone_at = Instant::now();
    admin.post("/api/refresh", &json!({})).await;
    eventually("its end is seen", &admin, "/api/tunnel/shop", |seen| seen["overall"] == false).await;
    let took = gone_at.elapsed();
    // Two tries two seconds apart confirm it.
    assert!(took < Duration::from_secs(9), "{took:?}");
    flooding.join_next().await.unwrap().unwrap();
    let kept = admin.get("/api/logs.csv").await.accepted().text.lines().count() - 1;
    assert!((500..9_000).contains(&kept), "{kept} lines of 50,000");
    let tells_loss =
        |seen: &Value| seen["lines"].as_array().unwrap().iter().any(|line| line["dropped"].is_u64());
    let told = eventually("the end of it is told", &admin, "/api/logs?limit=1", tells_loss).await;
    let last = &told["lines"][0];
    assert_eq!((&last["after_gap"], &last["via"]), (&true.into(), &"syslog".into()));
    assert!(last["message"].as_str().unwrap().ends_with("dropped: more than 200 a second came"), "{last}");
    let page = admin.visit("/logs").await.accepted().text;
    assert!(page.contains("that the device sent by syslog were dropped: more than 200 a second came"));
    assert!(!page.contains("the router keeps few"), "it was not the router");
    let [taken, too_many] = [sent_lines(&reader, "taken").await, sent_lines(&reader, "too_many").await];
    assert!(taken >= 4_000 && too_many > 1_000, "{taken} and {too_many}");
    assert_eq!(sent_lines(&reader, "stranger").await, strange, "it was known before");
}
