//! What is remembered, as the tunnel monitor's clients ask for it.

use crate::fixture::{App, eventually};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn tunnel(app: &App, name: &str, port: u16) {
    let check =
        json!({"kind": "tcp", "interval_seconds": 5, "timeout_seconds": 1, "settings": {"port": port}});
    let ping = json!({"kind": "icmp", "interval_seconds": 5, "timeout_seconds": 1});
    let body =
        json!({"name": name, "ip_address": "127.0.0.1", "device_type": "tunnel", "checks": [check, ping]});
    app.admin().await.post("/api/devices", &body).await.has_status(201);
}

fn rounds(history: &Value) -> &[Value] {
    history["history"].as_array().map_or(&[], Vec::as_slice)
}

#[tokio::test]
async fn an_outage_is_in_history_downtime_and_statistics_and_stays_there_after_a_restart() {
    let mut app = App::start().await;
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = door.local_addr().unwrap();
    tunnel(&app, "CIKARANG", at.port()).await;
    let viewer = app.viewer().await;
    let answered = |history: &Value| {
        rounds(history).iter().any(|round| round["tcp_time"].is_number() && round["overall"] == true)
    };
    eventually("a round is kept", &viewer, "/api/history/CIKARANG", answered).await;
    drop(door);
    let is_out =
        |downtime: &Value| downtime["events"][0]["end"].is_null() && downtime["events"][0].is_object();
    eventually("it is out", &viewer, "/api/downtime/CIKARANG", is_out).await;
    let _door = TcpListener::bind(at).await.unwrap();
    let is_over = |downtime: &Value| downtime["events"][0]["end"].is_string();
    let downtime = eventually("it is over", &viewer, "/api/downtime/CIKARANG", is_over).await;
    let event = &downtime["events"][0];
    assert!(event["cause"].as_str().unwrap().contains("refused"), "{event}");
    assert_eq!((&downtime["name"], &downtime["days"]), (&json!("CIKARANG"), &json!(7)));
    let failed = |history: &Value| {
        let is_failed = |round: &Value| round["tcp_time"].is_null() && round["overall"] == false;
        rounds(history).iter().any(is_failed) && answered(history)
    };
    eventually("a failed round is kept", &viewer, "/api/history/CIKARANG?hours=1", failed).await;

    app.restart().await;
    let viewer = app.viewer().await;
    let all = viewer.get("/api/downtime/all?days=1").await.accepted().json();
    assert_eq!(all["tunnels"]["CIKARANG"][0]["start"], event["start"]);
    assert_eq!(all["tunnels"]["CIKARANG"][0]["end"], event["end"]);
    let history = viewer.get("/api/history/CIKARANG").await.accepted().json();
    assert!(failed(&history), "{history}");
    let times: Vec<_> = rounds(&history).iter().map(|round| round["timestamp"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let statistics = viewer.get("/api/statistics?days=30").await.accepted().json();
    let tunnel = &statistics["tunnel_statistics"]["CIKARANG"];
    assert_eq!((&statistics["period_days"], &tunnel["downtime_events"]), (&json!(30), &json!(1)));
    let (total, online) =
        (tunnel["total_checks"].as_u64().unwrap(), tunnel["online_checks"].as_u64().unwrap());
    assert!(online >= 1 && online < total, "{tunnel}");
    let uptime = tunnel["uptime_percentage"].as_f64().unwrap();
    assert!(uptime > 0.0 && uptime < 100.0, "{tunnel}");
    assert!(
        tunnel["total_downtime_seconds"].as_u64().unwrap() <= tunnel["observed_seconds"].as_u64().unwrap()
    );
}

#[tokio::test]
async fn a_routers_traffic_is_remembered_interface_by_interface() {
    let app = App::start().await;
    let (_sim, id) = app.with_router("edge-1").await;
    let viewer = app.viewer().await;
    let path = format!("/api/bandwidth/history/{id}");
    let is_measured = |answer: &Value| {
        rounds(answer).iter().any(|rate| rate["in_mbps"].is_number() && rate["out_mbps"].is_number())
    };
    let wan = eventually("the WAN is measured", &viewer, &path, is_measured).await;
    assert_eq!((&wan["success"], &wan["device"]["name"]), (&json!(true), &json!("edge-1")));
    let name = wan["interface"].as_str().unwrap().to_owned();
    let same = viewer.get(&format!("{path}?interface={name}&hours=1")).await.accepted().json();
    assert_eq!(same["interface"], wan["interface"]);
    viewer.get(&format!("{path}?interface=none-such")).await.has_status(404);
    let year = viewer.get(&format!("{path}?hours=8784")).await.accepted().json();
    assert_eq!(year["step_seconds"], 3600);
}

#[tokio::test]
async fn what_cannot_be_looked_back_at_is_refused_by_its_name() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    tunnel(&app, "T", 9).await;
    for (path, named) in [
        ("/api/history/T?hours=0", "hours"),
        ("/api/history/T?hours=100000", "hours"),
        ("/api/history/T?days=1", "days"),
        ("/api/downtime/T?days=367", "days"),
        ("/api/statistics?days=soon", "days"),
    ] {
        let answer = viewer.get(path).await.has_status(400);
        assert!(answer.text.contains(named), "{path}: {}", answer.text);
    }
    viewer.get("/api/history/nobody").await.has_status(404);
    viewer.get("/api/downtime/nobody").await.has_status(404);
}
