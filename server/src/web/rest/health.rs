//! `/health`: for load balancers and whoever watches the watcher.

use crate::web::AppState;
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
    problems.extend(health.stopped_workers.iter().map(|name| format!("the worker {name} stopped")));
    let (code, status) =
        if health.is_ok() { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "failing") };
    (code, Json(Health { status, version: env!("CARGO_PKG_VERSION"), problems }))
}
