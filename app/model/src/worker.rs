//! The program's own long-lived workers, as an admin sees them.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What a worker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    Running,
    /// It failed, and waits a moment until it is started again.
    Restarting,
    /// It has nothing left to do, or did not stop when it was told to.
    Ended,
}

impl WorkerState {
    pub const ALL: [WorkerState; 3] = [WorkerState::Running, WorkerState::Restarting, WorkerState::Ended];

    /// The word of the API and of the metrics.
    pub fn word(self) -> &'static str {
        match self {
            WorkerState::Running => "running",
            WorkerState::Restarting => "restarting",
            WorkerState::Ended => "ended",
        }
    }
}

/// One worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    pub name: String,
    pub state: WorkerState,
    pub started_at: Timestamp,
    /// When it last finished a piece of work.
    pub last_run: Option<Timestamp>,
    pub last_error: Option<WorkerError>,
    /// How often it was started again after a failure.
    pub restarts: u32,
}

/// What last went wrong with a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerError {
    pub at: Timestamp,
    pub what: String,
}
