//! What an operator relies on: a key that is not replaced in silence, a demo that is nobody else's.

use crate::fixture::{ADMIN, Answer, App, eventually};
use reqwest::Method;
use server::{app::Surroundings, store::Wanted};
use std::time::Duration;

#[tokio::test]
async fn a_key_that_something_was_sealed_with_is_never_replaced_in_silence() {
    let mut app = App::start().await;
    let key = app.folder().join("secret.key");
    app.stop().await;
    std::fs::remove_file(&key).unwrap();
    let error = app.try_command_line().await.expect_err("refused");
    assert!(format!("{error:#}").contains("secret.key is missing"), "{error:#}");
    assert!(!key.exists());
}

#[tokio::test]
async fn a_demo_answers_under_no_name_that_others_could_give_it() {
    let surroundings = Surroundings { is_local_only: true, ..Surroundings::default() };
    let app = App::in_surroundings(&[], surroundings).await;
    let ask = |host: &str| Answer::of(app.anonymous().request(Method::GET, "/health").header("host", host));
    for (host, status) in
        [("localhost:5000", 200), ("127.0.0.1", 200), ("evil.example", 421), ("127.0.0.1.evil.example", 421)]
    {
        assert_eq!(ask(host).await.status, status, "{host}");
    }
    ask("localhost").await.accepted();
}

#[tokio::test]
async fn an_error_page_speaks_the_visitor_s_language_and_leads_back() {
    let surroundings = Surroundings { is_local_only: true, ..Surroundings::default() };
    let app = App::in_surroundings(&[], surroundings).await;
    let page = app.anonymous().request(Method::GET, "/").header("host", "evil.example");
    let page =
        Answer::of(page.header("accept", "text/html").header("accept-language", "ru")).await.has_status(421);
    assert!(page.text.contains("<html lang=\"ru\"") && page.text.contains("href=\"/\""), "{}", page.text);
    assert!(
        page.text.contains("/pkg/app.css")
            && page.header("content-security-policy").contains("style-src 'self'")
    );
}

#[tokio::test]
async fn the_audit_log_names_who_did_what_and_from_where() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    for name in ["mallory", ADMIN] {
        let wrong = [("name", name), ("password", "let me in please")];
        app.anonymous().call("log_in", &wrong).await.has_status(400);
        // Guesses of one network have to wait for each other.
        clock.forward(Duration::from_secs(60));
    }
    let router = serde_json::json!({"name": "edge-1", "ip_address": "127.0.0.1", "device_type": "router"});
    admin.post("/api/devices", &router).await.has_status(201);
    let (_, store) = app.command_line().await;
    let entries = store.audit().list(&Wanted { limit: 100, ..Wanted::default() }).await.unwrap();
    let told: Vec<String> = entries
        .iter()
        .rev()
        .map(|entry| {
            let subject = entry.subject.as_deref().unwrap_or_default();
            format!("{} {} {} {subject}", entry.who, entry.via, entry.act)
        })
        .collect();
    for line in [
        format!("somebody browser set_up {ADMIN}"),
        format!("somebody browser login_refused {ADMIN}"),
        // What was typed as a name may be a password.
        "somebody browser login_refused ".to_owned(),
        format!("{ADMIN} browser logged_in {ADMIN}"),
        format!("{ADMIN} browser device_created edge-1"),
    ] {
        assert!(told.contains(&line), "{line} is not in {told:#?}");
    }
    assert!(entries.iter().all(|entry| entry.address.as_deref() == Some("127.0.0.1")), "{entries:#?}");
    assert_eq!(store.audit().verify(None).await.unwrap().fault, None);
}

#[tokio::test]
async fn a_folder_has_one_server_and_subcommands_work_beside_it() {
    let mut app = App::start().await;
    let refused = format!("{:#}", app.second().await);
    assert!(refused.contains("is running on the folder") && refused.contains("--data-dir"), "{refused}");
    let (_, store) = app.command_line().await;
    assert_eq!(store.users().list().await.unwrap().len(), 2);
    app.admin().await.get("/api/status").await.accepted();
    app.restart().await;
    app.anonymous().get("/health").await.accepted();
}

#[tokio::test]
async fn keys_are_rotated_beside_a_running_server_which_goes_on_and_starts_again() {
    let mut app = App::start().await;
    let key = app.folder().join("secret.key");
    let before = std::fs::read_to_string(&key).unwrap();
    let (_sim, _) = app.with_router("edge-1").await;
    let (vault, store) = app.command_line().await;
    let mut told = Vec::new();
    server::cli::rotate_key::run(&store, &vault, &mut told).await.unwrap();
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("added key") && told.contains("dropped key"), "{told}");
    let after = std::fs::read_to_string(&key).unwrap();
    assert!(after != before && after.lines().count() == 1);

    // The server was told nothing: what it seals now needs no key that is gone, and it opens what is new to it.
    let (_other, id) = app.with_router("edge-2").await;
    let admin = app.admin().await;
    let renamed = serde_json::json!({"description": "behind the water tank"});
    let device = admin.get(&format!("/api/devices/{id}")).await.accepted().json();
    let mut change = device.clone();
    change["description"] = renamed["description"].clone();
    admin.put(&format!("/api/devices/{id}"), &change).await.accepted();
    app.restart().await;
    let both_up = |list: &serde_json::Value| {
        list["total"] == 2 && list["devices"].as_array().unwrap().iter().all(|device| device["state"] == "up")
    };
    eventually("both logins work", &app.admin().await, "/api/devices?type=router", both_up).await;
    let survey = app.command_line().await.1.sealed().survey(None).await.unwrap();
    let id = after.split_whitespace().nth(1).unwrap();
    assert_eq!(survey.keys.keys().map(String::as_str).collect::<Vec<_>>(), [id]);
}
