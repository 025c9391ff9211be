//! `/health`: for load balancers and whoever watches the watcher.

use crate::{
    machine::{FREE_BYTES_MIN, in_words},
    web::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `failing`.
    status: &'static str,
    version: &'static str,
    /// What is wrong, in words; empty when nothing is.
    problems: Vec<String>,
    scheduler: Scheduler,
    disk: Disk,
}

/// The disk of the data folder.
#[derive(Serialize, ToSchema)]
pub struct Disk {
    /// Below 64 MiB the status is `failing`; absent when the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_bytes: Option<u64>,
}

/// Whether checks start when they are due.
#[derive(Serialize, ToSchema)]
pub struct Scheduler {
    /// How many milliseconds late checks started in the last one or two minutes, at the 99th
    /// percentile; absent when none was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    lateness_ms_p99: Option<f64>,
}

/// Whether the program itself is well.
#[utoipa::path(get, path = "/health", tag = "Program", security(()), responses(
    (status = 200, description = "Everything works", body = Health),
    (status = 503, description = "Something does not", body = Health),
))]
pub async fn show(State(state): State<AppState>) -> (StatusCode, Json<Health>) {
    let health = state.program.health().await;
    let mut problems = Vec::new();
    if !health.is_database_up {
        problems.push("the database does not answer".to_owned());
    }
    if let Some(since) = health.unrecorded_since {
        problems.push(format!("nothing is being recorded since {}", super::rfc3339(since)));
    }
    if let Some(free) = health.free_bytes.filter(|_| health.is_disk_full()) {
        let (free, least) = (in_words(free), in_words(FREE_BYTES_MIN));
        problems.push(format!("the disk is nearly full: {free} free, at least {least} is wanted"));
    }
    if let Some(lateness) = health.lateness_p99.filter(|_| health.is_late()) {
        problems
            .push(format!("checks start {:.0} s late: the machine cannot keep up", lateness.as_secs_f64()));
    }
    problems.extend(health.stopped_workers.iter().map(|name| format!("the worker {name} stopped")));
    problems.extend(
        health.failing_workers.iter().map(|name| format!("the worker {name} fails and starts again")),
    );
    let (code, status) =
        if health.is_ok() { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "failing") };
    let lateness_ms_p99 = health.lateness_p99.map(|lateness| lateness.as_secs_f64() * 1000.0);
    let scheduler = Scheduler { lateness_ms_p99 };
    let disk = Disk { free_bytes: health.free_bytes };
    (code, Json(Health { status, version: env!("CARGO_PKG_VERSION"), problems, scheduler, disk }))
}
