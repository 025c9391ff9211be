//! One's own sessions: listed, and ended from another browser.

use crate::fixture::{ADMIN, Answer, App, Client, PASSWORD};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0";

pub async fn sessions(client: &Client) -> Vec<Value> {
    client.call("load_sessions", &[]).await.accepted().json().as_array().unwrap().clone()
}

/// The names of all sessions but the client's own.
pub async fn others(client: &Client) -> Vec<String> {
    let others = sessions(client).await.into_iter().filter(|session| session["is_this"] == false);
    others.map(|session| session["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn they_are_told_apart_by_browser_place_and_time_and_nothing_of_them_leaks() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    clock.forward(Duration::from_secs(1));
    let firefox = app.anonymous();
    let login = firefox.request(Method::POST, "/api/log_in").header("user-agent", FIREFOX);
    Answer::of(login.form(&[("name", ADMIN), ("password", PASSWORD)])).await.accepted();
    clock.forward(Duration::from_secs(3600));
    let here = app.admin().await;
    let listed = sessions(&here).await;
    // The one that set up is there too.
    assert_eq!(listed.len(), 3);
    assert_eq!((&listed[0]["is_this"], &listed[0]["browser"]), (&true.into(), &Value::Null));
    assert_eq!(
        (&listed[1]["is_this"], &listed[1]["browser"]),
        (&false.into(), &"Firefox 152 · Linux".into())
    );
    assert_eq!(listed[1]["address"], "127.0.0.1");
    let apart = listed[0]["created_at"].as_i64().unwrap() - listed[1]["created_at"].as_i64().unwrap();
    assert_eq!(apart, 3_600_000);
    firefox.get("/api/status").await.accepted();
    let (_, store) = app.command_line().await;
    let text = Value::from(sessions(&here).await).to_string();
    for row in store.sessions().all().await.unwrap() {
        assert!(!text.contains(&row.id_hash[..16]), "what the database knows it by stays there");
    }
    assert!(!text.contains(here.cookie().strip_prefix("sid=").unwrap_or("sid")));
}

#[tokio::test]
async fn somebody_else_s_session_is_not_found_and_goes_on() {
    let app = App::start().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let name = sessions(&viewer).await[0]["name"].as_str().unwrap().to_owned();
    admin.call("end_session", &[("name", &name)]).await.has_status(404);
    admin.call("end_session", &[("name", "no such")]).await.has_status(404);
    viewer.get("/api/status").await.accepted();
}

#[tokio::test]
async fn ending_the_others_leaves_this_one_and_other_accounts_alone() {
    let app = App::start().await;
    let (here, there, viewer) = (app.admin().await, app.admin().await, app.viewer().await);
    here.call("end_other_sessions", &[]).await.accepted();
    here.get("/api/status").await.accepted();
    viewer.get("/api/status").await.accepted();
    there.get("/api/status").await.has_status(401);
    assert_eq!(sessions(&here).await.len(), 1);
    let told = here.get("/api/audit?act=session_ended").await.accepted().json();
    assert_eq!((&told["total"], &told["entries"][0]["detail"]), (&1.into(), &"all others".into()));
}

#[tokio::test]
async fn a_name_that_a_browser_gives_itself_is_never_repeated() {
    let app = App::start().await;
    let client = app.anonymous();
    let agent = "Firefox/1<script>alert(1)</script> \"'; DROP TABLE sessions";
    let login = client.request(Method::POST, "/api/log_in").header("user-agent", agent);
    Answer::of(login.form(&[("name", ADMIN), ("password", PASSWORD)])).await.accepted();
    assert_eq!(sessions(&client).await[0]["browser"], "Firefox 1");
    let page = client.visit("/account").await.accepted().text;
    assert!(page.contains("Firefox 1") && !page.contains("alert(1)"));
}
