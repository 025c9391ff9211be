//! The tunnel monitor's side: import its file, then watch real listeners come and go.

use crate::fixture::{ADMIN, App, eventually};
use serde_json::{Value, json};
use server::cli::{
    health,
    import::{Import, run},
};
use tokio::net::TcpListener;

/// Runs `routewarden import` beside the running server, as a person would.
async fn import(app: &App, file: &Value) -> String {
    let path = app.folder().join("config.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let (vault, store) = app.command_line().await;
    let mut said = Vec::new();
    run(Import { file: path, dry_run: false, fernet_key_file: None }, &store, &vault, &mut said)
        .await
        .unwrap();
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn imported_tunnels_live_go_down_and_come_back() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    let (up, down) = (listener("127.0.0.1:0").await, listener("127.0.0.1:0").await);
    let (up_at, down_at) = (up.local_addr().unwrap(), down.local_addr().unwrap());
    let entry = |name: &str, port: u16| json!({"name": name, "host": "127.0.0.1", "port": port, "location": "Bekasi"});
    let file = json!({
        "tunnels": [entry("CIKARANG", up_at.port()), entry("SUKATANI ALL", down_at.port())],
        "settings": {"timeout": 1, "monitor_interval": 5},
    });
    import(&app, &file).await;

    let online =
        |count: u64| move |status: &Value| status["online_tunnels"] == count && status["total_tunnels"] == 2;
    let status = eventually("both tunnels are online", &viewer, "/api/status", online(2)).await;
    let tunnel = &status["tunnels"]["SUKATANI ALL"];
    assert_eq!((&tunnel["host"], &tunnel["port"]), (&json!("127.0.0.1"), &json!(down_at.port())));
    assert_eq!((&tunnel["overall"], &tunnel["tcp"]["status"]), (&json!(true), &json!("online")));
    assert!(tunnel["tcp"]["time"].is_number(), "{tunnel}");

    drop(down);
    eventually("one tunnel is offline", &viewer, "/api/status", online(1)).await;
    let detail = viewer.get("/api/tunnel/SUKATANI%20ALL").await.accepted().json();
    assert_eq!((&detail["state"], &detail["tcp"]["status"]), (&json!("down"), &json!("offline")));
    assert!(detail["last_error"].as_str().unwrap().contains("refused"), "{detail}");

    let _down = listener(&down_at.to_string()).await;
    eventually("it is back", &viewer, "/api/status", online(2)).await;
    drop(up);
}

#[tokio::test]
async fn a_running_server_is_well_and_a_stopped_one_is_not() {
    let mut app = App::start().await;
    let address = app.base.strip_prefix("http://").unwrap().parse().unwrap();
    health::run(address, false).await.unwrap();
    app.stop().await;
    assert!(health::run(address, false).await.is_err());
}

async fn listener(address: &str) -> TcpListener {
    TcpListener::bind(address).await.unwrap()
}

#[tokio::test]
async fn an_outage_is_remembered_across_a_restart() {
    let mut app = App::start().await;
    let door = listener("127.0.0.1:0").await;
    let port = door.local_addr().unwrap().port();
    let body = json!({"name": "T", "ip_address": "127.0.0.1", "device_type": "tunnel",
        "checks": [{"kind": "tcp", "interval_seconds": 5, "timeout_seconds": 1, "settings": {"port": port}}]});
    app.admin().await.post("/api/devices", &body).await.has_status(201);
    let state = |wanted: &'static str| move |tunnel: &Value| tunnel["state"] == wanted;
    eventually("up", &app.viewer().await, "/api/tunnel/T", state("up")).await;
    drop(door);
    let before = eventually("down", &app.viewer().await, "/api/tunnel/T", state("down")).await;
    app.restart().await;
    let after = app.viewer().await.get("/api/tunnel/T").await.accepted().json();
    assert_eq!((&after["state"], &after["since"]), (&before["state"], &before["since"]));
}

#[tokio::test]
async fn a_link_sets_nothing_off_unless_it_carries_a_token() {
    let app = App::start().await;
    app.admin().await.get("/api/refresh").await.has_status(405);
    let token = app.token(ADMIN, "write").await;
    assert_eq!(token.get("/api/refresh").await.accepted().json()["success"], true);
    let posted = app.admin().await.post("/api/refresh", &json!({})).await.accepted();
    assert_eq!(posted.json()["done"], true);
}

#[tokio::test]
async fn the_summary_counts_what_is_known_and_invents_nothing() {
    let app = App::start().await;
    let paused = json!({"name": "d", "ip_address": "127.0.0.1", "device_type": "server", "enabled": false});
    app.admin().await.post("/api/devices", &paused).await.has_status(201);
    let summary = app.viewer().await.get("/api/dashboard/summary").await.accepted().json()["summary"].clone();
    assert_eq!((&summary["total_devices"], &summary["up_devices"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&summary["total_wifi_clients"], &summary["avg_bandwidth_mbps"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(summary["recent_alerts"], json!([]));
}
