//! A host key that is not the accepted one is an alert, whoever notices it.

use super::add_known;
use crate::fixture::{App, Client, SshSim, Terminal};
use model::TerminalEnd;
use serde_json::{Value, json};

async fn alerts(admin: &Client) -> Vec<Value> {
    admin.get("/api/alerts").await.accepted().json()["alerts"].as_array().unwrap().clone()
}

async fn accept(admin: &Client, id: i64, fingerprint: &str) {
    let key = json!({"algorithm": "ssh-ed25519", "fingerprint": fingerprint});
    admin.post(&format!("/api/devices/{id}/host-key"), &key).await.accepted();
}

/// Opens a terminal, and sees that it ends because of the key.
async fn is_stopped(admin: &Client, id: i64) {
    let end = Terminal::greeted(admin, id).await.end().await;
    assert!(matches!(end, Some(TerminalEnd::HostKeyChanged { .. })), "{end:?}");
}

/// Two servers, and a device with the accepted key of the first that is reached at the second.
struct Changed {
    app: App,
    admin: Client,
    known: SshSim,
    stranger: SshSim,
    id: i64,
}

async fn changed() -> Changed {
    let app = App::start().await;
    let admin = app.admin().await;
    let (known, stranger) = (SshSim::start(1).await, SshSim::start(2).await);
    let id = add_known(&admin, "edge-1", stranger.port).await;
    accept(&admin, id, &known.fingerprint).await;
    Changed { app, admin, known, stranger, id }
}

#[tokio::test]
async fn another_host_key_is_told_once_with_both_fingerprints_and_ends_when_it_is_accepted() {
    let Changed { app: _app, admin, known: before, stranger: now, id } = changed().await;
    assert_eq!(alerts(&admin).await, [] as [Value; 0]);
    for _ in 0..3 {
        is_stopped(&admin, id).await;
    }
    let told = alerts(&admin).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["kind"], &told[0]["state"], &told[0]["severity"], &told[0]["device"]["id"]),
        (&json!("host_key"), &json!("open"), &json!("critical"), &json!(id))
    );
    let cause = told[0]["cause"].as_str().unwrap();
    assert!(cause.contains(&before.fingerprint) && cause.contains(&now.fingerprint), "{cause}");
    let rules = admin.get("/api/rules").await.accepted().json();
    let of = |rule: &&Value| rule["id"] == told[0]["rule_id"];
    let rule = rules["rules"].as_array().unwrap().iter().find(of).unwrap();
    assert_eq!(rule["condition"]["state"], "certificate");

    // What no key of SSH is, and a key that the device has not shown, end nothing.
    let hash = now.fingerprint.clone();
    let none = format!("SHA256:{}", "A".repeat(43));
    for (algorithm, fingerprint) in [("ssh-foo", &hash), ("ssh-ed25519", &none), ("ssh-foo", &none)] {
        let key = json!({"algorithm": algorithm, "fingerprint": fingerprint});
        admin.post(&format!("/api/devices/{id}/host-key"), &key).await.has_status(400);
    }
    let stranger = SshSim::start(3).await;
    accept(&admin, id, &stranger.fingerprint).await;
    assert_eq!(alerts(&admin).await[0]["state"], "open");

    accept(&admin, id, &now.fingerprint).await;
    let over = alerts(&admin).await;
    assert_eq!((&over[0]["state"], &over[0]["ending"]), (&json!("closed"), &json!("accepted")));
    Terminal::prompted(&admin, id).await;
    assert_eq!(alerts(&admin).await.len(), 1);
}

#[tokio::test]
async fn it_ends_when_the_accepted_key_is_seen_again_and_a_further_change_is_told_anew() {
    let Changed { app: _app, admin, known, stranger, id } = changed().await;
    is_stopped(&admin, id).await;
    let port = |port: u16| {
        let login = json!({"username": crate::fixture::SSH_USER, "password": crate::fixture::SSH_PASSWORD, "port": port});
        json!({ "ssh": login })
    };
    admin.put(&format!("/api/devices/{id}"), &port(known.port)).await.accepted();
    assert_eq!(alerts(&admin).await[0]["state"], "open", "nobody has looked again");
    Terminal::prompted(&admin, id).await;
    let over = alerts(&admin).await;
    assert_eq!((&over[0]["state"], &over[0]["ending"]), (&json!("closed"), &json!("recovered")));
    admin.put(&format!("/api/devices/{id}"), &port(stranger.port)).await.accepted();
    is_stopped(&admin, id).await;
    let all = alerts(&admin).await;
    assert_eq!((all.len(), &all[0]["state"]), (2, &json!("open")));
    admin.delete(&format!("/api/devices/{id}")).await.accepted();
    assert_eq!(alerts(&admin).await[0]["ending"], "removed");
}

#[tokio::test]
async fn a_command_that_meets_another_host_key_raises_it_as_well() {
    let Changed { app: _app, admin, stranger: now, id, .. } = changed().await;
    let body = json!({"devices": [id], "command": "/system identity print"});
    admin.post("/api/commands", &body).await;
    let raised = |seen: &Value| seen["alerts"].as_array().unwrap().len() == 1;
    let seen = crate::fixture::eventually("it is told", &admin, "/api/alerts", raised).await;
    assert_eq!(seen["alerts"][0]["kind"], "host_key");
    assert_eq!(now.logins(), 0);
}

#[tokio::test]
async fn the_accepted_key_counts_as_seen_also_where_the_login_is_refused() {
    let Changed { app: _app, admin, known, stranger: _stranger, id } = changed().await;
    is_stopped(&admin, id).await;
    let login = json!({"username": crate::fixture::SSH_USER, "password": "s3cret-wrong", "port": known.port});
    admin.put(&format!("/api/devices/{id}"), &json!({ "ssh": login })).await.accepted();
    let body = json!({"devices": [id], "command": "/system identity print", "confirm": 1});
    admin.post("/api/commands", &body).await.has_status(202);
    let is_over = |seen: &Value| seen["alerts"][0]["ending"] == "recovered";
    crate::fixture::eventually("it is over", &admin, "/api/alerts", is_over).await;
    assert_eq!((known.logins(), known.commands()), (1, 0));
}
