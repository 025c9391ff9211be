//! Writes down what the engine found out, then lets everybody see it.
//!
//! The only writer of states. While the database fails, people still see what happens, under a banner that
//! says since when nothing is kept; what was missed is written as soon as it can be.

use crate::store::{self, Store};
use async_trait::async_trait;
use engine::{Clock, Duty, Fleet, Outcome};
use model::DeviceId;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, sleep_until, timeout, timeout_at},
};

#[cfg(test)]
mod tests;
mod timed;

pub use timed::{Stopwatch, Timed, WriteTimes};

/// Outcomes waiting for the journal; with more, the engine waits.
pub const QUEUE_MAX: usize = 1024;
/// Most outcomes in one transaction.
const BATCH_MAX: usize = 256;
/// How long news that are no change of state may wait for company.
const BATCH_WAIT: Duration = Duration::from_millis(500);
/// Longest time one transaction may take; a database that hangs has failed.
const RECORD_MAX: Duration = Duration::from_secs(5);
/// Between two tries while the database fails.
const RETRY: Duration = Duration::from_secs(2);
/// Most outcomes kept for a database that fails; beyond it the oldest are lost.
const MISSED_MAX: usize = 16 * 1024;

/// Where it is written down: all of a batch, or nothing of it.
#[async_trait]
pub trait Ledger: Send + Sync {
    async fn record(&self, outcomes: &[Outcome]) -> store::Result<()>;
}

#[async_trait]
impl Ledger for Store {
    async fn record(&self, outcomes: &[Outcome]) -> store::Result<()> {
        self.states().record(outcomes).await
    }
}

/// Hears of routers whose certificate was pinned.
pub type Pinned = Box<dyn Fn(DeviceId) + Send + Sync>;

/// One journal for the life of the process; its worker may be started again.
pub struct Journal {
    ledger: Arc<dyn Ledger>,
    fleet: Arc<Fleet>,
    clock: Arc<dyn Clock>,
    pinned: Pinned,
    inner: Mutex<Inner>,
}

struct Inner {
    outcomes: mpsc::Receiver<Outcome>,
    /// Seen by everybody, written by nobody yet; oldest first.
    missed: Vec<Outcome>,
}

/// What the journal waits for.
enum News {
    Outcome(Outcome),
    RetryIsDue,
    /// The journal is to stop, or the engine is gone and with it whatever could still come.
    End,
}

impl Journal {
    pub fn new(
        ledger: Arc<dyn Ledger>,
        fleet: Arc<Fleet>,
        clock: Arc<dyn Clock>,
        outcomes: mpsc::Receiver<Outcome>,
        pinned: Pinned,
    ) -> Arc<Self> {
        let inner = Mutex::new(Inner { outcomes, missed: Vec::new() });
        Arc::new(Self { ledger, fleet, clock, pinned, inner })
    }

    /// Writes until told to stop, and then what is left.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        // Held for the whole run: nobody but this worker reads the queue.
        let mut inner = self.inner.lock().await;
        let mut retry_at = Instant::now();
        loop {
            let news = tokio::select! {
                biased;
                () = sleep_until(retry_at), if !inner.missed.is_empty() => News::RetryIsDue,
                first = inner.outcomes.recv() => first.map_or(News::End, News::Outcome),
                () = duty.stop.cancelled() => News::End,
            };
            match news {
                News::Outcome(first) => {
                    let batch = fill(first, &mut inner.outcomes).await;
                    if inner.missed.is_empty() {
                        self.write(&mut inner, batch, &duty).await;
                        retry_at = Instant::now() + RETRY;
                    } else {
                        batch.into_iter().for_each(|outcome| self.put_off(&mut inner, outcome));
                        inner.forget_oldest();
                    }
                }
                News::RetryIsDue => {
                    self.catch_up(&mut inner, &duty).await;
                    retry_at = Instant::now() + RETRY;
                }
                News::End => {
                    while let Ok(outcome) = inner.outcomes.try_recv() {
                        self.put_off(&mut inner, outcome);
                    }
                    self.catch_up(&mut inner, &duty).await;
                    if !inner.missed.is_empty() {
                        tracing::error!(lost = inner.missed.len(), "stopped before all states were recorded");
                    }
                    return Ok(());
                }
            }
        }
    }

    /// Writes `batch`; whether or not that works, it is what people see from now on.
    async fn write(&self, inner: &mut Inner, batch: Vec<Outcome>, duty: &Duty) {
        let written = self.record(&batch, duty).await;
        if written {
            self.fleet.set_unrecorded(None);
        }
        for outcome in batch {
            self.fleet.confirm(&outcome);
            if !written {
                inner.missed.push(outcome);
            }
        }
    }

    /// Lets people see what is written later.
    fn put_off(&self, inner: &mut Inner, outcome: Outcome) {
        self.fleet.confirm(&outcome);
        inner.missed.push(outcome);
    }

    /// Writes what was missed, as far as that works. What comes meanwhile is seen at once.
    async fn catch_up(&self, inner: &mut Inner, duty: &Duty) {
        while !inner.missed.is_empty() {
            let part: Vec<_> = inner.missed.iter().take(BATCH_MAX).cloned().collect();
            let mut writing = pin!(self.record(&part, duty));
            let is_written = loop {
                tokio::select! {
                    biased;
                    is_written = &mut writing => break is_written,
                    Some(outcome) = inner.outcomes.recv() => self.put_off(inner, outcome),
                }
            };
            if !is_written {
                return inner.forget_oldest();
            }
            inner.missed.drain(..part.len());
        }
        self.fleet.set_unrecorded(None);
    }

    /// Whether it could be recorded in time. If not, the banner says so.
    async fn record(&self, outcomes: &[Outcome], duty: &Duty) -> bool {
        let failure = match timeout(RECORD_MAX, self.ledger.record(outcomes)).await {
            Ok(Ok(())) => {
                duty.ran();
                let pinned = outcomes.iter().filter(|outcome| outcome.first_seen_certificate.is_some());
                pinned.for_each(|outcome| (self.pinned)(outcome.device));
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("the database did not answer within {} s", RECORD_MAX.as_secs()),
        };
        tracing::error!(failure, waiting = outcomes.len(), "states cannot be recorded");
        duty.failed(failure);
        let since = self.fleet.unrecorded_since().unwrap_or_else(|| self.clock.now());
        self.fleet.set_unrecorded(Some(since));
        false
    }
}

impl Inner {
    fn forget_oldest(&mut self) {
        let lost = self.missed.len().saturating_sub(MISSED_MAX);
        self.missed.drain(..lost);
    }
}

/// Waits a moment for more news, unless a device changed its state.
async fn fill(first: Outcome, outcomes: &mut mpsc::Receiver<Outcome>) -> Vec<Outcome> {
    let flush_at = Instant::now() + BATCH_WAIT;
    let mut is_urgent = first.transition.is_some();
    let mut batch = vec![first];
    while batch.len() < BATCH_MAX {
        let next = if is_urgent {
            outcomes.try_recv().ok()
        } else {
            timeout_at(flush_at, outcomes.recv()).await.ok().flatten()
        };
        let Some(next) = next else { break };
        is_urgent |= next.transition.is_some();
        batch.push(next);
    }
    batch
}
