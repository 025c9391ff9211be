//! Speaking with a bot, the whole way: a Bot API server of the test's own, and the program that listens to it.

mod api;

use crate::fixture::{ADMIN, App, Client, VIEWER, eventually};
use api::{Api, PERSON, STRANGER};
use serde_json::{Value, json};
use std::time::Duration;

const TOKEN: &str = "123456:AAE-secret_half";
const GROUP: i64 = -1_001;

async fn channel(app: &App, api: &Api, name: &str) -> i64 {
    let settings = json!({"chat_id": GROUP.to_string(), "api_url": api.url});
    let body = json!({"name": name, "kind": "telegram", "severity": "info", "settings": settings,
        "secrets": {"token": TOKEN}});
    app.admin().await.post("/api/channels", &body).await.has_status(201).json()["id"].as_i64().unwrap()
}

async fn code(client: &Client, language: &str) -> String {
    let offer = client.call("offer_binding", &[("language", language)]).await.accepted().json();
    assert_eq!(offer["bots"], json!(["our_bot"]));
    offer["code"].as_str().unwrap().to_owned()
}

/// Binds a person to an account.
async fn bind(app: &App, api: &Api, name: &str, person: i64) {
    let code = code(&app.logged_in(name).await, "en").await;
    api.says(person, person, &format!("/start {code}"));
    let welcome = api.answer().await;
    assert!(welcome.text.contains(name) && welcome.text.contains("/status"), "{welcome:?}");
    assert_eq!(welcome.chat, person);
}

async fn down(app: &App, name: &str) {
    let check = json!({"kind": "tcp", "interval_seconds": 5, "timeout_seconds": 1, "settings": {"port": 9}});
    let body = json!({"name": name, "ip_address": "127.0.0.1", "device_type": "tunnel", "checks": [check]});
    app.admin().await.post("/api/devices", &body).await.has_status(201);
}

/// A tunnel that was up, and is down.
async fn outage(app: &App, name: &str) {
    let (door, _) = app.with_tunnel(name, json!({})).await;
    drop(door);
    let is_down = |tunnel: &Value| tunnel["state"] == "down";
    eventually("it is down", &app.viewer().await, &format!("/api/tunnel/{name}"), is_down).await;
}

#[tokio::test]
async fn a_bound_person_asks_and_is_answered_and_acknowledges_where_the_account_may() {
    let app = App::start().await;
    let api = Api::start(TOKEN).await;
    channel(&app, &api, "ops").await;
    // Another one by the same bot: there is one listener all the same.
    channel(&app, &api, "night").await;
    bind(&app, &api, ADMIN, PERSON).await;
    assert_eq!(api.most_at_once(), 1);
    outage(&app, "edge <b>&").await;
    // Both channels are told.
    let mut button = String::new();
    for _ in 0..2 {
        let told = api.answer().await;
        assert!(told.text.contains("🔴"), "{told:?}");
        button = told.button.expect("somebody may acknowledge it");
    }

    let ask = async |text: &str| {
        api.says(PERSON, PERSON, text);
        api.answer().await.text
    };
    let status = ask("/status").await;
    assert!(status.contains("1 device") && status.contains("🔴 Down: 1"), "{status}");
    let listed = ask("/down").await;
    assert!(listed.contains("edge &lt;b&gt;&amp;,") && listed.contains("refused"), "{listed}");
    assert!(ask("/devices EDGE").await.contains("edge &lt;b&gt;&amp;"));
    assert!(ask("/devices tower").await.contains("0 devices"));
    assert!(ask("/summary").await.contains("1 open alert, 1 not acknowledged"));
    assert!(ask("what?").await.contains("/help"));
    assert!(ask("/help").await.contains("/ack"));

    api.said_long_ago(PERSON, PERSON, "/ack all");
    assert!(api.answer().await.text.contains("too late"));

    // In a group the sender counts, and not the chat.
    api.says(GROUP, STRANGER, "/ack all");
    api.says(GROUP, STRANGER, "hello");
    api.says(GROUP, PERSON, "/ack@their_bot all");
    api.presses(GROUP, STRANGER, &button);
    api.presses(GROUP, PERSON, "reboot all");
    let refused = api.answer().await;
    assert!(refused.chat == STRANGER && refused.text.contains("I do not know you"), "{refused:?}");
    assert!(api.answer().await.text.contains("I do not understand"));
    api.presses(GROUP, PERSON, &button);
    let done = api.answer().await;
    assert!(done.text.contains("Acknowledged") && done.text.contains("edge <b>&"), "{done:?}");
    api.says(GROUP, PERSON, "/ack@Our_Bot");
    assert!(api.answer().await.text.contains("Nothing waits"));
    let open = app.viewer().await.get("/api/alerts?state=open").await.accepted().json();
    assert_eq!(
        (&open["alerts"][0]["state"], &open["alerts"][0]["acknowledged"]["by"]),
        (&json!("acknowledged"), &json!(ADMIN))
    );
    let told = app.admin().await.get("/api/audit?act=incident_acknowledged").await.accepted().json();
    let entry = &told["entries"][0];
    assert_eq!(
        (&entry["who"], &entry["via"], &entry["detail"]),
        (&json!(ADMIN), &json!("telegram"), &json!(format!("Telegram chat {GROUP}")))
    );
    assert!(ask("/ack").await.contains("Nothing waits"));
}

#[tokio::test]
async fn a_viewer_may_ask_and_not_act_and_what_an_admin_takes_away_ends_at_once() {
    let app = App::start().await;
    let api = Api::start(TOKEN).await;
    channel(&app, &api, "ops").await;
    bind(&app, &api, VIEWER, PERSON).await;
    let ask = async |text: &str| {
        api.says(PERSON, PERSON, text);
        api.answer().await.text
    };
    assert!(ask("/ack all").await.contains("Only an admin"));
    assert!(ask("/status").await.contains("No devices yet"));
    assert!(!ask("/help").await.contains("/ack"));

    let admin = app.admin().await;
    let all = admin.call("load_all_bindings", &[]).await.accepted().json();
    let user = all[0]["user"].to_string();
    admin.call("update_user", &[("id", &user), ("role", "viewer"), ("enabled", "false")]).await.accepted();
    assert!(ask("/status").await.contains("I do not know you"));
    admin.call("update_user", &[("id", &user), ("role", "admin"), ("enabled", "true")]).await.accepted();
    assert!(ask("/ack").await.contains("Nothing waits"), "the new role counts at once");
    let id = all[0]["id"].to_string();
    app.anonymous().call("remove_any_binding", &[("id", &id)]).await.has_status(401);
    admin.call("remove_any_binding", &[("id", &id)]).await.accepted();
    assert_eq!(admin.call("load_all_bindings", &[]).await.accepted().json(), json!([]));
}

#[tokio::test]
async fn a_stranger_is_answered_once_and_a_code_counts_once() {
    let app = App::start().await;
    let api = Api::start(TOKEN).await;
    channel(&app, &api, "ops").await;
    let first = code(&app.admin().await, "ru").await;
    api.says(STRANGER, STRANGER, "/status");
    api.says(STRANGER, STRANGER, "/start ABCD-EFGH-JKLM-NPQR");
    api.says(PERSON, PERSON, &format!("/start {}", first.to_lowercase()));
    api.says(STRANGER, STRANGER, &format!("/start {first}"));
    api.says(STRANGER, STRANGER, "/status");
    api.says(PERSON, PERSON, "/status");
    let answers: Vec<_> =
        [api.answer().await, api.answer().await, api.answer().await, api.answer().await, api.answer().await]
            .map(|one| (one.chat, one.text))
            .into();
    let of = |chat: i64| {
        answers.iter().filter(|(to, _)| *to == chat).map(|(_, text)| text.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((of(STRANGER).len(), of(PERSON).len()), (3, 2), "{answers:?}");
    assert!(of(STRANGER)[0].contains("I do not know you"));
    assert!(of(STRANGER)[1].contains("does not count") && of(STRANGER)[2].contains("does not count"));
    assert!(of(PERSON)[0].contains(ADMIN) && of(PERSON)[0].contains("Теперь вы говорите"), "{answers:?}");
    assert!(of(PERSON)[1].contains("Устройств пока нет"));
    let page = app.admin().await.call("load_bindings", &[]).await.accepted().json();
    assert_eq!(
        (&page["bindings"][0]["called"], &page["bindings"][0]["bot"]),
        (&json!("@person7"), &json!("@our_bot"))
    );
}

#[tokio::test]
async fn a_report_is_sent_once_for_each_period_to_the_channels_that_were_chosen() {
    let (mut app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let api = Api::start(TOKEN).await;
    let id = channel(&app, &api, "ops").await.to_string();
    channel(&app, &api, "night").await;
    let admin = app.admin().await;
    let refused = admin.call("change_report_plan", &[("plan[hours]", "5"), ("plan[channels][0]", &id)]).await;
    assert!(refused.text.contains("hours"), "{}", refused.text);
    let plan = [("plan[hours]", "1"), ("plan[channels][0]", id.as_str())];
    let page = admin.call("change_report_plan", &plan).await.accepted().json();
    assert_eq!(page["plan"]["channels"].to_string(), format!("[{id}]"));
    assert!(page["next"].is_i64());
    app.viewer().await.call("change_report_plan", &plan).await.has_status(403);

    clock.forward(Duration::from_secs(3_600));
    let report = api.answer().await;
    assert!(report.chat == GROUP && report.text.contains("📋 Report"), "{report:?}");
    assert!(report.text.contains("No devices yet"), "{report:?}");
    // By another clock, an hour before: the same period is not reported again.
    app.restart().await;
    let has_looked = |list: &Value| {
        list["workers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["name"] == "reports" && one["last_run"].is_string())
    };
    eventually("it looks for reports", &app.admin().await, "/api/workers", has_looked).await;
    assert_eq!(api.answers_left(), 0);
    let file = app.viewer().await.get("/api/reports/uptime.csv?days=1").await.accepted();
    assert!(file.text.starts_with("name,type,ip_address,"), "{}", file.text);
    app.viewer().await.get("/api/reports/uptime.csv?days=0").await.has_status(400);
}

#[tokio::test]
async fn what_was_said_is_done_once_across_restarts_and_a_busy_or_taken_bot_is_waited_for() {
    let mut app = App::start().await;
    let api = Api::start(TOKEN).await;
    let id = channel(&app, &api, "ops").await;
    bind(&app, &api, ADMIN, PERSON).await;
    down(&app, "never up").await;

    // Somebody else takes the messages: the channel says so, and what to do.
    api.refuses(409, "Conflict: terminated by other getUpdates request", 0);
    let is_deaf = move |list: &Value| {
        let channel = list["channels"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
        channel["health"]["deaf"].as_str().is_some_and(|why| why.contains("a bot of its own"))
    };
    eventually("it is deaf", &app.admin().await, "/api/channels", is_deaf).await;
    api.says(PERSON, PERSON, "/status");
    app.restart().await;
    api.accepts();
    assert!(api.answer().await.text.contains("1 device"));
    eventually("it hears", &app.admin().await, "/api/channels", move |list| !is_deaf(list)).await;

    // The server forgets that it was told: the same comes again, and is not answered again.
    api.repeats();
    api.says(PERSON, PERSON, "/help");
    assert!(api.answer().await.text.contains("/help"));
    app.restart().await;
    api.says(PERSON, PERSON, "/down");
    assert!(api.answer().await.text.contains("Nothing is down"));
    assert_eq!(api.answers_left(), 0);

    // Too many requests: waited for as long as it is asked for.
    api.refuses(429, "Too Many Requests: retry after 2", 2);
    let began = std::time::Instant::now();
    api.says(PERSON, PERSON, "/help");
    api.refused_once().await;
    api.accepts();
    api.answer().await;
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}
