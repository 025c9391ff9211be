//! Alert rules, as programs see and change them, and what of the past they would have told.

use crate::fixture::{ADMIN, App, eventually};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

fn names(list: &Value) -> Vec<&str> {
    list["rules"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap()).collect()
}

fn by_name<'a>(list: &'a Value, name: &str) -> &'a Value {
    list["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).unwrap()
}

#[tokio::test]
async fn a_new_program_has_rules_about_states_and_numbers_with_the_limits_of_the_environment() {
    let limits = [("BANDWIDTH_THRESHOLD_HIGH", "40"), ("BANDWIDTH_THRESHOLD_LOW", "0.5")];
    let app = App::with(&limits).await;
    app.with_accounts().await;
    let list = app.viewer().await.get("/api/rules").await.accepted().json();
    let mut names = names(&list);
    names.sort_unstable();
    let expected = [
        "Bandwidth in high",
        "Bandwidth in low",
        "Bandwidth out high",
        "CPU load",
        "Certificate or SSH key changed",
        "Device degraded",
        "Device down",
        "Lost sessions",
        "Memory",
        "Router rebooted",
        "RouterOS update available",
        "Temperature",
    ];
    assert_eq!(names, expected);
    assert_eq!(by_name(&list, "Bandwidth in high")["condition"]["limit"], 40e6);
    let low = &by_name(&list, "Bandwidth in low")["condition"];
    assert_eq!((&low["limit"], &low["unless_usual"]), (&json!(5e5), &json!(true)));
    let lost = &by_name(&list, "Lost sessions")["condition"];
    assert_eq!((&lost["state"], &lost["every"]), (&json!("reconnects"), &json!(50)));
}

#[tokio::test]
async fn who_saves_what_was_changed_meanwhile_overwrites_nothing_and_is_told_by_whom() {
    let app = App::start().await;
    let admin = app.admin().await;
    let rows = admin.call("load_rules", &[]).await.accepted().json();
    let rows: Vec<model::RuleRow> = serde_json::from_value(rows).unwrap();
    let rule = rows.into_iter().map(|row| row.rule).find(|rule| rule.draft.name == "CPU load").unwrap();
    let seen = app::api::wire::version(&rule.draft);
    let save = |name: &str| {
        let draft = model::RuleDraft { name: name.to_owned(), ..rule.draft.clone() };
        json!({"id": rule.id, "draft": draft, "seen": seen})
    };
    for _ in 0..2 {
        // Who heard no answer saves again, and overwrites nothing by that.
        admin.post("/api/update_rule", &save("first")).await.accepted();
    }
    let refused = admin.post("/api/update_rule", &save("second")).await;
    assert!(
        !refused.status.is_success() && refused.text.contains(ADMIN),
        "{} {}",
        refused.status,
        refused.text
    );
    // A program that says nothing of what it saw puts its own in the place of whatever is there.
    let names_now =
        |list: &Value| names(list).iter().filter(|name| ["first", "second"].contains(name)).count();
    let list = admin.get("/api/rules").await.accepted().json();
    assert_eq!((names_now(&list), names(&list).contains(&"first")), (1, true));

    let hook = json!({"name": "hook", "kind": "webhook", "settings": {"url": "http://127.0.0.1:9/"}});
    admin.post("/api/channels", &hook).await.has_status(201);
    let page = admin.call("load_channels", &[]).await.accepted().json();
    let channel: model::Channel = serde_json::from_value(page["channels"][0].clone()).unwrap();
    let seen = app::api::channels::shown(&channel);
    let save = |language: &str| {
        json!({"id": channel.id, "seen": seen, "draft": {"name": "hook", "kind": "webhook", "enabled": true,
            "language": language, "severity": "info", "settings": {"url": "http://127.0.0.1:9/"}, "secrets": {}}})
    };
    for _ in 0..2 {
        // Who heard no answer saves again, and overwrites nothing by that.
        admin.post("/api/update_channel", &save("id")).await.accepted();
    }
    let refused = admin.post("/api/update_channel", &save("ru")).await;
    assert!(
        !refused.status.is_success() && refused.text.contains(ADMIN),
        "{} {}",
        refused.status,
        refused.text
    );

    let window = json!({"title": "nightly", "scope": {"tags": ["core"]}, "minutes": 120});
    let core = json!({"name": "core-1", "ip_address": "127.0.0.1", "device_type": "server", "enabled": false,
        "tags": ["core"]});
    admin.post("/api/devices", &core).await.has_status(201);
    admin.post("/api/maintenance", &window).await.has_status(201);
    let page = admin.call("load_quiets", &[("offset", "0")]).await.accepted().json();
    let quiet: model::Quiet = serde_json::from_value(page["quiets"][0].clone()).unwrap();
    let seen = app::api::wire::version(&quiet.draft);
    let save = |title: &str| {
        let draft = model::QuietDraft { title: title.to_owned(), ..quiet.draft.clone() };
        json!({"id": quiet.id, "draft": draft, "seen": seen})
    };
    for _ in 0..2 {
        // Who heard no answer saves again, and overwrites nothing by that.
        admin.post("/api/update_quiet", &save("first")).await.accepted();
    }
    let refused = admin.post("/api/update_quiet", &save("second")).await;
    assert!(
        !refused.status.is_success() && refused.text.contains(ADMIN),
        "{} {}",
        refused.status,
        refused.text
    );
}

#[tokio::test]
async fn an_alert_about_a_number_that_is_not_measured_any_more_says_when_it_was() {
    let app = App::start().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let (door, _) = app.with_tunnel("BDG", json!({})).await;
    let rule = json!({"name": "far", "for_seconds": 0, "severity": "warning",
        "condition": {"measure": "round_trip", "side": "above", "limit": 0}});
    admin.post("/api/rules", &rule).await.has_status(201);
    let of_number = |list: &Value| {
        let alerts = list["alerts"].as_array().cloned().unwrap_or_default();
        alerts.into_iter().find(|alert| alert["kind"] == "threshold")
    };
    let is_there = |list: &Value| of_number(list).is_some();
    let open = eventually("it is told", &viewer, "/api/alerts?state=open", is_there).await;
    assert_eq!(of_number(&open).unwrap()["last_sample_at"], Value::Null, "it is measured");
    drop(door);
    let says = |list: &Value| of_number(list).is_some_and(|alert| alert["last_sample_at"].is_string());
    let open = eventually("it says of when it is", &viewer, "/api/alerts?state=open", says).await;
    let alert = of_number(&open).unwrap();
    assert!(alert["last_sample_at"].as_str() >= alert["opened_at"].as_str(), "{alert:#}");
    let page = viewer.visit("/alerts").await.accepted();
    assert!(page.text.contains("Not measured now"), "the page says so too");
}

#[tokio::test]
async fn every_kind_of_rule_is_made_carried_back_changed_and_removed() {
    let app = App::start().await;
    let admin = app.admin().await;
    let conditions = [
        json!({"measure": "cpu_load", "side": "above", "limit": 90, "clear": 80}),
        json!({"measure": "rx_rate", "subject": "ether1", "side": "below", "limit": 1e6, "unless_usual": true}),
        json!({"measure": "tx_rate", "side": "below", "limit": 50, "against": "same_hour", "usual_least": 4e6}),
        json!({"measure": "round_trip", "side": "above", "limit": 100, "against": "last_hour"}),
        json!({"measure": "voltage", "side": "missing"}),
        json!({"state": "degraded"}),
        json!({"state": "reconnects", "every": 10}),
    ];
    for (place, condition) in conditions.iter().enumerate() {
        let body = json!({"name": format!("rule {place}"), "condition": condition, "for_seconds": 60});
        let made = admin.post("/api/rules", &body).await.has_status(201).json();
        for (key, value) in condition.as_object().unwrap() {
            let kept = &made["condition"][key];
            let is_same = kept == value || kept.as_f64().is_some_and(|kept| Some(kept) == value.as_f64());
            assert!(is_same, "{key}: {made}");
        }
        // What GET gives may be carried back.
        let list = admin.get("/api/rules").await.accepted().json();
        let mut rule = by_name(&list, made["name"].as_str().unwrap()).clone();
        rule["severity"] = json!("critical");
        let path = format!("/api/rules/{}", made["id"]);
        let changed = admin.put(&path, &rule).await.accepted().json();
        assert_eq!(changed, rule);
        admin.delete(&path).await.accepted();
        admin.delete(&path).await.has_status(404);
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_field() {
    let app = App::start().await;
    let admin = app.admin().await;
    let long = "x".repeat(65);
    for (condition, named) in [
        (json!({}), "condition.measure"),
        (json!({}), "or else condition.state one of down, "),
        (json!({"measure": "luck", "side": "above", "limit": 1}), "condition.measure"),
        (json!({"measure": "cpu_load", "side": "beside", "limit": 1}), "condition.side"),
        (json!({"measure": "cpu_load", "side": "above"}), "condition.limit"),
        (json!({"measure": "cpu_load", "side": "above", "limit": -5}), "condition.limit"),
        (json!({"measure": "round_trip", "side": "above", "limit": 1e308}), "condition.limit"),
        (json!({"measure": "cpu_load", "side": "above", "limit": 5, "clear": -5}), "condition.clear"),
        (json!({"measure": "cpu_load", "side": "above", "limit": 5, "clear": 6}), "condition.clear"),
        (json!({"measure": "cpu_load", "side": "above", "limit": 5, "against": "luck"}), "condition.against"),
        (
            json!({"measure": "cpu_load", "side": "below", "limit": 101, "against": "last_hour"}),
            "condition.limit",
        ),
        (json!({"measure": "cpu_load", "side": "missing", "against": "last_hour"}), "condition.against"),
        (json!({"measure": "cpu_load", "side": "above", "limit": 5, "subject": long}), "condition.subject"),
        (json!({"state": "sad"}), "condition.state"),
        (json!({"state": "threshold"}), "condition.state"),
        (json!({"state": "reconnects", "every": 0}), "condition.every"),
        (json!({"state": "down", "measure": "cpu_load"}), "condition"),
        (json!({"state": "down", "mood": 7}), "mood"),
    ] {
        let body = json!({"name": "x", "condition": condition});
        let answer = admin.post("/api/rules", &body).await.has_status(400);
        assert!(answer.text.contains(named), "{named}: {}", answer.text);
    }
    let body = json!({"name": "x", "condition": {"state": "down"}, "scope": {"tags": [long]}});
    let answer = admin.post("/api/rules", &body).await.has_status(400);
    assert!(answer.text.contains("scope.tags"), "{}", answer.text);
}

#[tokio::test]
async fn a_rule_is_tried_on_the_past_stored_or_not() {
    let app = App::start().await;
    let (_router, id) = app.with_router("edge").await;
    let admin = app.admin().await;
    let is_known =
        |history: &Value| history["metrics"]["cpu_percent"].is_number() && history["state"] == "up";
    eventually("it is measured", &admin, &format!("/api/devices/{id}"), is_known).await;
    let draft = |condition: Value| json!({"rule": {"name": "x", "condition": condition}, "days": 1});
    let replay = async |body: Value| admin.post("/api/rules/replay", &body).await;
    let above = json!({"measure": "memory_use", "side": "above", "limit": 0});
    let fires = async {
        loop {
            let answer = replay(draft(above.clone())).await.accepted().json();
            if answer["total"] == 1 {
                break answer;
            }
        }
    };
    let answer = timeout(Duration::from_secs(60), fires).await.unwrap();
    let firing = &answer["firings"][0];
    assert_eq!((&firing["device"]["name"], &firing["until"]), (&json!("edge"), &json!(null)));
    assert_eq!((&answer["looked_at"], &answer["is_coarse"]), (&json!(1), &json!(false)));
    let never = json!({"measure": "memory_use", "side": "above", "limit": 100});
    let answer = replay(draft(never)).await.accepted().json();
    assert_eq!((&answer["total"], &answer["looked_at"]), (&json!(0), &json!(1)));

    let down = replay(draft(json!({"state": "down"}))).await.accepted().json();
    assert_eq!((&down["total"], &down["is_kept"]), (&json!(0), &json!(true)));
    let rebooted = replay(draft(json!({"state": "rebooted"}))).await.accepted().json();
    assert_eq!(rebooted["is_kept"], false);

    let list = admin.get("/api/rules").await.accepted().json();
    let stored = json!({"rule_id": by_name(&list, "CPU load")["id"]});
    assert_eq!(replay(stored.clone()).await.accepted().json()["total"], 0);
    replay(json!({"rule_id": 999_999})).await.has_status(404);
    replay(json!({})).await.has_status(400);
    replay(json!({"rule_id": 1, "days": 31})).await.has_status(400);
    app.viewer().await.post("/api/rules/replay", &stored).await.has_status(403);
}
