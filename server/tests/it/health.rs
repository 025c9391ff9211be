//! What the program says of itself.

use crate::fixture::{App, eventually};
use serde_json::json;
use server::{app::Surroundings, machine::FREE_BYTES_MIN};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

#[tokio::test]
async fn health_tells_how_late_checks_start_once_there_are_some() {
    let app = App::start().await;
    let anybody = app.anonymous();
    let idle = anybody.get("/health").await.accepted().json();
    assert_eq!((&idle["status"], &idle["scheduler"]), (&json!("ok"), &json!({})));
    assert!(idle["disk"]["free_bytes"].as_u64().unwrap() > 0, "{idle}");

    let device = json!({"name": "t", "ip_address": "127.0.0.1", "device_type": "tunnel", "port": 9});
    app.admin().await.post("/api/devices", &device).await.has_status(201);
    let lateness = |health: &serde_json::Value| health["scheduler"]["lateness_ms_p99"].as_f64();
    let busy =
        eventually("a check was started", &anybody, "/health", |health| lateness(health).is_some()).await;
    assert!((0.0..60_000.0).contains(&lateness(&busy).unwrap()), "{busy}");
}

#[tokio::test]
async fn health_fails_while_the_disk_is_nearly_full_and_says_so() {
    let free = Arc::new(AtomicU64::new(FREE_BYTES_MIN));
    let left = free.clone();
    let surroundings = Surroundings {
        free_bytes: Some(Arc::new(move || Ok(left.load(Relaxed)))),
        ..Surroundings::default()
    };
    let app = App::in_surroundings(&[], surroundings).await;
    app.anonymous().get("/health").await.accepted();
    free.store(FREE_BYTES_MIN - 1, Relaxed);
    let full = app.anonymous().get("/health").await.has_status(503).json();
    assert_eq!(
        (&full["status"], &full["disk"]["free_bytes"]),
        (&json!("failing"), &json!(FREE_BYTES_MIN - 1))
    );
    let problem = full["problems"][0].as_str().unwrap();
    assert!(problem.contains("disk is nearly full") && problem.contains("64.0 MiB"), "{problem}");
    free.store(FREE_BYTES_MIN, Relaxed);
    app.anonymous().get("/health").await.accepted();
}

#[tokio::test]
async fn a_disk_that_tells_nothing_is_no_failure() {
    let silent = Arc::new(|| Err(std::io::Error::other("not told")));
    let surroundings = Surroundings { free_bytes: Some(silent), ..Surroundings::default() };
    let app = App::in_surroundings(&[], surroundings).await;
    assert_eq!(app.anonymous().get("/health").await.accepted().json()["disk"], json!({}));
}
