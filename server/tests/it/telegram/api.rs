//! A Bot API server as far as the program speaks with one.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Notify, time::timeout};

pub const PERSON: i64 = 7;
pub const STRANGER: i64 = 66;
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);
/// What was rung for before somebody listened is not missed for longer than this.
const LOOK: Duration = Duration::from_millis(50);

/// What the bot said.
#[derive(Clone, Debug)]
pub struct Said {
    pub chat: i64,
    pub text: String,
    /// What its button says when it is pressed.
    pub button: Option<String>,
}

#[derive(Default)]
struct Inner {
    /// All that was ever said to the bot, by its number.
    updates: Vec<(i64, Value)>,
    /// What was not confirmed yet begins here.
    confirmed: i64,
    is_forgetful: bool,
    refusal: Option<(u16, &'static str, u64)>,
    refused: u32,
    said: VecDeque<Said>,
    asking: u32,
    most_asking: u32,
}

#[derive(Clone)]
pub struct Api {
    pub url: String,
    token: &'static str,
    inner: Arc<Mutex<Inner>>,
    rung: Arc<Notify>,
}

impl Api {
    pub async fn start(token: &'static str) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let api = Api { url, token, inner: Arc::default(), rung: Arc::default() };
        let router = Router::new().route("/{bot}/{method}", post(asked)).with_state(api.clone());
        tokio::runtime::Handle::current().spawn(async move { axum::serve(listener, router).await });
        api
    }

    /// Somebody says something.
    pub fn says(&self, chat: i64, person: i64, text: &str) {
        self.hears((chat, person), text, None);
    }

    /// The same, and it waited here for years.
    pub fn said_long_ago(&self, chat: i64, person: i64, text: &str) {
        self.hears((chat, person), text, Some(1));
    }

    fn hears(&self, (chat, person): (i64, i64), text: &str, date: Option<i64>) {
        let kind = if chat == person { "private" } else { "supergroup" };
        let mut inner = self.inner.lock();
        let id = 500 + i64::try_from(inner.updates.len()).unwrap();
        let message = json!({"message_id": id, "date": date, "text": text, "chat": {"id": chat, "type": kind},
            "from": {"id": person, "is_bot": false, "first_name": "P", "username": format!("person{person}")}});
        inner.updates.push((id, json!({"update_id": id, "message": message})));
        drop(inner);
        self.rung.notify_waiters();
    }

    /// Somebody presses a button; what is answered is told to the press, which is named after the person.
    pub fn presses(&self, chat: i64, person: i64, data: &str) {
        let mut inner = self.inner.lock();
        let id = 500 + i64::try_from(inner.updates.len()).unwrap();
        let press = json!({"id": person.to_string(), "from": {"id": person, "is_bot": false, "first_name": "P"},
            "message": {"message_id": 1, "date": 1, "chat": {"id": chat, "type": "supergroup"}}, "data": data});
        inner.updates.push((id, json!({"update_id": id, "callback_query": press})));
        drop(inner);
        self.rung.notify_waiters();
    }

    /// The next thing the bot says.
    pub async fn answer(&self) -> Said {
        let waiting = async {
            loop {
                let rung = self.rung.notified();
                if let Some(said) = self.inner.lock().said.pop_front() {
                    return said;
                }
                let _ = timeout(LOOK, rung).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("the bot says something")
    }

    pub fn answers_left(&self) -> usize {
        self.inner.lock().said.len()
    }

    /// Updates are not given from now on.
    pub fn refuses(&self, code: u16, why: &'static str, retry_after: u64) {
        let mut inner = self.inner.lock();
        (inner.refusal, inner.refused) = (Some((code, why, retry_after)), 0);
        drop(inner);
        self.rung.notify_waiters();
    }

    pub async fn refused_once(&self) {
        let waiting = async {
            while self.inner.lock().refused == 0 {
                let _ = timeout(LOOK, self.rung.notified()).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("updates are asked for");
    }

    pub fn accepts(&self) {
        self.inner.lock().refusal = None;
    }

    /// Forgets what was confirmed: everything comes again.
    pub fn repeats(&self) {
        self.inner.lock().is_forgetful = true;
    }

    /// How many asked for updates at the same time at most.
    pub fn most_at_once(&self) -> u32 {
        self.inner.lock().most_asking
    }

    async fn updates(&self, call: &Value) -> Response {
        let offset = call["offset"].as_i64().unwrap();
        let limit = usize::try_from(call["limit"].as_u64().unwrap()).unwrap();
        let wait = Duration::from_secs(call["timeout"].as_u64().unwrap());
        let until = tokio::time::Instant::now() + wait;
        loop {
            let rung = self.rung.notified();
            {
                let mut inner = self.inner.lock();
                if let Some((code, why, retry_after)) = inner.refusal {
                    inner.refused += 1;
                    return refusal(code, why, retry_after);
                }
                inner.confirmed = inner.confirmed.max(offset);
                let from = if inner.is_forgetful { 0 } else { inner.confirmed };
                let found: Vec<_> = inner
                    .updates
                    .iter()
                    .filter(|(id, _)| *id >= from)
                    .map(|(_, update)| update.clone())
                    .collect();
                if found.iter().any(|update| update["update_id"].as_i64() >= Some(offset)) {
                    let found: Vec<_> =
                        if inner.is_forgetful { found } else { found.into_iter().take(limit).collect() };
                    return Json(json!({"ok": true, "result": found})).into_response();
                }
            }
            if timeout(LOOK, rung).await.is_err() && tokio::time::Instant::now() >= until {
                return Json(json!({"ok": true, "result": []})).into_response();
            }
        }
    }
}

fn refusal(code: u16, why: &str, retry_after: u64) -> Response {
    let parameters = if retry_after > 0 { json!({"retry_after": retry_after}) } else { json!({}) };
    let body = json!({"ok": false, "error_code": code, "description": why, "parameters": parameters});
    (StatusCode::from_u16(code).unwrap(), Json(body)).into_response()
}

async fn asked(
    State(api): State<Api>,
    Path((bot, method)): Path<(String, String)>,
    Json(call): Json<Value>,
) -> Response {
    if bot != format!("bot{}", api.token) {
        return refusal(401, "Unauthorized", 0);
    }
    match method.as_str() {
        "getMe" => {
            let me = json!({"id": 123_456, "is_bot": true, "first_name": "R", "username": "our_bot"});
            Json(json!({"ok": true, "result": me})).into_response()
        }
        "getUpdates" => {
            {
                let mut inner = api.inner.lock();
                inner.asking += 1;
                inner.most_asking = inner.most_asking.max(inner.asking);
            }
            let answer = api.updates(&call).await;
            api.inner.lock().asking -= 1;
            answer
        }
        "sendMessage" => {
            let said = Said {
                chat: call["chat_id"].as_i64().unwrap(),
                text: call["text"].as_str().unwrap().to_owned(),
                button: call["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
                    .as_str()
                    .map(str::to_owned),
            };
            api.inner.lock().said.push_back(said);
            api.rung.notify_waiters();
            Json(json!({"ok": true, "result": {"message_id": 1}})).into_response()
        }
        "answerCallbackQuery" => {
            let text = call["text"].as_str().unwrap().to_owned();
            let chat = call["callback_query_id"].as_str().unwrap().parse().unwrap();
            api.inner.lock().said.push_back(Said { chat, text, button: None });
            api.rung.notify_waiters();
            Json(json!({"ok": true, "result": true})).into_response()
        }
        _ => refusal(404, "Not Found", 0),
    }
}
