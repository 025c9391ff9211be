//! Devices through the REST interface: what goes in, what comes out, and what is refused with its field.

use crate::fixture::{App, Client, eventually};
use serde_json::{Value, json};

/// What the watching changes while a test looks.
const MOVING: [&str; 4] = ["state", "since", "last_checked", "metrics"];

fn tunnel(name: &str) -> Value {
    json!({"name": name, "ip_address": "127.0.0.1", "device_type": "tunnel", "port": 9})
}

async fn create(client: &Client, body: &Value) -> Value {
    client.post("/api/devices", body).await.has_status(201).json()
}

#[tokio::test]
async fn a_device_is_created_shown_changed_and_removed() {
    let app = App::start().await;
    let admin = app.admin().await;
    let mut body = tunnel("CIKARANG");
    body["enabled"] = json!(false);
    let made = create(&admin, &body).await;
    let path = format!("/api/devices/{}", made["id"]);
    let shown = admin.get(&path).await.accepted().json();
    for (field, value) in
        made.as_object().unwrap().iter().filter(|(field, _)| !MOVING.contains(&field.as_str()))
    {
        assert_eq!(&shown[field], value, "201 is answered with what GET gives: {field}");
    }
    assert_eq!(made["checks"][0]["settings"]["port"], 9);

    let changed = admin.put(&path, &json!({"location": "Bekasi", "tags": ["core"]})).await.accepted().json();
    assert_eq!((&changed["location"], &changed["tags"]), (&json!("Bekasi"), &json!(["core"])));
    assert_eq!(changed["checks"], made["checks"], "what was left out stays");
    let emptied = admin.put(&path, &json!({"location": null})).await.accepted().json();
    assert_eq!(emptied["location"], Value::Null);

    admin.delete(&path).await.accepted();
    admin.get(&path).await.has_status(404);
}

#[tokio::test]
async fn what_get_gave_may_be_put_back_unchanged() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (_sim, id) = app.with_router("edge-1").await;
    let path = format!("/api/devices/{id}");
    let before = admin.get(&path).await.accepted().json();
    let after = admin.put(&path, &before).await.accepted().json();
    for field in ["name", "checks", "routeros", "enabled", "tags"] {
        assert_eq!(before[field], after[field], "{field}");
    }
}

#[tokio::test]
async fn a_refused_value_is_named_by_its_field() {
    let app = App::start().await;
    let admin = app.admin().await;
    create(&admin, &tunnel("taken")).await;
    let with = |field: &str, value: Value| {
        let mut body = tunnel("new");
        body[field] = value;
        body
    };
    for (status, field, body) in [
        (400, "name", with("name", json!("a/b"))),
        (400, "name", with("name", json!("all"))),
        (400, "name", with("name", json!(""))),
        (400, "name", json!({"ip_address": "127.0.0.1", "device_type": "tunnel"})),
        (409, "name", with("name", json!("taken"))),
        (400, "ip_address", with("ip_address", json!("not an address"))),
        (400, "device_type", with("device_type", json!("toaster"))),
        (400, "port", with("port", json!(70000))),
        (400, "port", json!({"name": "x", "ip_address": "127.0.0.1", "device_type": "tunnel"})),
        (400, "parent_id", with("parent_id", json!(4711))),
        (400, "tags[1]", with("tags", json!(["fine", "x".repeat(33)]))),
        (400, "checks[0].kind", with("checks", json!([{"kind": "smoke"}]))),
        (400, "checks[0].interval_seconds", with("checks", json!([{"kind": "icmp", "interval_seconds": 1}]))),
        (400, "checks[1].settings.port", with("checks", json!([{"kind": "icmp"}, {"kind": "tcp"}]))),
        (400, "colour", with("colour", json!("red"))),
    ] {
        let answer = admin.post("/api/devices", &body).await.has_status(status).json();
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(field), "{field} is not named: {message}");
    }
    let unnamed =
        json!(["edge-9", "192.0.2.9", "server", null, null, null, null, null, null, null, null, null, null]);
    let refused = admin.post("/api/devices", &unnamed).await.has_status(400);
    assert!(refused.text.contains("named values"), "{}", refused.text);
    let far = json!({"name": "far", "ip_address": "127.0.0.1", "device_type": "server",
        "ssh": {"username": "x", "port": 70_000}});
    let refused = admin.post("/api/devices", &far).await.has_status(400);
    assert!(refused.text.contains("ssh.port: must be a whole number from 1 to 65535"), "{}", refused.text);
    assert!(!refused.text.contains("u16"), "{}", refused.text);
    assert_eq!(admin.get("/api/devices").await.json()["total"], 1, "nothing refused was kept");
}

#[tokio::test]
async fn a_credential_goes_in_and_never_comes_out() {
    let app = App::start().await;
    let admin = app.admin().await;
    let secret = "hunter2-unique-secret";
    let body = json!({"name": "r1", "ip_address": "127.0.0.1", "device_type": "router",
        "routeros": {"username": "monitor", "password": secret, "port": 1}});
    let made = create(&admin, &body).await;
    let path = format!("/api/devices/{}", made["id"]);
    assert_eq!((&made["routeros"]["set"], &made["routeros"]["username"]), (&json!(true), &json!("monitor")));
    for place in [path.as_str(), "/api/devices", "/api/status", "/"] {
        assert!(!admin.get(place).await.text.contains(secret), "{place}");
    }
    let kept = admin.put(&path, &json!({"name": "r2"})).await.accepted().json();
    assert_eq!(kept["routeros"], made["routeros"], "left out, it stays");
    let gone =
        admin.put(&path, &json!({"routeros": null, "checks": [{"kind": "icmp"}]})).await.accepted().json();
    assert_eq!(gone["routeros"], Value::Null);
    let refused = admin.put(&path, &json!({"routeros": {"username": "x"}})).await.has_status(400);
    assert!(refused.text.contains("routeros.password"), "{}", refused.text);
}

#[tokio::test]
async fn a_stored_password_goes_nowhere_but_where_it_was_given_for() {
    let app = App::start().await;
    let admin = app.admin().await;
    let login = |password: Option<&str>, port: u16, tls: bool| {
        let mut login = json!({"username": "monitor", "port": port, "tls": tls});
        if let Some(password) = password {
            login["password"] = json!(password);
        }
        login
    };
    let body = json!({"name": "r1", "ip_address": "127.0.0.1", "device_type": "router",
        "routeros": login(Some("s3cret"), 1, true)});
    let made = create(&admin, &body).await;
    let path = format!("/api/devices/{}", made["id"]);
    for change in [
        json!({"ip_address": "127.0.0.2"}),
        json!({"routeros": login(None, 2, true)}),
        json!({"routeros": login(None, 1, false)}),
    ] {
        let refused = admin.put(&path, &change).await.has_status(400);
        assert!(refused.text.contains("routeros.password"), "{change}: {}", refused.text);
    }
    let id = made["id"].clone();
    let attempt = json!({"id": id, "address": "127.0.0.1", "login": login(None, 1, false)});
    let refused = admin.post("/api/probe_routeros", &attempt).await;
    assert!(refused.text.contains("routeros.password"), "{}", refused.text);
    admin.put(&path, &json!({"name": "r2", "routeros": login(None, 1, true)})).await.accepted();
    let moved = json!({"ip_address": "127.0.0.2", "routeros": login(Some("s3cret"), 2, false)});
    admin.put(&path, &moved).await.accepted();
}

#[tokio::test]
async fn a_path_that_is_no_text_is_refused_like_everything_else() {
    let app = App::start().await;
    let admin = app.admin().await;
    for path in ["/api/devices/%FF", "/api/tunnel/%FF"] {
        let refused = admin.get(path).await.has_status(404).json();
        assert_eq!(
            (&refused["success"], &refused["error"]["code"]),
            (&json!(false), &json!("not_found")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn lists_are_filtered_and_cut_into_pages() {
    let app = App::start().await;
    let admin = app.admin().await;
    for name in ["a", "b", "c"] {
        create(&admin, &tunnel(name)).await;
    }
    let paused = json!({"name": "d", "ip_address": "127.0.0.1", "device_type": "server", "enabled": false});
    create(&admin, &paused).await;
    let names = async |query: &str| {
        let list = admin.get(&format!("/api/devices{query}")).await.accepted().json();
        let names: Vec<_> = list["devices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|device| device["name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(""), list["total"].as_u64().unwrap())
    };
    assert_eq!(names("").await, ("abcd".to_owned(), 4));
    assert_eq!(names("?type=tunnel&limit=2&offset=1").await, ("bc".to_owned(), 3));
    eventually("d is paused", &admin, "/api/devices?state=paused", |list| list["total"] == 1).await;
    assert_eq!(names("?state=paused").await, ("d".to_owned(), 1));
    for query in ["?type=toaster", "?state=tired", "?limit=0", "?limit=1001", "?limit=x", "?sort=name"] {
        admin.get(&format!("/api/devices{query}")).await.has_status(400);
    }
}

#[tokio::test]
async fn a_simulated_router_tells_its_model_its_load_and_its_way_out() {
    let app = App::start().await;
    let (sim, id) = app.with_router("edge-1").await;
    let viewer = app.viewer().await;
    let path = format!("/api/devices/{id}");
    let is_known =
        |device: &Value| device["state"] == "up" && device["metrics"]["wan"]["interface"].is_string();
    let seen = eventually("the router is up with its facts", &viewer, &path, is_known).await;
    let metrics = &seen["metrics"];
    assert_eq!(metrics["wan"]["interface"], sim.personality().wan_interface());
    assert_eq!(metrics["model"], sim.personality().board());
    assert!(metrics["cpu_percent"].is_number() && metrics["uptime_seconds"].is_number(), "{metrics}");
    assert_eq!(sim.logins(), 1, "one session stays open");
}
