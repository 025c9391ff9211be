//! From a listener that is killed to the message about it, and back: the whole way, by webhooks to a receiver of the
//! test's own.

use crate::fixture::{ADMIN, App, PASSWORD, eventually};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::Sha256;
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::timeout};

const SECRET: &str = "between us";

/// What came, signed as it should be.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Value>>>,
    is_broken: Arc<Mutex<bool>>,
    rung: Arc<tokio::sync::Notify>,
}

impl Receiver {
    async fn start(&self) -> String {
        let router = Router::new().route("/hook", post(take)).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::runtime::Handle::current().spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/hook")
    }

    fn events(&self) -> Vec<String> {
        let word = |body: &Value| {
            let incident = &body["incident"];
            format!(
                "{} {}",
                body["event"].as_str().unwrap(),
                incident["device"]["name"].as_str().unwrap_or_default()
            )
        };
        self.got.lock().iter().map(word).collect()
    }

    /// Waits until this came.
    async fn gets(&self, events: &[&str]) {
        let waiting = async {
            while self.events() != events {
                self.rung.notified().await;
            }
        };
        let came = timeout(Duration::from_secs(60), waiting).await;
        assert!(came.is_ok(), "{:?} instead of {events:?}", self.events());
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if *receiver.is_broken.lock() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let signed = [text("x-routewarden-timestamp").as_bytes(), b".", &body].concat();
    assert_eq!(text("x-routewarden-signature"), format!("sha256={}", mac(SECRET.as_bytes(), &signed)));
    receiver.got.lock().push(serde_json::from_slice(&body).unwrap());
    receiver.rung.notify_one();
    StatusCode::NO_CONTENT
}

/// HMAC-SHA256 (RFC 2104), written from its definition: not by what signs.
fn mac(key: &[u8], bytes: &[u8]) -> String {
    use sha2::Digest;
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(bytes).finalize();
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn hook(app: &App, url: &str) -> i64 {
    let body = json!({"name": "hook", "kind": "webhook", "severity": "info", "settings": {"url": url},
        "secrets": {"secret": SECRET}});
    let made = app.admin().await.post("/api/channels", &body).await.has_status(201).json();
    assert_eq!(made["secrets"]["secret"]["set"], json!(true));
    assert!(made["secrets"]["secret"]["set_at"].is_string(), "{made}");
    made["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_killed_listener_is_told_once_with_its_cause_and_its_return_once_across_an_outage_of_the_channel() {
    let mut app = App::start().await;
    let receiver = Receiver::default();
    hook(&app, &receiver.start().await).await;
    let (door, _) = app.with_tunnel("CIKARANG", json!({})).await;
    let at = door.local_addr().unwrap();

    drop(door);
    receiver.gets(&["opened CIKARANG"]).await;
    let body = receiver.got.lock()[0].clone();
    assert_eq!((&body["severity"], &body["incident"]["kind"]), (&json!("critical"), &json!("down")));
    assert!(body["incident"]["cause"].as_str().unwrap().contains("refused"), "{body}");

    let open = app.viewer().await.get("/api/alerts?state=open").await.accepted().json();
    assert_eq!((&open["total"], &open["alerts"][0]["state"]), (&json!(1), &json!("open")));
    let summary = app.viewer().await.get("/api/dashboard/summary").await.accepted().json();
    let recent = &summary["summary"]["recent_alerts"];
    assert_eq!((&recent[0]["id"], &recent[0]["state"]), (&open["alerts"][0]["id"], &json!("open")));
    assert_eq!((&recent[0]["device"]["name"], &recent[1]), (&json!("CIKARANG"), &json!(null)));
    let ack = format!("/api/alerts/{}/ack", open["alerts"][0]["id"]);
    app.viewer().await.post(&ack, &json!({})).await.has_status(403);
    let seen = app.admin().await.post(&ack, &json!({"note": "on my way"})).await.accepted().json();
    assert_eq!((&seen["state"], &seen["acknowledged"]["by"]), (&json!("acknowledged"), &json!(ADMIN)));
    let seen = app.admin().await.post_nothing(&ack).await.accepted().json();
    assert_eq!((&seen["state"], &seen["acknowledged"]["note"]), (&json!("acknowledged"), &json!(null)));
    let budi = [("name", "budi"), ("role", "admin"), ("password", PASSWORD)];
    app.admin().await.call("create_user", &budi).await.accepted();
    let budi = app.logged_in("budi").await;
    let refused = budi.post_nothing(&ack).await.has_status(409);
    assert!(refused.text.contains(ADMIN), "{}", refused.text);
    budi.post(&ack, &json!({"replaces": "nobody"})).await.has_status(409);
    let taken = budi.post(&ack, &json!({"replaces": ADMIN})).await.accepted().json();
    assert_eq!(taken["acknowledged"]["by"], "budi");

    // The channel fails while it comes back, and the program is started again meanwhile.
    *receiver.is_broken.lock() = true;
    let _door = TcpListener::bind(at).await.unwrap();
    let is_failing = |list: &Value| {
        let health = &list["channels"][0]["health"];
        let why = health["failure"].as_str().unwrap_or_default();
        health["failing_since"].is_string() && health["waiting"] == 1 && why.contains("503")
    };
    eventually("the channel fails", &app.admin().await, "/api/channels", is_failing).await;
    app.restart().await;
    *receiver.is_broken.lock() = false;
    receiver.gets(&["opened CIKARANG", "closed CIKARANG"]).await;
    let is_well = |list: &Value| {
        let health = &list["channels"][0]["health"];
        health["failing_since"].is_null() && health["waiting"] == 0 && health["sent_at"].is_string()
    };
    eventually("the channel is well", &app.admin().await, "/api/channels", is_well).await;
    let closed = app.viewer().await.get("/api/alerts").await.accepted().json();
    assert_eq!(
        (&closed["alerts"][0]["state"], &closed["alerts"][0]["ending"]),
        (&json!("closed"), &json!("recovered"))
    );
}

#[tokio::test]
async fn messages_that_were_given_up_are_counted_at_their_channel_and_at_their_alert() {
    let app = App::start().await;
    let refusing = Router::new().route("/hook", post(|| async { StatusCode::NOT_FOUND }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::runtime::Handle::current().spawn(async move { axum::serve(listener, refusing).await });
    hook(&app, &url).await;
    let (door, _) = app.with_tunnel("CIKARANG", json!({})).await;
    drop(door);
    let is_given_up = |list: &Value| {
        let health = &list["channels"][0]["health"];
        let why = health["failure"].as_str().unwrap_or_default();
        (&health["given_up"], &health["waiting"]) == (&json!(1), &json!(0)) && why.contains("404")
    };
    eventually("it is given up", &app.admin().await, "/api/channels", is_given_up).await;
    let alerts = app.viewer().await.get("/api/alerts").await.accepted().json();
    let alert = &alerts["alerts"][0];
    assert_eq!((&alert["device"]["name"], &alert["given_up"]), (&json!("CIKARANG"), &json!(1)));
}

#[tokio::test]
async fn a_channel_is_tried_out_changed_and_removed_and_its_secret_never_comes_back() {
    let app = App::start().await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let id = hook(&app, &url).await;
    let admin = app.admin().await;
    let path = format!("/api/channels/{id}");
    let tested = admin.post(&format!("{path}/test"), &json!({})).await.accepted().json();
    assert_eq!(tested, json!({"success": true, "failure": null}));
    assert_eq!(receiver.got.lock()[0]["event"], "test");
    let health = admin.get("/api/channels").await.accepted().json()["channels"][0]["health"].clone();
    assert!(health["sent_at"].is_string(), "what got through is the last that was sent: {health}");
    *receiver.is_broken.lock() = true;
    let tested = admin.post(&format!("{path}/test"), &json!({})).await.accepted().json();
    assert!(tested["failure"].as_str().unwrap().contains("503"), "{tested}");

    // What GET gives may be carried back; the secret stays.
    let mut channel = admin.get("/api/channels").await.accepted().json()["channels"][0].clone();
    assert!(!channel.to_string().contains(SECRET));
    channel["name"] = json!("renamed");
    let changed = admin.put(&path, &channel).await.accepted().json();
    assert_eq!((&changed["name"], &changed["secrets"]), (&json!("renamed"), &channel["secrets"]));
    let none = admin.get("/api/channels?limit=1&offset=1").await.accepted().json();
    assert_eq!((&none["channels"], &none["total"]), (&json!([]), &json!(1)));
    admin.get("/api/channels?limit=0").await.has_status(400);
    let rules = admin.get("/api/rules?limit=2&offset=1").await.accepted().json();
    assert_eq!((rules["rules"].as_array().unwrap().len(), &rules["total"]), (2, &json!(12)));
    channel["secrets"] = json!({"secret": null});
    assert_eq!(admin.put(&path, &channel).await.accepted().json()["secrets"], json!({}));

    for (body, named) in [
        (json!({"name": "x", "kind": "pigeon"}), "kind"),
        (json!({"name": "x", "kind": "webhook"}), "settings.url"),
        (json!({"name": "x", "kind": "webhook", "language": "xx", "settings": {"url": url}}), "language"),
        (json!({"name": "x", "kind": "webhook", "severity": "good", "settings": {"url": url}}), "severity"),
        (json!({"name": "x", "kind": "telegram", "settings": {"chat_id": "1"}}), "secrets.token"),
    ] {
        let answer = admin.post("/api/channels", &body).await.has_status(400);
        assert!(answer.text.contains(named), "{named}: {}", answer.text);
    }
    let same = json!({"name": "renamed", "kind": "webhook", "settings": {"url": url}});
    admin.post("/api/channels", &same).await.has_status(409);
    admin.delete(&path).await.accepted();
    admin.delete(&path).await.has_status(404);
}

#[tokio::test]
async fn the_bot_of_the_environment_becomes_channels_once_and_what_is_removed_stays_removed() {
    let told = [("TELEGRAM_BOT_TOKEN", "123:abc"), ("TELEGRAM_CHAT_ID", "7,-100")];
    let mut app = App::with(&told).await;
    app.with_accounts().await;
    let names = async |app: &App| {
        let list = app.admin().await.get("/api/channels").await.accepted().json();
        let channels = list["channels"].as_array().unwrap();
        channels.iter().map(|channel| channel["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&app).await, ["Telegram", "Telegram 2"]);
    let list = app.admin().await.get("/api/channels").await.accepted().json();
    assert!(!list.to_string().contains("123:abc"));
    let gone = format!("/api/channels/{}", list["channels"][0]["id"]);
    app.admin().await.delete(&gone).await.accepted();
    app.restart().await;
    assert_eq!(names(&app).await, ["Telegram 2"]);
}
