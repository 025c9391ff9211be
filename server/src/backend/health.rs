//! Whether the program itself is well: for whoever watches the watcher.

use super::Program;
use crate::{machine::FREE_BYTES_MIN, store::in_time};
use model::{Timestamp, WorkerState};
use std::time::Duration;

/// What `/health` is made of.
#[derive(Clone, Debug)]
pub struct Health {
    pub is_database_up: bool,
    pub unrecorded_since: Option<Timestamp>,
    /// Why there are no pings, where there are none: no failure of the program's.
    pub ping_trouble: Option<String>,
    pub stopped_workers: Vec<&'static str>,
    /// How late checks started of late, at the 99th percentile; nothing when none was due.
    pub lateness_p99: Option<Duration>,
    /// Room in the data folder; absent when the system does not tell.
    pub free_bytes: Option<u64>,
}

impl Health {
    pub fn is_ok(&self) -> bool {
        let is_recording = self.is_database_up && self.unrecorded_since.is_none();
        is_recording && self.stopped_workers.is_empty() && !self.is_disk_full()
    }

    /// There is less room in the data folder than [`FREE_BYTES_MIN`].
    pub fn is_disk_full(&self) -> bool {
        self.free_bytes.is_some_and(|free| free < FREE_BYTES_MIN)
    }
}

impl Program {
    pub async fn health(&self) -> Health {
        let workers = self.reports().into_iter();
        Health {
            is_database_up: in_time(self.store.ping()).await.is_ok(),
            unrecorded_since: self.fleet.unrecorded_since(),
            ping_trouble: self.engine.ping_trouble().map(|why| why.to_string()),
            stopped_workers: workers
                .filter(|worker| worker.state == WorkerState::Ended)
                .map(|worker| worker.name)
                .collect(),
            lateness_p99: self.engine.lateness().recent_p99,
            free_bytes: (self.vitals.free_bytes)().ok(),
        }
    }
}
