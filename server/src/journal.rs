//! Writes down what the engine found out, then lets everybody see it.
//!
//! The only writer of states and samples. While the database fails, people still see what happens, under a banner that
//! says since when nothing is kept; what was missed is written as soon as it can be.

use crate::store;
use async_trait::async_trait;
use engine::{Clock, Duty, Fleet, Outcome};
use model::{DeviceId, Sample, Timestamp};
use std::{collections::VecDeque, pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, sleep_until, timeout, timeout_at},
};

#[cfg(test)]
mod tests;
mod timed;

pub use timed::{Stopwatch, Timed, WriteTimes};

/// Outcomes waiting for the journal, as many as 10,000 devices have while a database hangs for [`RECORD_MAX`]; with more,
/// the engine waits.
pub const QUEUE_MAX: usize = 8 * 1024;
/// Most outcomes in one transaction.
const BATCH_MAX: usize = 1024;
/// How long news that are no change of state may wait for company.
const BATCH_WAIT: Duration = Duration::from_millis(500);
/// Longest time one transaction may take; a database that hangs has failed.
const RECORD_MAX: Duration = Duration::from_secs(5);
/// Between two tries while the database fails.
const RETRY: Duration = Duration::from_secs(2);
/// Most changes of states kept for a database that fails; beyond it the oldest are lost.
const MISSED_MAX: usize = 16 * 1024;
/// The same of samples, which are many and each of little weight.
const SAMPLES_MAX: usize = 256 * 1024;
/// How often it is looked whether the ledger has something to tidy.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// How long the ledger may tidy in one go: changes of states that come meanwhile wait for it.
const TIDY_MAX: Duration = Duration::from_millis(100);

/// A number that a device was measured at.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    pub device: DeviceId,
    pub at: Timestamp,
    pub sample: Sample,
}

/// Where it is written down: all of a batch, or nothing of it.
#[async_trait]
pub trait Ledger: Send + Sync {
    async fn record(&self, outcomes: &[Outcome], samples: &[Sampled]) -> store::Result<()>;

    /// Brings a little of what was recorded into its lasting form; whether there is more to do.
    async fn tidy(&self) -> store::Result<bool>;
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
    samples: VecDeque<Sampled>,
}

/// What goes into one transaction.
#[derive(Default)]
struct Batch {
    outcomes: Vec<Outcome>,
    samples: Vec<Sampled>,
}

/// What the journal waits for.
enum News {
    Outcome(Outcome),
    RetryIsDue,
    TidyingIsDue,
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
        let inner = Mutex::new(Inner { outcomes, missed: Vec::new(), samples: VecDeque::new() });
        Arc::new(Self { ledger, fleet, clock, pinned, inner })
    }

    /// Writes until told to stop, and then what is left.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        // Held for the whole run: nobody but this worker reads the queue.
        let mut inner = self.inner.lock().await;
        let (mut retry_at, mut tidy_at) = (Instant::now(), Instant::now());
        // Whether there was more to tidy than fits one turn: then turns of both kinds take turns.
        let mut is_untidy = false;
        loop {
            let is_behind = !inner.is_caught_up();
            let may_tidy = !is_behind && (!is_untidy || inner.outcomes.is_empty());
            let news = tokio::select! {
                biased;
                () = sleep_until(retry_at), if is_behind => News::RetryIsDue,
                () = sleep_until(tidy_at), if may_tidy => News::TidyingIsDue,
                first = inner.outcomes.recv() => first.map_or(News::End, News::Outcome),
                () = duty.stop.cancelled() => News::End,
            };
            match news {
                News::Outcome(first) => {
                    let wait = if is_untidy { Duration::ZERO } else { BATCH_WAIT };
                    let batch = fill(first, &mut inner.outcomes, wait).await;
                    is_untidy = false;
                    if is_behind {
                        batch.into_iter().for_each(|outcome| self.put_off(&mut inner, outcome));
                        inner.forget_oldest();
                    } else {
                        self.write(&mut inner, batch, &duty).await;
                        retry_at = Instant::now() + RETRY;
                    }
                }
                News::RetryIsDue => {
                    self.catch_up(&mut inner, &duty).await;
                    retry_at = Instant::now() + RETRY;
                }
                News::TidyingIsDue => {
                    is_untidy = self.tidy(&duty).await;
                    tidy_at = if is_untidy { Instant::now() } else { Instant::now() + TIDY_EVERY };
                }
                News::End => {
                    while let Ok(outcome) = inner.outcomes.try_recv() {
                        self.put_off(&mut inner, outcome);
                    }
                    self.catch_up(&mut inner, &duty).await;
                    if !inner.is_caught_up() {
                        let (lost, samples) = (inner.missed.len(), inner.samples.len());
                        tracing::error!(lost, samples, "stopped before all states were recorded");
                    }
                    return Ok(());
                }
            }
        }
    }

    /// Writes `outcomes`; whether or not that works, it is what people see from now on.
    async fn write(&self, inner: &mut Inner, outcomes: Vec<Outcome>, duty: &Duty) {
        let mut batch = Batch::default();
        for mut outcome in outcomes {
            batch.samples.append(&mut take_samples(&mut outcome));
            if !outcome.is_empty() {
                batch.outcomes.push(outcome);
            }
        }
        let left = self.record(batch, duty).await;
        if left.missed.is_empty() && left.samples.is_empty() {
            self.fleet.set_unrecorded(None);
        }
        left.seen.iter().chain(&left.missed).for_each(|outcome| self.fleet.confirm(outcome));
        inner.missed.extend(left.missed);
        inner.samples.extend(left.samples);
    }

    /// Lets people see what is written later.
    fn put_off(&self, inner: &mut Inner, mut outcome: Outcome) {
        self.fleet.confirm(&outcome);
        inner.samples.extend(take_samples(&mut outcome));
        if !outcome.is_empty() {
            inner.missed.push(outcome);
        }
    }

    /// Writes what was missed, as far as that works. What comes meanwhile is seen at once.
    async fn catch_up(&self, inner: &mut Inner, duty: &Duty) {
        while !inner.is_caught_up() {
            let outcomes: Vec<_> = inner.missed.drain(..inner.missed.len().min(BATCH_MAX)).collect();
            let samples: Vec<_> = inner.samples.drain(..inner.samples.len().min(BATCH_MAX)).collect();
            let mut writing = pin!(self.record(Batch { outcomes, samples }, duty));
            let left = loop {
                tokio::select! {
                    biased;
                    left = &mut writing => break left,
                    Some(outcome) = inner.outcomes.recv() => self.put_off(inner, outcome),
                }
            };
            let is_written = left.missed.is_empty() && left.samples.is_empty();
            inner.missed.splice(..0, left.missed);
            left.samples.into_iter().rev().for_each(|sampled| inner.samples.push_front(sampled));
            if !is_written {
                return inner.forget_oldest();
            }
        }
        self.fleet.set_unrecorded(None);
    }

    /// Records a batch in time, or says by the banner that it cannot; what is left of it.
    async fn record(&self, batch: Batch, duty: &Duty) -> Left {
        let Batch { outcomes, samples } = batch;
        let failure = match self.try_to_record(&outcomes, &samples).await {
            Ok(()) => {
                self.recorded(&outcomes, duty);
                return Left { seen: outcomes, ..Left::default() };
            }
            Err(failure) => failure,
        };
        tracing::error!(%failure, waiting = outcomes.len(), samples = samples.len(), "states cannot be recorded");
        let since = self.fleet.unrecorded_since().unwrap_or_else(|| self.clock.now());
        self.fleet.set_unrecorded(Some(since));
        // What is wrong with the samples is to cost no state.
        let is_answered = matches!(failure, Failure::Refused(_));
        duty.failed(failure.to_string());
        if is_answered && !samples.is_empty() && self.try_to_record(&outcomes, &[]).await.is_ok() {
            self.recorded(&outcomes, duty);
            return Left { seen: outcomes, missed: Vec::new(), samples };
        }
        Left { seen: Vec::new(), missed: outcomes, samples }
    }

    async fn try_to_record(&self, outcomes: &[Outcome], samples: &[Sampled]) -> Result<(), Failure> {
        match timeout(RECORD_MAX, self.ledger.record(outcomes, samples)).await {
            Ok(done) => done.map_err(|error| Failure::Refused(error.to_string())),
            Err(_) => Err(Failure::Late),
        }
    }

    fn recorded(&self, outcomes: &[Outcome], duty: &Duty) {
        duty.ran();
        let pinned = outcomes.iter().filter(|outcome| outcome.first_seen_certificate.is_some());
        pinned.for_each(|outcome| (self.pinned)(outcome.device));
    }

    /// Lets the ledger tidy for a moment; whether there is more. A failure costs nothing yet: what is recorded stays,
    /// and it is tried again.
    async fn tidy(&self, duty: &Duty) -> bool {
        let until = Instant::now() + TIDY_MAX;
        loop {
            let failure = match timeout(RECORD_MAX, self.ledger.tidy()).await {
                Ok(Ok(true)) if Instant::now() < until => continue,
                Ok(Ok(is_more)) => return is_more,
                Ok(Err(error)) => Failure::Refused(error.to_string()),
                Err(_) => Failure::Late,
            };
            tracing::warn!(%failure, "samples cannot be put in order");
            duty.failed(failure.to_string());
            return false;
        }
    }
}

/// What became of a batch.
#[derive(Default)]
struct Left {
    /// Written.
    seen: Vec<Outcome>,
    missed: Vec<Outcome>,
    samples: Vec<Sampled>,
}

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Refused(String),
    #[error("the database did not answer within {} s", RECORD_MAX.as_secs())]
    Late,
}

fn take_samples(outcome: &mut Outcome) -> Vec<Sampled> {
    let (device, at) = (outcome.device, outcome.at);
    outcome.samples.drain(..).map(|sample| Sampled { device, at, sample }).collect()
}

impl Inner {
    fn is_caught_up(&self) -> bool {
        self.missed.is_empty() && self.samples.is_empty()
    }

    fn forget_oldest(&mut self) {
        let lost = self.missed.len().saturating_sub(MISSED_MAX);
        self.missed.drain(..lost);
        let lost = self.samples.len().saturating_sub(SAMPLES_MAX);
        self.samples.drain(..lost);
    }
}

/// Waits a moment for more news, unless a device changed its state.
async fn fill(first: Outcome, outcomes: &mut mpsc::Receiver<Outcome>, wait: Duration) -> Vec<Outcome> {
    let flush_at = Instant::now() + wait;
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
