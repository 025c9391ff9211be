//! What the program says of itself.

use crate::fixture::{App, eventually};
use serde_json::json;

#[tokio::test]
async fn health_tells_how_late_checks_start_once_there_are_some() {
    let app = App::start().await;
    let anybody = app.anonymous();
    let idle = anybody.get("/health").await.accepted().json();
    assert_eq!((&idle["status"], &idle["scheduler"]), (&json!("ok"), &json!({})));

    let device = json!({"name": "t", "ip_address": "127.0.0.1", "device_type": "tunnel", "port": 9});
    app.admin().await.post("/api/devices", &device).await.has_status(201);
    let lateness = |health: &serde_json::Value| health["scheduler"]["lateness_ms_p99"].as_f64();
    let busy =
        eventually("a check was started", &anybody, "/health", |health| lateness(health).is_some()).await;
    assert!((0.0..60_000.0).contains(&lateness(&busy).unwrap()), "{busy}");
}
