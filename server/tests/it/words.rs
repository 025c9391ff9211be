//! What a message says: links where the program knows its own address, and a channel's own words.

use crate::fixture::App;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::timeout};

#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Value>>>,
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

    async fn next(&self) -> Value {
        let waiting = async {
            loop {
                if let Some(first) = self.got.lock().pop() {
                    return first;
                }
                self.rung.notified().await;
            }
        };
        timeout(Duration::from_secs(60), waiting).await.expect("nothing came")
    }
}

async fn take(State(receiver): State<Receiver>, Json(body): Json<Value>) -> StatusCode {
    receiver.got.lock().push(body);
    receiver.rung.notify_one();
    StatusCode::NO_CONTENT
}

fn hook(url: &str, settings: &[(&str, &str)]) -> Value {
    let mut all = json!({ "url": url });
    for (name, text) in settings {
        all[*name] = (*text).into();
    }
    json!({"name": "hook", "kind": "webhook", "settings": all})
}

#[tokio::test]
async fn a_message_links_to_its_page_where_the_program_knows_its_address_and_says_its_channels_own_words() {
    let app = App::with(&[("ROUTEWARDEN_PUBLIC_URL", "https://monitor.example/")]).await;
    app.with_accounts().await;
    let receiver = Receiver::default();
    let words = [
        ("title_template", "[{site}] {name} <{severity}>"),
        ("body_template", "{title}\nSee {url}\nHides {affected}"),
    ];
    let body = hook(&receiver.start().await, &words);
    app.admin().await.post("/api/channels", &body).await.has_status(201);
    let (door, id) = app.with_tunnel("BDG&<b>", json!({"location": "Bandung"})).await;
    drop(door);
    let told = receiver.next().await;
    let page = format!("https://monitor.example/devices/{id}");
    assert_eq!(told["url"], page);
    assert_eq!(told["title"], "[Bandung] BDG&<b> <Critical>");
    let body = told["body"].as_str().unwrap();
    assert!(body.contains("BDG&<b> is down") && body.ends_with(&format!("See {page}")), "{body}");
}

#[tokio::test]
async fn without_an_address_there_is_no_link() {
    let app = App::start().await;
    let receiver = Receiver::default();
    let made = app.admin().await.post("/api/channels", &hook(&receiver.start().await, &[])).await;
    let test = format!("/api/channels/{}/test", made.has_status(201).json()["id"]);
    app.admin().await.post(&test, &json!({})).await.accepted();
    assert_eq!(receiver.next().await["url"], Value::Null);
}

#[tokio::test]
async fn a_place_that_does_not_exist_is_refused_by_name() {
    let app = App::start().await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    for (field, text, why) in [
        ("title_template", "{nmae} is down", "{nmae}"),
        ("body_template", "{name}\n{0}", "{0}"),
        ("body_template", "{name", "brace"),
        ("title_template", &"x".repeat(300), "at most 200"),
    ] {
        let refused = app.admin().await.post("/api/channels", &hook(&url, &[(field, text)])).await;
        let refused = refused.has_status(400);
        assert!(refused.text.contains(&format!("settings.{field}")), "{}", refused.text);
        assert!(refused.text.contains(why), "{why}: {}", refused.text);
    }
}
