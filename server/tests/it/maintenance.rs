//! Maintenance windows and silences over the REST interface, and what they do to statistics and pages.

use crate::fixture::{ADMIN, App, eventually};
use serde_json::{Value, json};
use tokio::net::TcpListener;

fn window(title: &str) -> Value {
    json!({"title": title, "scope": {"tags": ["core"]}, "minutes": 120})
}

async fn tunnel(app: &App) -> (TcpListener, i64) {
    app.with_tunnel("BEKASI", json!({"tags": ["core"], "sla_target": 99.9})).await
}

#[tokio::test]
async fn an_admin_plans_changes_and_ends_a_window_and_a_viewer_sees_it() {
    let app = App::start().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let (_door, _) = app.with_tunnel("CIKARANG", json!({"tags": ["core"], "location": "Cikarang"})).await;
    viewer.post("/api/maintenance", &window("x")).await.has_status(403);
    let mut planned = window("nightly");
    for (name, value) in [
        ("zone", json!("Asia/Jakarta")),
        ("starts", json!("2030-01-06T02:00")),
        ("repeats", json!("weekly")),
        ("weekdays", json!(["sun"])),
    ] {
        planned[name] = value;
    }
    let made = admin.post("/api/maintenance", &planned).await.has_status(201).json();
    assert_eq!(
        (&made["state"], &made["kind"], &made["made_by"]),
        (&json!("planned"), &json!("maintenance"), &json!(ADMIN))
    );
    let path = format!("/api/maintenance/{}", made["id"]);
    assert_eq!(viewer.get(&path).await.accepted().json()["weekdays"], json!(["sun"]));
    let running = admin.post("/api/maintenance", &window("now")).await.has_status(201).json();
    assert_eq!(running["state"], "running");
    let list = viewer.get("/api/maintenance").await.accepted().json();
    let titles: Vec<_> =
        list["maintenance"].as_array().unwrap().iter().map(|one| one["title"].clone()).collect();
    assert_eq!((titles, &list["total"]), (vec![json!("now"), json!("nightly")], &json!(2)));
    assert_eq!(list["maintenance"][0]["device_count"], 1);
    assert_eq!(viewer.get(&path).await.accepted().json()["device_count"], 1);

    // What GET gives may be carried back.
    let mut changed = viewer.get(&path).await.accepted().json();
    changed["title"] = json!("weekly");
    changed["scope"].as_object_mut().unwrap().insert("sites".to_owned(), json!(["Cikarang"]));
    viewer.put(&path, &changed).await.has_status(403);
    for alone in ["incident_id", "rule_id"] {
        changed.as_object_mut().unwrap().remove(alone);
    }
    assert_eq!(admin.put(&path, &changed).await.accepted().json()["title"], "weekly");
    viewer.delete(&path).await.has_status(403);
    assert_eq!(admin.delete(&path).await.accepted().json()["state"], "over");
    admin.delete(&path).await.has_status(400);
    admin.delete("/api/maintenance/999").await.has_status(404);
    let over = viewer.get("/api/maintenance?kind=maintenance").await.accepted().json();
    assert_eq!(over["maintenance"][1]["state"], "over");
    let page = viewer.visit("/admin/maintenance").await.accepted();
    assert!(page.text.contains("weekly") && page.text.contains("#core"), "{}", page.text);
    let audit = admin.get("/api/audit?act=quiet_ended").await.accepted().json();
    assert_eq!((&audit["total"], &audit["entries"][0]["subject"]), (&json!(1), &json!("weekly")));
}

#[tokio::test]
async fn what_is_no_window_is_refused_by_name() {
    let app = App::start().await;
    let admin = app.admin().await;
    let _tunnel = tunnel(&app).await;
    for (change, named) in [
        (json!({"kind": "party"}), "kind"),
        (json!({"title": ""}), "title"),
        (json!({"minutes": 0}), "minutes"),
        (json!({"zone": "Mars/Olympus", "starts": "2030-01-06T02:00"}), "zone"),
        (json!({"zone": "Mars/Olympus"}), "zone"),
        (json!({"starts": "soon"}), "starts"),
        (json!({"starts": "2020-01-06T02:00"}), "starts"),
        (json!({"repeats": "hourly"}), "repeats"),
        (json!({"repeats": "weekly", "weekdays": ["caturday"]}), "weekdays"),
        (json!({"repeats": "monthly"}), "month_day"),
        (json!({"repeats": "daily", "minutes": 1441}), "minutes"),
        (json!({"repeats": "weekly", "weekdays": ["mon", "tue"], "minutes": 1441}), "minutes"),
        (json!({"repeats": "weekly", "weekdays": ["sun"], "minutes": 10_081}), "minutes"),
        (json!({"incident_id": 1}), "scope"),
        (json!({"scope": {"kinds": ["toaster"]}}), "kinds"),
        (json!({"scope": {"names": ["x"]}}), "names"),
        (
            json!({"scope": {"tags": ["core", "edge-of-it"]}}),
            "scope.tags: no device has [\\\"edge-of-it\\\"]",
        ),
        (json!({"scope": {"sites": ["Nowhere"]}}), "scope.sites"),
        (json!({"scope": {"devices": ["BEKASI", "nosuch"]}}), "nosuch"),
        (json!({"whose": "ours"}), "whose"),
    ] {
        let mut body = window("x");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = admin.post("/api/maintenance", &body).await.has_status(400);
        assert!(answer.text.contains(named), "{named}: {}", answer.text);
    }
    admin.get("/api/maintenance?kind=party").await.has_status(400);
    admin.get("/api/maintenance?limit=0").await.has_status(400);
}

#[tokio::test]
async fn a_list_of_one_kind_counts_that_kind_and_what_a_window_names_may_stay_when_its_device_is_gone() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (_door, id) = tunnel(&app).await;
    for (title, kind) in [("a", "maintenance"), ("b", "maintenance"), ("c", "silence"), ("d", "silence")] {
        let mut body = window(title);
        body["kind"] = json!(kind);
        let made = admin.post("/api/maintenance", &body).await.has_status(201).json();
        if matches!(title, "a" | "c") {
            admin.delete(&format!("/api/maintenance/{}", made["id"])).await.accepted();
        }
    }
    for (query, titles) in [
        ("", vec!["b", "d", "c", "a"]),
        ("?kind=maintenance", vec!["b", "a"]),
        ("?kind=silence", vec!["d", "c"]),
    ] {
        let list = admin.get(&format!("/api/maintenance{query}")).await.accepted().json();
        let mut seen: Vec<_> =
            list["maintenance"].as_array().unwrap().iter().map(|one| one["title"].clone()).collect();
        assert_eq!(list["total"], json!(titles.len()), "{query}");
        let mut titles: Vec<_> = titles.into_iter().map(|title| json!(title)).collect();
        seen.sort_by_key(ToString::to_string);
        titles.sort_by_key(ToString::to_string);
        assert_eq!(seen, titles, "{query}");
    }
    let of_page = admin.get("/api/maintenance?kind=silence&limit=1&offset=1").await.accepted().json();
    assert_eq!((&of_page["total"], &of_page["maintenance"][0]["title"]), (&json!(2), &json!("d")));
    assert_eq!(of_page["maintenance"].as_array().unwrap().len(), 1, "one is over, and was passed");

    admin.delete(&format!("/api/devices/{id}")).await.accepted();
    let list = admin.get("/api/maintenance?kind=maintenance").await.accepted().json();
    let path = format!("/api/maintenance/{}", list["maintenance"][0]["id"]);
    let mut longer = window("longer");
    longer["minutes"] = json!(240);
    assert_eq!(admin.put(&path, &longer).await.accepted().json()["device_count"], 0);
    longer["scope"] = json!({"tags": ["core", "other"]});
    let refused = admin.put(&path, &longer).await.has_status(400);
    assert!(refused.text.contains("other") && !refused.text.contains("core"), "{}", refused.text);
}

#[tokio::test]
async fn an_outage_in_maintenance_is_shown_and_marked_and_does_not_count() {
    let app = App::start().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let (door, id) = tunnel(&app).await;
    let made = admin.post("/api/maintenance", &window("upgrade")).await.has_status(201).json();
    let device = format!("/api/devices/{id}");
    let is_marked = |device: &Value| device["quiet"]["title"] == "upgrade";
    eventually("it wears the window", &viewer, &device, is_marked).await;
    drop(door);
    let is_open = |list: &Value| list["total"] == 1;
    let open = eventually("it is an alert", &viewer, "/api/alerts?state=open", is_open).await;
    let silenced = &open["alerts"][0]["silenced"];
    assert_eq!((&silenced["kind"], &silenced["title"]), (&json!("maintenance"), &json!("upgrade")));

    let statistics = viewer.get("/api/statistics?days=1").await.accepted().json();
    let of = &statistics["tunnel_statistics"]["BEKASI"];
    assert_eq!((&of["total_downtime_seconds"], &of["sla_target"]), (&json!(0), &json!(99.9)));
    assert!(of["maintenance_seconds"].as_u64().unwrap() > 0, "{of}");
    assert!(of["budget_left_seconds"].is_i64(), "{of}");
    let now = chrono::Utc::now().timestamp_millis();
    let (text, from, to) = (id.to_string(), (now - 3_600_000).to_string(), now.to_string());
    let asked = [("device", text.as_str()), ("from", from.as_str()), ("to", to.as_str())];
    let page = viewer.call("load_history", &asked).await.accepted().json();
    assert_eq!(page["windows"][0]["title"], "upgrade");
    assert!(
        page["segments"].as_array().unwrap().iter().any(|one| one["state"] == "down"),
        "as it was: {page}"
    );
    assert_eq!((&page["spent"]["down_ms"], &page["sla"]["target"]), (&json!(0), &json!(99_900)));

    admin.delete(&format!("/api/maintenance/{}", made["id"])).await.accepted();
    eventually("it wears nothing", &viewer, &device, |device| device["quiet"].is_null()).await;
    let is_counted = |statistics: &Value| {
        statistics["tunnel_statistics"]["BEKASI"]["total_downtime_seconds"].as_u64() > Some(0)
    };
    eventually("it counts again", &viewer, "/api/statistics?days=1", is_counted).await;
}

#[tokio::test]
async fn an_alert_is_silenced_and_takes_notes() {
    let app = App::start().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let (door, _) = tunnel(&app).await;
    drop(door);
    let is_open = |list: &Value| list["total"] == 1;
    let open = eventually("it is an alert", &viewer, "/api/alerts?state=open", is_open).await;
    let id = open["alerts"][0]["id"].as_i64().unwrap();
    let silence = json!({"kind": "silence", "title": "known", "incident_id": id, "minutes": 60});
    let made = admin.post("/api/maintenance", &silence).await.has_status(201).json();
    assert_eq!((&made["incident_id"], &made["scope"]), (&json!(id), &Value::Null));
    let page = viewer.call("load_alerts", &[("only_open", "true"), ("offset", "0")]).await.accepted().json();
    assert_eq!(page["alerts"][0]["quiet"]["title"], "known");
    // Both say of what they are: the alert by its rule's own name, the silence by the alert's device.
    assert_eq!(page["alerts"][0]["incident"]["rule_name"], "Device down");
    let windows = viewer.visit("/admin/maintenance").await.accepted();
    assert!(windows.text.contains("Only this alert: BEKASI"), "{}", windows.text);

    let notes = format!("/api/alerts/{id}/notes");
    viewer.post(&notes, &json!({"text": "x"})).await.has_status(403);
    admin.post(&notes, &json!({"text": " "})).await.has_status(400);
    let refused = admin.post(&notes, &json!({"text": "x".repeat(501)})).await.has_status(400);
    assert!(refused.text.contains("text: "), "{}", refused.text);
    let nowhere = json!({"kind": "silence", "title": "x", "incident_id": 999, "minutes": 60});
    admin.post("/api/maintenance", &nowhere).await.has_status(404);
    admin.post(&format!("/api/alerts/{id}/ack"), &json!({"note": "on my way"})).await.accepted();
    let noted = admin.post(&notes, &json!({"text": "power <b>is</b> out"})).await.accepted().json();
    let said: Vec<_> = noted["notes"].as_array().unwrap().iter().map(|note| note["text"].clone()).collect();
    assert_eq!(said, [json!("on my way"), json!("power <b>is</b> out")]);
    let page = viewer.visit("/alerts").await.accepted();
    assert!(
        page.text.contains("power &lt;b&gt;is&lt;/b&gt; out")
            || page.text.contains("power &lt;b>is&lt;/b> out"),
        "{}",
        page.text
    );
    admin.post("/api/alerts/999/notes", &json!({"text": "x"})).await.has_status(404);
}

#[tokio::test]
async fn a_promise_is_a_percentage_and_can_be_taken_back() {
    let app = App::start().await;
    let admin = app.admin().await;
    let body = |target: Value| json!({"name": "core", "ip_address": "192.0.2.1", "device_type": "server", "sla_target": target});
    for wrong in [json!(0), json!(100.5), json!(-1)] {
        let answer = admin.post("/api/devices", &body(wrong)).await.has_status(400);
        assert!(answer.text.contains("sla_target"), "{}", answer.text);
    }
    let made = admin.post("/api/devices", &body(json!(99.95))).await.has_status(201).json();
    assert_eq!(made["sla_target"], 99.95);
    let path = format!("/api/devices/{}", made["id"]);
    let kept = admin.put(&path, &json!({"location": "Bekasi"})).await.accepted().json();
    assert_eq!(kept["sla_target"], 99.95);
    let taken = admin.put(&path, &json!({"sla_target": null})).await.accepted().json();
    assert_eq!(taken["sla_target"], Value::Null);
}
