//! The program in numbers, as a collector reads them.

use crate::fixture::{ADMIN, App, VIEWER, eventually};
use std::collections::{BTreeMap, BTreeSet};

/// The samples by name and labels; fails at a line that is not in the format, or in no family's place.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let (mut family, mut known, mut samples) = (String::new(), BTreeSet::new(), BTreeMap::new());
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split_once(' ').expect(line).0.to_owned();
            assert!(known.insert(family.clone()), "{family} comes twice");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect(line);
            assert_eq!(name, family);
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').expect(line);
            let bare = name.split('{').next().unwrap();
            let parts = ["", "_bucket", "_sum", "_count"].map(|part| format!("{family}{part}"));
            assert!(parts.iter().any(|part| part == bare), "{line} under {family}");
            assert!(
                samples.insert(name.to_owned(), value.parse().expect(line)).is_none(),
                "{name} comes twice"
            );
        }
    }
    samples
}

#[tokio::test]
async fn a_token_reads_what_the_program_does_and_no_name_of_a_device_is_among_it() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (_sim, _) = app.with_router("secret-site").await;
    let tunnel = serde_json::json!({"name": "t-secret", "ip_address": "127.0.0.1", "device_type": "tunnel", "port": 9});
    admin.post("/api/devices", &tunnel).await.has_status(201);
    let up = |status: &serde_json::Value| status["devices"][0]["state"] == "up";
    eventually("the router is up", &admin, "/api/devices?type=router", up).await;
    admin.post("/api/refresh", &serde_json::json!({})).await.accepted();

    let answer = app.token(VIEWER, "read").await.get("/metrics").await.accepted();
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert!(!answer.text.contains("secret"), "{}", answer.text);
    let seen = samples(&answer.text);
    let at = |name: &str| *seen.get(name).unwrap_or_else(|| panic!("{name} is not in {}", answer.text));
    assert_eq!(at("routewarden_devices{state=\"up\"}"), 1.0);
    assert!(at("routewarden_checks_total{kind=\"routeros\",outcome=\"up\"}") >= 1.0);
    assert!(at("routewarden_checks_total{kind=\"tcp\",outcome=\"down\"}") >= 1.0);
    assert_eq!(at("routewarden_checks_total{kind=\"tcp\",outcome=\"up\"}"), 0.0);
    let count = at("routewarden_check_lateness_seconds_count");
    assert!(count >= 2.0);
    assert_eq!(at("routewarden_check_lateness_seconds_bucket{le=\"+Inf\"}"), count);
    assert!(at("routewarden_database_write_seconds_count") >= 1.0);
    assert_eq!(at("routewarden_database_write_failures_total"), 0.0);
    for outcome in ["taken", "too_many", "no_room", "stranger"] {
        assert_eq!(at(&format!("routewarden_syslog_lines_total{{outcome=\"{outcome}\"}}")), 0.0);
    }
    assert_eq!(at("routewarden_recording"), 1.0);
    assert!(at("routewarden_sessions") >= 1.0);
    assert_eq!(at("routewarden_workers{state=\"restarting\"}"), 0.0);
    assert_eq!(at("routewarden_worker_restarts_total{worker=\"journal\"}"), 0.0);
    assert_eq!(at(&format!("routewarden_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    for positive in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_start_time_seconds",
        "routewarden_disk_free_bytes",
    ] {
        assert!(at(positive) > 0.0, "{positive}");
    }
    let buckets =
        seen.iter().filter(|(name, _)| name.starts_with("routewarden_database_write_seconds_bucket"));
    assert_eq!(buckets.count(), 10);
}

#[tokio::test]
async fn open_sockets_are_counted_while_they_are_open() {
    let app = App::start().await;
    let token = app.token(ADMIN, "read").await;
    let sockets = async || samples(&token.get("/metrics").await.accepted().text)["routewarden_live_sockets"];
    assert_eq!(sockets().await, 0.0);
    let socket = crate::fixture::LiveSocket::open(&app.viewer().await).await;
    assert_eq!(sockets().await, 1.0);
    drop(socket);
}

#[tokio::test]
async fn only_a_token_reads_the_numbers() {
    let app = App::start().await;
    app.anonymous().get("/metrics").await.has_status(401);
    for session in [app.viewer().await, app.admin().await] {
        let refused = session.get("/metrics").await.has_status(403).json();
        assert_eq!(refused["error"]["code"], "token_only");
    }
    for (name, scope) in [(ADMIN, "read"), (ADMIN, "write"), (VIEWER, "read")] {
        app.token(name, scope).await.get("/metrics").await.accepted();
    }
}
