//! Whether the program itself is well: for whoever watches the watcher.

use super::Program;
use crate::store::in_time;
use engine::Workers;
use model::Timestamp;
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
}

impl Health {
    pub fn is_ok(&self) -> bool {
        self.is_database_up && self.unrecorded_since.is_none() && self.stopped_workers.is_empty()
    }
}

impl Program {
    pub async fn health(&self) -> Health {
        let ours = self.workers.iter().flat_map(Workers::reports);
        let workers = self.engine.workers().into_iter().chain(ours);
        Health {
            is_database_up: in_time(self.store.ping()).await.is_ok(),
            unrecorded_since: self.fleet.unrecorded_since(),
            ping_trouble: self.engine.ping_trouble().map(|why| why.to_string()),
            stopped_workers: workers.filter(|worker| !worker.is_running).map(|worker| worker.name).collect(),
            lateness_p99: self.engine.lateness().recent_p99,
        }
    }
}
