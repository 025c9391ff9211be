//! Browsers that are told by push: subscribed, told, and forgotten with whatever took their right away. The push
//! service is the test's own; that what reaches it can be read is the engine's tests' to show.

use crate::fixture::{ADMIN, App, Client, Hands, PASSWORD, Phone, VIEWER, eventually};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use server::app::Surroundings;
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::timeout};

/// A browser's keys: those of RFC 8291's example.
pub const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
pub const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// What came: for which browser, and under which topic.
#[derive(Clone)]
struct PushService {
    base: String,
    got: Arc<Mutex<Vec<String>>>,
    status: Arc<Mutex<u16>>,
    rung: Arc<tokio::sync::Notify>,
}

impl PushService {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            got: Arc::default(),
            status: Arc::new(Mutex::new(201)),
            rung: Arc::default(),
        };
        let router = Router::new().route("/push/{name}", post(take)).with_state(service.clone());
        tokio::runtime::Handle::current().spawn(async move { axum::serve(listener, router).await });
        service
    }

    /// What a browser of this name would send to the program.
    async fn subscribe(&self, client: &Client, name: &str) -> Value {
        let endpoint = format!("{}/push/{name}", self.base);
        let form = [("endpoint", endpoint.as_str()), ("p256dh", P256DH), ("auth", AUTH)];
        client.call("subscribe_push", &form).await.accepted().json()
    }

    async fn gets(&self, names: &[&str]) {
        let waiting = async {
            while *self.got.lock() != names {
                self.rung.notified().await;
            }
        };
        let came = timeout(Duration::from_secs(60), waiting).await;
        assert!(came.is_ok(), "{:?} instead of {names:?}", self.got.lock());
    }
}

async fn take(
    State(service): State<PushService>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> StatusCode {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(text("content-encoding"), "aes128gcm");
    assert!(text("authorization").starts_with("vapid t="));
    service.got.lock().push(name);
    service.rung.notify_one();
    StatusCode::from_u16(*service.status.lock()).unwrap()
}

async fn app() -> App {
    let app = App::with(&[
        ("ROUTEWARDEN_OUTBOUND_ALLOW", "127.0.0.0/8"),
        ("ROUTEWARDEN_PUBLIC_URL", "https://monitor.example"),
    ])
    .await;
    app.with_accounts().await;
    app
}

async fn browsers(client: &Client) -> Vec<Value> {
    let page = client.call("load_push", &[]).await.accepted().json();
    assert_eq!(page["key"].as_str().unwrap().len(), 87, "a point of P-256 in base64url");
    page["browsers"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_browser_is_told_until_its_push_service_knows_it_no_more() {
    let (mut app, service) = (app().await, PushService::start().await);
    let viewer = app.viewer().await;
    assert_eq!(service.subscribe(&viewer, "phone").await, Value::Null, "the test was accepted");
    service.subscribe(&viewer, "phone").await;
    let all = browsers(&viewer).await;
    assert_eq!(all.len(), 1, "the same browser is there once");
    assert_eq!(all[0]["mark"].as_str().unwrap().len(), 64);

    let listed = app.admin().await.get("/api/channels").await.accepted();
    assert!(!listed.text.contains(&service.base), "where it is told is its own secret");
    let channel = listed.json()["channels"][0].clone();
    assert_eq!(channel["kind"], "web_push");
    assert!(channel["name"].as_str().unwrap().starts_with(VIEWER), "{channel}");

    // Its key is of the database, and so are those who subscribed to it.
    let key = viewer.call("load_push", &[]).await.json()["key"].clone();
    app.restart().await;
    let viewer = app.viewer().await;
    assert_eq!(viewer.call("load_push", &[]).await.json()["key"], key);
    service.got.lock().clear();

    let (door, _) = app.with_tunnel("BDG", json!({})).await;
    *service.status.lock() = 410;
    drop(door);
    service.gets(&["phone"]).await;
    let is_empty = |list: &Value| list["total"] == 0;
    eventually("it is forgotten", &app.admin().await, "/api/channels", is_empty).await;
    assert!(browsers(&viewer).await.is_empty());
    let audit = app.admin().await.get("/api/audit").await.accepted();
    assert!(audit.text.contains("channel_removed"), "{}", audit.text);
}

#[tokio::test]
async fn a_browser_that_its_push_service_has_moved_stays_one_and_needs_no_password_for_it() {
    let (clock, service) = (std::sync::Arc::new(Hands::now()), PushService::start().await);
    let surroundings = Surroundings { clock: clock.clone(), ..Surroundings::default() };
    let app = App::in_surroundings(&[("ROUTEWARDEN_OUTBOUND_ALLOW", "127.0.0.0/8")], surroundings).await;
    app.with_accounts().await;
    let viewer = app.viewer().await;
    service.subscribe(&viewer, "before").await;
    let before = browsers(&viewer).await;
    clock.forward(Duration::from_secs(13 * 3600));
    service.subscribe(&viewer, "after").await;
    let after = browsers(&viewer).await;
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before[0]["mark"], after[0]["mark"]);
}

#[tokio::test]
async fn whatever_takes_the_right_away_silences_the_browser() {
    let (app, service) = (app().await, PushService::start().await);
    let admin = app.admin().await;
    let total = async || admin.get("/api/channels").await.accepted().json()["total"].clone();
    let users = admin.call("load_users", &[]).await.accepted().json();
    let viewer_id =
        users.as_array().unwrap().iter().find(|user| user["name"] == VIEWER).unwrap()["id"].to_string();
    let id = viewer_id.as_str();

    for how in ["logout", "another's login", "password", "own password", "disabling", "role", "removal"] {
        let viewer = app.viewer().await;
        service.subscribe(&viewer, "phone").await;
        assert_eq!(total().await, 1, "{how}");
        let enable = [("id", id), ("role", "viewer"), ("enabled", "true")];
        match how {
            "logout" => drop(viewer.call("log_out", &[]).await.accepted()),
            "another's login" => {
                viewer.call("log_in", &[("name", ADMIN), ("password", PASSWORD)]).await.accepted();
            }
            "password" => {
                admin.call("set_user_password", &[("id", id), ("password", PASSWORD)]).await.accepted();
            }
            "own password" => {
                let new = "a quite different password";
                viewer.call("change_password", &[("old", PASSWORD), ("new", new)]).await.accepted();
                admin.call("set_user_password", &[("id", id), ("password", PASSWORD)]).await.accepted();
            }
            "disabling" => {
                let disable = [("id", id), ("role", "viewer"), ("enabled", "false")];
                admin.call("update_user", &disable).await.accepted();
                assert_eq!(total().await, 0, "{how}");
                admin.call("update_user", &enable).await.accepted();
            }
            "role" => {
                let promote = [("id", id), ("role", "admin"), ("enabled", "true")];
                admin.call("update_user", &promote).await.accepted();
                assert_eq!(total().await, 0, "{how}");
                admin.call("update_user", &enable).await.accepted();
            }
            _ => drop(admin.call("remove_user", &[("id", id)]).await.accepted()),
        }
        assert_eq!(total().await, 0, "{how}");
    }
}

#[tokio::test]
async fn a_change_of_the_second_factor_silences_the_browser_too() {
    let (clock, service) = (Arc::new(Hands::now()), PushService::start().await);
    let surroundings = Surroundings { clock: clock.clone(), ..Surroundings::default() };
    let app = App::in_surroundings(&[("ROUTEWARDEN_OUTBOUND_ALLOW", "127.0.0.0/8")], surroundings).await;
    app.with_accounts().await;
    let viewer = app.viewer().await;
    service.subscribe(&viewer, "phone").await;
    let phone = Phone::take(&viewer, &clock).await;
    assert!(browsers(&viewer).await.is_empty(), "it was told without a second factor");
    service.subscribe(&viewer, "phone").await;
    assert_eq!(browsers(&viewer).await.len(), 1);
    let code = phone.code(&clock);
    let off = [("password", PASSWORD), ("code", code.as_str())];
    viewer.call("drop_second_factor", &off).await.accepted();
    assert!(browsers(&viewer).await.is_empty());
}

#[tokio::test]
async fn an_account_says_what_its_own_browsers_are_told_and_in_which_language() {
    let (app, service) = (app().await, PushService::start().await);
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    service.subscribe(&viewer, "phone").await;
    let mine = async || browsers(&viewer).await.remove(0);
    let before = mine().await;
    assert!(before["sent_at"].is_i64(), "the test got through: {before}");
    let told = |one: &Value| (one["severity"].clone(), one["language"].clone());
    assert_eq!(told(&before), (json!("warning"), json!("en")));
    let id = before["id"].to_string();
    let change = async |client: &Client, severity: &str, language: &str| {
        let form = [("id", id.as_str()), ("severity", severity), ("language", language)];
        client.call("update_push", &form).await
    };
    change(&viewer, "critical", "id").await.accepted();
    assert_eq!(told(&mine().await), (json!("critical"), json!("id")));
    let channel = admin.get("/api/channels").await.accepted().json()["channels"][0].clone();
    assert_eq!(told(&channel), (json!("critical"), json!("id")));
    let audit = admin.get("/api/audit?act=channel_changed").await.accepted().json();
    assert_eq!((&audit["total"], &audit["entries"][0]["subject"]), (&json!(1), &channel["name"]));

    change(&admin, "info", "ru").await.has_status(404);
    for (severity, language, named) in [("good", "en", "severity"), ("info", "tlh", "language")] {
        let refused = change(&viewer, severity, language).await.has_status(400);
        assert!(refused.text.contains(named), "{}", refused.text);
    }
    assert_eq!(told(&mine().await), (json!("critical"), json!("id")));
    // It still can be told.
    service.got.lock().clear();
    admin.post(&format!("/api/channels/{id}/test"), &json!({})).await.accepted();
    service.gets(&["phone"]).await;
}

#[tokio::test]
async fn an_account_sees_and_removes_its_own_browsers_and_no_others() {
    let (app, service) = (app().await, PushService::start().await);
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    service.subscribe(&admin, "laptop").await;
    service.subscribe(&viewer, "phone").await;
    let (laptop, phone) = (browsers(&admin).await, browsers(&viewer).await);
    assert_eq!((laptop.len(), phone.len()), (1, 1));
    let remove = async |client: &Client, which: &Value| {
        let id = which["id"].to_string();
        client.call("unsubscribe_push", &[("id", &id)]).await.status.as_u16()
    };
    assert_eq!(remove(&viewer, &laptop[0]).await, 404);
    assert_eq!(remove(&viewer, &phone[0]).await, 200);
    assert_eq!((browsers(&admin).await.len(), browsers(&viewer).await.len()), (1, 0));

    for number in 0..9 {
        // Another browser each: the same one would be moved.
        service.subscribe(&app.admin().await, &format!("laptop-{number}")).await;
    }
    let endpoint = format!("{}/push/one-too-many", service.base);
    let form = [("endpoint", endpoint.as_str()), ("p256dh", P256DH), ("auth", AUTH)];
    let refused = app.admin().await.call("subscribe_push", &form).await;
    assert!(refused.text.contains("error_too_many_browsers"), "{}", refused.text);

    let program = app.token(VIEWER, "write").await;
    assert_eq!(program.call("subscribe_push", &form).await.status, 403, "a program is no browser");
    assert_eq!(program.call("load_push", &[]).await.status, 403);
}

#[tokio::test]
async fn a_browser_cannot_make_the_program_ask_inside_the_house() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    let subscribe = async |endpoint: &str, p256dh: &str| {
        let form = [("endpoint", endpoint), ("p256dh", p256dh), ("auth", AUTH)];
        viewer.call("subscribe_push", &form).await
    };
    for (endpoint, p256dh) in [
        ("http://push.example/1", P256DH),
        ("https://u:p@push.example/1", P256DH),
        ("file:///etc/passwd", P256DH),
        ("", P256DH),
        ("https://push.example/1", "BA"),
    ] {
        let refused = subscribe(endpoint, p256dh).await;
        assert!(refused.status.is_client_error(), "{endpoint} {p256dh}: {}", refused.text);
    }
    for endpoint in ["https://127.0.0.1:9/1", "https://169.254.169.254/1", "https://[::1]/1"] {
        let answer = subscribe(endpoint, P256DH).await.accepted();
        assert!(answer.text.contains("is not one to send to"), "{endpoint}: {}", answer.text);
    }
}
