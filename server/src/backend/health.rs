//! Whether the program itself is well: for whoever watches the watcher.

use super::Program;
use crate::{machine::FREE_BYTES_MIN, store::in_time};
use engine::WorkerReport;
use model::{Timestamp, WorkerState};
use std::time::Duration;

/// Later than this, 99 of 100 checks being earlier, the machine cannot keep up.
pub const LATENESS_MAX: Duration = Duration::from_secs(5);

/// A worker that fails gets so long to get over it.
const FAILING_MAX_MS: i64 = 60_000;

/// What `/health` is made of.
#[derive(Clone, Debug)]
pub struct Health {
    pub is_database_up: bool,
    pub unrecorded_since: Option<Timestamp>,
    /// Why there are no pings, where there are none: no failure of the program's.
    pub ping_trouble: Option<String>,
    pub stopped_workers: Vec<&'static str>,
    /// Those that end again and again.
    pub failing_workers: Vec<&'static str>,
    /// How late checks started of late, at the 99th percentile; nothing when none was due.
    pub lateness_p99: Option<Duration>,
    /// Room in the data folder; absent when the system does not tell.
    pub free_bytes: Option<u64>,
}

impl Health {
    pub fn is_ok(&self) -> bool {
        let is_recording = self.is_database_up && self.unrecorded_since.is_none();
        let is_working = self.stopped_workers.is_empty() && self.failing_workers.is_empty();
        is_recording && is_working && !self.is_disk_full() && !self.is_late()
    }

    /// Checks start later than [`LATENESS_MAX`]: what is shown is older than it seems.
    pub fn is_late(&self) -> bool {
        self.lateness_p99.is_some_and(|lateness| lateness > LATENESS_MAX)
    }

    /// There is less room in the data folder than [`FREE_BYTES_MIN`].
    pub fn is_disk_full(&self) -> bool {
        self.free_bytes.is_some_and(|free| free < FREE_BYTES_MIN)
    }
}

impl Program {
    pub async fn health(&self) -> Health {
        let now = self.clock.now();
        let named = |is_it: &dyn Fn(&WorkerReport) -> bool| {
            self.reports().iter().filter(|worker| is_it(worker)).map(|worker| worker.name).collect::<Vec<_>>()
        };
        let is_failing = |worker: &WorkerReport| {
            worker.failing_since.is_some_and(|since| now.since_ms(since) > FAILING_MAX_MS)
        };
        Health {
            is_database_up: in_time(self.store.ping()).await.is_ok(),
            unrecorded_since: self.fleet.unrecorded_since(),
            ping_trouble: self.engine.ping_trouble().map(|why| why.to_string()),
            stopped_workers: named(&|worker| worker.state == WorkerState::Ended),
            failing_workers: named(&is_failing),
            lateness_p99: self.engine.lateness().recent_p99,
            free_bytes: (self.vitals.free_bytes)().ok(),
        }
    }
}
