//! Long-lived workers: each has a name, is started again when it fails, can be stopped, and reports.
//!
//! The only place where such tasks start. Short tasks live in a `JoinSet` that a worker owns.

use crate::Clock;
use futures::FutureExt;
use model::{Timestamp, WorkerState};
use parking_lot::Mutex;
use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info};

#[cfg(test)]
mod tests;

const BACKOFF_MIN: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// A worker that ran this long was well: its next failure waits [`BACKOFF_MIN`] again.
const HEALTHY: Duration = Duration::from_secs(60);
/// How long a worker may take to stop before it is dropped where it stands.
const STOPPING_MAX: Duration = Duration::from_secs(8);

/// What a page shows of one worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerReport {
    pub name: &'static str,
    pub state: WorkerState,
    pub started_at: Timestamp,
    /// When it last finished a piece of work.
    pub last_run: Option<Timestamp>,
    pub last_error: Option<(Timestamp, String)>,
    pub restarts: u32,
    /// Since when it ends again and again without having done anything in between.
    pub failing_since: Option<Timestamp>,
}

/// Every worker of the process.
#[derive(Clone)]
pub struct Workers {
    clock: Arc<dyn Clock>,
    tracker: TaskTracker,
    reports: Arc<Mutex<Vec<WorkerReport>>>,
}

/// What a worker holds while it works.
#[derive(Clone)]
pub struct Duty {
    /// Cancelled when the worker should end.
    pub stop: CancellationToken,
    workers: Workers,
    index: usize,
}

impl Duty {
    /// A piece of work is done: shown as the worker's last run.
    pub fn ran(&self) {
        let now = self.workers.clock.now();
        self.workers.change(self.index, |report| {
            report.last_run = Some(now);
            report.failing_since = None;
        });
    }

    /// Something went wrong that the worker itself gets over.
    pub fn failed(&self, error: impl ToString) {
        let error = (self.workers.clock.now(), error.to_string());
        self.workers.change(self.index, |report| report.last_error = Some(error));
    }
}

impl Workers {
    pub fn new(clock: Arc<dyn Clock>, tracker: TaskTracker) -> Self {
        Self { clock, tracker, reports: Arc::default() }
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Finished when every worker and every short task is.
    pub fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    /// In the order in which they were started.
    pub fn reports(&self) -> Vec<WorkerReport> {
        self.reports.lock().clone()
    }

    /// Runs `work` until `stop`, and again whenever it fails or panics, waiting longer each time.
    /// `Ok` is the end of the work.
    pub fn start<W, F>(&self, name: &'static str, stop: CancellationToken, work: W)
    where
        W: FnMut(Duty) -> F + Send + 'static,
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let index = {
            let mut reports = self.reports.lock();
            reports.push(WorkerReport {
                name,
                state: WorkerState::Running,
                started_at: self.clock.now(),
                last_run: None,
                last_error: None,
                restarts: 0,
                failing_since: None,
            });
            reports.len() - 1
        };
        let duty = Duty { stop, workers: self.clone(), index };
        self.tracker.spawn(supervise(name, duty, work));
    }

    fn change(&self, index: usize, with: impl FnOnce(&mut WorkerReport)) {
        if let Some(report) = self.reports.lock().get_mut(index) {
            with(report);
        }
    }
}

async fn supervise<W, F>(name: &'static str, duty: Duty, mut work: W)
where
    W: FnMut(Duty) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let mut backoff = BACKOFF_MIN;
    loop {
        let started = Instant::now();
        // In a block, so that a panic before the first await is caught too.
        let turn = AssertUnwindSafe(async { work(duty.clone()).await }).catch_unwind();
        match until_stopped(&duty.stop, turn).await {
            None => {
                error!(name, "worker did not stop in time");
                break;
            }
            Some(Ok(Ok(()))) => {
                info!(name, "worker finished");
                break;
            }
            Some(Ok(Err(error))) => {
                error!(name, error = format!("{error:#}"), "worker failed");
                duty.failed(format!("{error:#}"));
            }
            Some(Err(panic)) => {
                let what = words(panic.as_ref());
                error!(name, what, "worker panicked");
                duty.failed(format!("panicked: {what}"));
            }
        }
        let was_well = started.elapsed() >= HEALTHY;
        if was_well {
            backoff = BACKOFF_MIN;
        }
        let now = duty.workers.clock.now();
        duty.workers.change(duty.index, |report| {
            report.state = WorkerState::Restarting;
            report.failing_since = report.failing_since.filter(|_| !was_well).or(Some(now));
        });
        if duty.stop.run_until_cancelled(sleep(backoff)).await.is_none() {
            break;
        }
        backoff = (backoff * 2).min(BACKOFF_MAX);
        duty.workers.change(duty.index, |report| {
            report.restarts += 1;
            report.state = WorkerState::Running;
        });
    }
    duty.workers.change(duty.index, |report| report.state = WorkerState::Ended);
}

/// The work's end, or nothing when it goes on for [`STOPPING_MAX`] after `stop`.
async fn until_stopped<F: Future>(stop: &CancellationToken, work: F) -> Option<F::Output> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        end = &mut work => Some(end),
        () = stop.cancelled() => timeout(STOPPING_MAX, work).await.ok(),
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}
