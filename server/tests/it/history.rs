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
        ("/api/devices/1/history.csv?from=soon&to=2026-01-01T00:00:00Z", "from"),
        ("/api/devices/1/outages.csv?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("/api/devices/1/outages.csv?from=2024-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from"),
    ] {
        let answer = viewer.get(path).await.has_status(400);
        assert!(answer.text.contains(named), "{path}: {}", answer.text);
    }
    for (asked, is_told) in
        [("from=garbage", true), ("from=0", true), ("from=0&to=60000", false), ("range=7d", false)]
    {
        let page = viewer.visit(&format!("/history/1?{asked}")).await.accepted();
        assert_eq!(page.text.contains("Enter both times."), is_told, "{asked}");
    }
    // Where nothing is said it is the last 30 days.
    for path in ["/api/devices/1/history.csv", "/api/devices/1/outages.csv"] {
        viewer.get(path).await.accepted();
    }
    viewer.get("/api/history/nobody").await.has_status(404);
    viewer.get("/api/downtime/nobody").await.has_status(404);
}

#[tokio::test]
async fn a_devices_past_is_told_in_pages_and_in_files() {
    let app = App::start().await;
    let (_sim, id) = app.with_router("edge-1").await;
    let viewer = app.viewer().await;
    let path = format!("/api/bandwidth/history/{id}");
    let is_measured = |answer: &Value| rounds(answer).iter().any(|rate| rate["in_mbps"].is_number());
    eventually("traffic is measured", &viewer, &path, is_measured).await;
    let id = id.to_string();
    let to = chrono::Utc::now().timestamp_millis();
    let (from, to) = ((to - 600_000).to_string(), to.to_string());
    let asked = [("device", id.as_str()), ("from", from.as_str()), ("to", to.as_str())];
    let page = viewer.call("load_history", &asked).await.accepted().json();
    assert_eq!((&page["name"], &page["outages_total"]), (&json!("edge-1"), &json!(0)));
    let plots = page["plots"].as_array().unwrap();
    let interface = &page["interface"];
    assert!(page["interfaces"].as_array().unwrap().contains(interface), "{interface}");
    let rates: Vec<_> = plots.iter().filter(|plot| plot["measure"] == "rx_rate").collect();
    assert_eq!(rates.len(), 1, "one interface at a time");
    assert_eq!(&rates[0]["subject"], interface);
    assert!(plots.iter().any(|plot| plot["measure"] == "cpu_load"), "{plots:?}");
    for (from, to) in [(&to, &from), (&"0".to_owned(), &to)] {
        let asked = [("device", id.as_str()), ("from", from.as_str()), ("to", to.as_str())];
        let refused = viewer.call("load_history", &asked).await;
        assert!(refused.text.contains("error_span"), "{}", refused.text);
    }
    let compared = viewer.call("load_report", &[("days", "7")]).await.accepted().json();
    let row = &compared["rows"][0];
    assert_eq!((&row["name"], row["cells"].as_array().map(Vec::len)), (&json!("edge-1"), Some(48)));
    assert!(viewer.call("load_report", &[("days", "367")]).await.text.contains("error_out_of_range"));

    let day = "from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z";
    let none = viewer.get(&format!("/api/devices/{id}/history.csv?{day}")).await.accepted();
    assert_eq!(none.text.lines().count(), 1, "{}", none.text);
    assert!(none.header("content-type").starts_with("text/csv"));
    let now = chrono::Utc::now();
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let span = format!("from={}&to={}", time(now - chrono::TimeDelta::hours(1)), time(now));
    let file = viewer.get(&format!("/api/devices/{id}/history.csv?{span}")).await.accepted();
    assert!(file.text.lines().any(|line| line.contains(",cpu_load,,%,")), "{}", file.text);
    assert_eq!(
        viewer.get(&format!("/api/devices/{id}/outages.csv?{span}")).await.accepted().text.lines().count(),
        1
    );
}
