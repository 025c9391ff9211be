//! `/api/workers`: how the program's own workers are.

use super::{Asked, rfc3339};
use crate::web::{Admin, error::Failure};
use axum::Json;
use model::Worker;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const LIMIT_MAX: usize = 1000;
const LIMIT_DEFAULT: usize = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// 1 to 1000; 100 when absent.
    limit: Option<usize>,
    offset: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct WorkerList {
    success: bool,
    workers: Vec<WorkerBody>,
    total: usize,
}

#[derive(Serialize, ToSchema)]
pub struct WorkerBody {
    name: String,
    /// `running`, `restarting` (it failed, and is started again in a moment) or `ended`.
    state: &'static str,
    started_at: String,
    /// When it last finished a piece of work; `null` when it has not yet.
    last_run: Option<String>,
    /// What last went wrong, and when; `null` when nothing did.
    last_error: Option<WorkerErrorBody>,
    /// How often it was started again after a failure.
    restarts: u32,
}

#[derive(Serialize, ToSchema)]
pub struct WorkerErrorBody {
    at: String,
    message: String,
}

/// The program's own workers by name.
#[utoipa::path(get, path = "/api/workers", tag = "Program", params(Page), responses((status = 200, body = WorkerList)))]
pub async fn list(Admin(admin): Admin, Asked(page): Asked<Page>) -> Result<Json<WorkerList>, Failure> {
    let limit = page.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    let all = admin.list_workers();
    let total = all.len();
    let workers = all.into_iter().skip(page.offset.unwrap_or(0)).take(limit).map(WorkerBody::from);
    Ok(Json(WorkerList { success: true, workers: workers.collect(), total }))
}

impl From<Worker> for WorkerBody {
    fn from(worker: Worker) -> Self {
        let error = worker.last_error;
        Self {
            name: worker.name,
            state: worker.state.word(),
            started_at: rfc3339(worker.started_at),
            last_run: worker.last_run.map(rfc3339),
            last_error: error.map(|error| WorkerErrorBody { at: rfc3339(error.at), message: error.what }),
            restarts: worker.restarts,
        }
    }
}
