//! Acts that want the password again when it was given more than twelve hours ago.

use crate::{
    fixture::{ADMIN, Answer, App, Client, Hands, PASSWORD, VIEWER},
    push::{AUTH, P256DH},
};
use model::{CredentialChange, DeviceDraft, DeviceKind, NewCredential};
use serde_json::json;
use std::{sync::Arc, time::Duration};

const FINGERPRINT: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const HOST_KEY: &str = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";
const TWELVE_HOURS: Duration = Duration::from_secs(12 * 3600);

/// An app in which an admin gave the password twelve hours ago.
async fn later() -> (App, Arc<Hands>, Client) {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    clock.forward(TWELVE_HOURS);
    (app, clock, admin)
}

#[track_caller]
fn is_asked_for(answer: &Answer) -> bool {
    let is_asked = answer.status == 403 && answer.text.contains("password_needed");
    assert!(is_asked || answer.status.is_success(), "{} {}", answer.status, answer.text);
    is_asked
}

async fn id_of(admin: &Client, name: &str) -> String {
    let users = admin.call("load_users", &[]).await.accepted().json();
    users.as_array().unwrap().iter().find(|user| user["name"] == name).unwrap()["id"].to_string()
}

#[tokio::test]
async fn each_of_them_is_refused_until_the_password_was_given_and_nothing_else_is() {
    let (app, clock, admin) = later().await;
    let id = id_of(&admin, VIEWER).await;
    let router = json!({
        "name": "edge-1", "ip_address": "127.0.0.1", "device_type": "router", "enabled": false,
        "routeros": {"username": "monitor", "password": "secret", "tls": true},
    });
    let router = app.token(ADMIN, "write").await.post("/api/devices", &router).await.has_status(201);
    let router = router.json()["id"].to_string();
    let guarded = [
        ("create_user", vec![("name", "eve"), ("role", "admin"), ("password", PASSWORD)]),
        ("update_user", vec![("id", id.as_str()), ("role", "viewer"), ("enabled", "true")]),
        ("set_user_password", vec![("id", id.as_str()), ("password", "another password")]),
        ("create_token", vec![("name", "more"), ("scope", "write")]),
        ("offer_second_factor", vec![]),
        ("subscribe_push", vec![("endpoint", "https://127.0.0.1/1"), ("p256dh", P256DH), ("auth", AUTH)]),
        ("pin_certificate", vec![("id", router.as_str()), ("fingerprint", FINGERPRINT)]),
        (
            "pin_host_key",
            vec![("id", router.as_str()), ("algorithm", "ssh-ed25519"), ("fingerprint", HOST_KEY)],
        ),
        ("remove_user", vec![("id", id.as_str())]),
    ];
    let before = admin.call("load_users", &[]).await.accepted().text;
    for (function, form) in &guarded {
        assert!(is_asked_for(&admin.call(function, form).await), "{function}");
    }
    for function in ["accept_second_factor", "renew_recovery_codes", "take_second_factor"] {
        let form = [("sealed", ""), ("code", "000000"), ("id", &id)];
        assert!(is_asked_for(&admin.call(function, &form).await), "{function}");
    }
    for open in [
        "load_users",
        "load_tokens",
        "load_push",
        "load_sessions",
        "load_second_factor",
        "end_other_sessions",
        "reload",
    ] {
        admin.call(open, &[]).await.accepted();
    }
    assert_eq!(admin.call("load_users", &[]).await.accepted().text, before, "nothing was changed");

    admin.call("confirm_password", &[("password", PASSWORD)]).await.accepted();
    for (function, form) in &guarded {
        assert!(!is_asked_for(&admin.call(function, form).await), "{function}");
    }
    clock.forward(TWELVE_HOURS);
    assert!(is_asked_for(&admin.call("offer_second_factor", &[]).await), "and again after twelve hours");
}

#[tokio::test]
async fn within_twelve_hours_nobody_is_asked_and_after_a_restart_it_is_still_known() {
    let (mut app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    clock.forward(TWELVE_HOURS - Duration::from_millis(1));
    assert!(!is_asked_for(&admin.call("offer_second_factor", &[]).await));
    clock.forward(Duration::from_millis(1));
    admin.call("confirm_password", &[("password", PASSWORD)]).await.accepted();
    let cookie = admin.cookie();
    // Its clock is twelve hours behind ours, as far as this is concerned: what was given then is in its future.
    app.restart().await;
    let again = app.anonymous().request(reqwest::Method::POST, "/api/offer_second_factor");
    assert!(
        is_asked_for(&Answer::of(again.header("cookie", cookie)).await),
        "a clock that was set back is no proof"
    );
}

#[tokio::test]
async fn a_wrong_password_confirms_nothing_and_the_next_try_waits() {
    let (_app, clock, admin) = later().await;
    let wrong = admin.call("confirm_password", &[("password", "not the password")]).await.has_status(400);
    assert!(wrong.text.contains("error_password_wrong"), "{}", wrong.text);
    let waits = admin.call("confirm_password", &[("password", PASSWORD)]).await.has_status(429);
    assert_eq!(waits.header("retry-after"), "1");
    assert!(is_asked_for(&admin.call("offer_second_factor", &[]).await));
    clock.forward(Duration::from_secs(1));
    admin.call("confirm_password", &[("password", PASSWORD)]).await.accepted();
    assert!(!is_asked_for(&admin.call("offer_second_factor", &[]).await));
    let told = admin.get("/api/audit?act=login_refused").await.accepted().json();
    assert_eq!((&told["total"], &told["entries"][0]["who"]), (&1.into(), &ADMIN.into()));
    let change = [("old", "not the password"), ("new", "better horse battery")];
    admin.call("change_password", &change).await.has_status(400);
    let told = admin.get("/api/audit?act=login_refused").await.accepted().json();
    assert_eq!((&told["total"], &told["entries"][0]["who"]), (&2.into(), &ADMIN.into()));
}

#[tokio::test]
async fn a_password_counts_for_the_session_in_which_it_was_given() {
    let (app, clock, admin) = later().await;
    let other = app.admin().await;
    assert!(!is_asked_for(&other.call("offer_second_factor", &[]).await), "it has just logged in");
    assert!(is_asked_for(&admin.call("offer_second_factor", &[]).await));
    let new = "a quite different password";
    admin.call("change_password", &[("old", PASSWORD), ("new", new)]).await.accepted();
    assert!(!is_asked_for(&admin.call("offer_second_factor", &[]).await), "changing it gives it too");
    clock.forward(TWELVE_HOURS);
    assert!(is_asked_for(&admin.call("offer_second_factor", &[]).await));
}

#[tokio::test]
async fn a_device_is_saved_without_it_unless_a_credential_comes_along() {
    let (app, _clock, admin) = later().await;
    let plain = |name: &str| json!({"name": name, "ip_address": "127.0.0.1", "device_type": "server", "enabled": false});
    let login = json!({"username": "monitor", "password": "s3cret", "port": 9});
    let mut with_login = plain("edge-2");
    with_login["routeros"] = login.clone();

    assert!(!is_asked_for(&admin.post("/api/devices", &plain("edge-1")).await));
    let id = admin.get("/api/devices").await.json()["devices"][0]["id"].clone();
    assert!(is_asked_for(&admin.post("/api/devices", &with_login).await));
    let at = format!("/api/devices/{id}");
    assert!(is_asked_for(&admin.put(&at, &json!({"routeros": login})).await));
    assert!(!is_asked_for(&admin.put(&at, &json!({"location": "Bandung"})).await));
    assert_eq!(admin.get("/api/devices").await.json()["total"], 1);

    let draft = DeviceDraft {
        enabled: false,
        routeros: CredentialChange::Set(NewCredential {
            username: "monitor".to_owned(),
            password: Some("s3cret".to_owned()),
            port: None,
            tls: true,
        }),
        ..DeviceDraft::new("edge-3", DeviceKind::Router, "127.0.0.1")
    };
    assert!(is_asked_for(&admin.post("/api/create_device", &json!({"draft": draft})).await));

    admin.call("confirm_password", &[("password", PASSWORD)]).await.accepted();
    assert!(!is_asked_for(&admin.post("/api/devices", &with_login).await));
    assert!(!is_asked_for(&admin.post("/api/create_device", &json!({"draft": draft})).await));
    drop(app);
}

#[tokio::test]
async fn programs_have_no_password_to_give_and_are_not_asked() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let token = app.token(ADMIN, "write").await;
    clock.forward(TWELVE_HOURS * 3);
    let body = json!({
        "name": "edge-1", "ip_address": "127.0.0.1", "device_type": "router", "enabled": false,
        "routeros": {"username": "monitor", "password": "s3cret"},
    });
    token.post("/api/devices", &body).await.has_status(201);
}
