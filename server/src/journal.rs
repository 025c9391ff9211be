//! Writes down what the engine found out, then lets everybody see it.
//!
//! The only writer of states. While the database fails, people still see what happens, under a banner that
//! says since when nothing is kept; what was missed is written as soon as it can be.

use crate::store::{self, Store};
use async_trait::async_trait;
use engine::{Clock, Duty, Fleet, Outcome};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, sleep_until, timeout_at},
};

/// Outcomes waiting for the journal; with more, the engine waits.
pub const QUEUE_MAX: usize = 1024;
/// Most outcomes in one transaction.
const BATCH_MAX: usize = 256;
/// How long news that are no change of state may wait for company.
const BATCH_WAIT: Duration = Duration::from_millis(500);
/// Between two tries while the database fails.
const RETRY: Duration = Duration::from_secs(2);
/// Most outcomes kept for a database that fails; beyond it the oldest are lost.
const MISSED_MAX: usize = 16 * 1024;

#[cfg(test)]
mod tests;

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

/// One journal for the life of the process; its worker may be started again.
pub struct Journal {
    ledger: Arc<dyn Ledger>,
    fleet: Arc<Fleet>,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

struct Inner {
    outcomes: mpsc::Receiver<Outcome>,
    /// Seen by everybody, written by nobody yet; oldest first.
    missed: Vec<Outcome>,
}

impl Journal {
    pub fn new(
        ledger: Arc<dyn Ledger>,
        fleet: Arc<Fleet>,
        clock: Arc<dyn Clock>,
        outcomes: mpsc::Receiver<Outcome>,
    ) -> Arc<Self> {
        let inner = Mutex::new(Inner { outcomes, missed: Vec::new() });
        Arc::new(Self { ledger, fleet, clock, inner })
    }

    /// Writes until told to stop, and then what is left. `pinned` hears of certificates that were pinned.
    pub async fn run(&self, duty: Duty, pinned: impl Fn(model::DeviceId)) -> anyhow::Result<()> {
        // Held for the whole run: nobody but this worker reads the queue.
        let mut inner = self.inner.lock().await;
        loop {
            let retry_at = (!inner.missed.is_empty()).then(|| Instant::now() + RETRY);
            let first = tokio::select! {
                biased;
                first = inner.outcomes.recv() => first,
                () = until(retry_at) => None,
                () = duty.stop.cancelled() => {
                    let rest = std::iter::from_fn(|| inner.outcomes.try_recv().ok()).collect();
                    self.write(&mut inner, rest, &duty).await;
                    return Ok(());
                }
            };
            let batch = match first {
                Some(first) => fill(first, &mut inner.outcomes).await,
                None if retry_at.is_some() => Vec::new(),
                // The engine is gone, and with it whatever could still come.
                None => return Ok(()),
            };
            let pins: Vec<_> = batch
                .iter()
                .filter(|outcome| outcome.first_seen_certificate.is_some())
                .map(|outcome| outcome.device)
                .collect();
            if self.write(&mut inner, batch, &duty).await {
                pins.into_iter().for_each(&pinned);
            }
        }
    }

    /// Writes what was missed and `batch`; whether or not that works, `batch` is what people see from now on.
    async fn write(&self, inner: &mut Inner, batch: Vec<Outcome>, duty: &Duty) -> bool {
        let news = inner.missed.len();
        inner.missed.extend(batch);
        let mut written = 0;
        let mut failure = None;
        for part in inner.missed.chunks(BATCH_MAX) {
            match self.ledger.record(part).await {
                Ok(()) => written += part.len(),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        for outcome in inner.missed.iter().skip(news) {
            self.fleet.confirm(outcome);
        }
        inner.missed.drain(..written);
        match failure {
            None => {
                duty.ran();
                self.fleet.set_unrecorded(None);
                true
            }
            Some(error) => {
                tracing::error!(%error, waiting = inner.missed.len(), "states cannot be recorded");
                duty.failed(error);
                let since = self.fleet.unrecorded_since().unwrap_or_else(|| self.clock.now());
                self.fleet.set_unrecorded(Some(since));
                let lost = inner.missed.len().saturating_sub(MISSED_MAX);
                inner.missed.drain(..lost);
                false
            }
        }
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

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
