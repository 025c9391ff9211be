//! Which workers run, and in which order they stop: whoever makes work stops before whoever finishes it.

use engine::{Clock, Workers};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[cfg(test)]
mod tests;

/// Longest time for everything to stop.
pub const STOPPING_MAX: Duration = Duration::from_secs(10);
/// The share of it for answering and for asking: neither may use up the time of who writes down.
const SHARE: Duration = Duration::from_secs(3);

/// Workers that stop together.
pub struct Stage {
    name: &'static str,
    pub workers: Workers,
    pub stop: CancellationToken,
}

impl Stage {
    fn new(name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { name, workers: Workers::new(clock, TaskTracker::new()), stop: CancellationToken::new() }
    }

    /// Stops it, and waits for it until `deadline`.
    async fn end(&self, deadline: Instant) {
        self.stop.cancel();
        self.workers.tracker().close();
        if timeout_at(deadline, self.workers.tracker().wait()).await.is_err() {
            tracing::warn!(stage = self.name, "takes longer to stop than its share");
        }
    }

    fn is_over(&self) -> bool {
        self.workers.tracker().is_empty()
    }
}

/// Every worker of the program, in the order in which they stop.
pub struct Stages {
    /// Answers requests and feeds sockets.
    pub web: Stage,
    /// Asks devices.
    pub watching: Stage,
    /// Writes down what was seen.
    pub recording: Stage,
}

impl Stages {
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        Self {
            web: Stage::new("web", clock.clone()),
            watching: Stage::new("watching", clock.clone()),
            recording: Stage::new("recording", clock.clone()),
        }
    }

    /// Stops everything; `false` when something had to be left running.
    pub async fn stop(&self, deadline: Instant) -> bool {
        for stage in [&self.web, &self.watching] {
            stage.end(deadline.min(Instant::now() + SHARE)).await;
        }
        self.recording.end(deadline).await;
        // A stage that outlasted its share may have ended while the others did.
        let mut is_clean = true;
        for stage in [&self.web, &self.watching, &self.recording] {
            if !stage.is_over() {
                tracing::error!(stage = stage.name, "did not stop in time");
                is_clean = false;
            }
        }
        is_clean
    }

    /// Tells everything to stop at once, in no order.
    pub fn cancel(&self) {
        for stage in [&self.web, &self.watching, &self.recording] {
            stage.stop.cancel();
        }
    }
}
