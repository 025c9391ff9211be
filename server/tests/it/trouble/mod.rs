//! What happens to servers: a disk runs full, a database goes away and comes back, a clock jumps.
//!
//! The dashboard stays live and says so, nothing is falsely down, what was accepted is not lost, and nobody
//! has to do anything but end the trouble.

mod clock;
mod database;
mod disk;

use crate::fixture::{ADMIN, App, Client, eventually};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// A tunnel whose far end goes and comes as it is told.
struct Tunnel {
    name: &'static str,
    at: SocketAddr,
    listener: Option<TcpListener>,
}

impl Tunnel {
    /// Watched by the program from now on, and up.
    async fn new(admin: &Client, name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let tunnel = Self { name, at, listener: Some(listener) };
        admin.post("/api/devices", &device(name, at.port())).await.has_status(201);
        tunnel.is(admin, true).await;
        tunnel
    }

    fn goes(&mut self) {
        self.listener = None;
    }

    async fn comes_back(&mut self) {
        self.listener = Some(TcpListener::bind(self.at).await.unwrap());
    }

    /// Waits until the dashboard says so.
    async fn is(&self, admin: &Client, up: bool) -> Value {
        // Nobody waits for an interval here.
        admin.post("/api/refresh", &json!({})).await;
        let path = format!("/api/tunnel/{}", self.name);
        let what = format!("{} is {}", self.name, if up { "up" } else { "down" });
        eventually(&what, admin, &path, |seen| seen["overall"] == up && seen["timestamp"].is_string()).await
    }
}

fn device(name: &str, port: u16) -> Value {
    json!({
        "name": name, "ip_address": "127.0.0.1", "device_type": "tunnel", "port": port,
        "checks": [{"kind": "tcp", "interval_seconds": 5, "settings": {"port": port.to_string()}}],
    })
}

/// Trouble with where things are stored.
#[async_trait::async_trait]
trait Trouble: Send {
    async fn begin(&mut self);
    async fn end(&mut self);
    /// What a refused change is told in one word, where that is known.
    fn why(&self) -> Option<&'static str> {
        None
    }
}

/// What every such trouble has to look like from outside.
async fn is_lived_through(mut app: App, mut trouble: impl Trouble) {
    app.with_accounts().await;
    let admin = app.admin().await;
    let program = app.token(ADMIN, "read").await;
    program.get("/api/status").await.accepted();
    let (mut falls, stands) = (Tunnel::new(&admin, "falls").await, Tunnel::new(&admin, "stands").await);
    trouble.begin().await;

    // What is seen goes on being seen.
    falls.goes();
    let fallen = falls.is(&admin, false).await;
    assert_eq!(stands.is(&admin, true).await["state"], "up");
    // And that it is not kept is said.
    let complains = |health: &Value| {
        let problems = health["problems"].as_array().unwrap();
        problems.iter().any(|problem| problem.as_str().unwrap().contains("nothing is being recorded since"))
    };
    eventually("health says so", &admin, "/health", complains).await;
    admin.get("/health").await.has_status(503);
    let overview = admin.call("load_overview", &[("limit", "10")]).await.accepted().json();
    assert!(overview["trouble"]["unrecorded_since"].is_number(), "{overview}");
    let page = admin.visit("/").await.accepted();
    assert!(page.text.contains("falls") && page.text.contains("stands"), "{}", page.text);
    // Programs are told too, whose tokens cannot be looked up now.
    program.get("/api/status").await.accepted();
    program.get("/metrics").await.accepted();
    // No change is accepted that cannot be kept.
    let refused = admin.post("/api/devices", &device("refused", 9)).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(trouble.why().is_none_or(|why| refused.text.contains(why)), "{}", refused.text);

    trouble.end().await;
    let is_well = |health: &Value| health["status"] == "ok";
    eventually("everything works again", &admin, "/health", is_well).await;
    assert!(
        admin.call("load_overview", &[("limit", "10")]).await.json()["trouble"]["unrecorded_since"].is_null()
    );
    admin.post("/api/devices", &device("accepted", 9)).await.has_status(201);

    // What was seen during the trouble is in the books, and what was accepted before and after it.
    app.restart().await;
    let admin = app.admin().await;
    let names: Vec<String> = admin.get("/api/devices").await.accepted().json()["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| device["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["accepted", "falls", "stands"]);
    let remembered = falls.is(&admin, false).await;
    assert_eq!((&remembered["state"], &remembered["since"]), (&json!("down"), &fallen["since"]));
    falls.comes_back().await;
    falls.is(&admin, true).await;
    stands.is(&admin, true).await;
}
