//! Writes down what the engine found out, then lets everybody see it.
//!
//! The only writer of states and samples. While the database fails, people still see what happens, under a banner that
//! says since when nothing is kept; what was missed is written as soon as it can be.

use crate::store;
use async_trait::async_trait;
use engine::{Clock, Duty, Fleet, Outcome};
use model::{DeviceId, Sample, Timestamp};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, sleep_until, timeout, timeout_at},
};

mod queue;
#[cfg(test)]
mod tests;
mod timed;

use queue::Queue;
pub use queue::{Numbered, Part};
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
    /// Writes what it has not written yet. What it is not known to have written comes again, under the same numbers.
    /// Nothing at all is a question whether anything can be written.
    async fn record(&self, outcomes: Part<'_, Outcome>, samples: Part<'_, Sampled>) -> store::Result<()>;

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
    /// Seen by everybody, written by nobody yet.
    missed: Queue<Outcome>,
    samples: Queue<Sampled>,
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
        let inner = Mutex::new(Inner { outcomes, missed: Queue::default(), samples: Queue::default() });
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
        outcomes.into_iter().for_each(|outcome| inner.add(outcome));
        let left = self.record(inner.missed.take(usize::MAX), inner.samples.take(usize::MAX), duty).await;
        if left.is_nothing() {
            self.fleet.set_unrecorded(None);
        }
        left.seen.iter().chain(&left.missed.items).for_each(|outcome| self.fleet.confirm(outcome));
        inner.put_back(left);
    }

    /// Lets people see what is written later.
    fn put_off(&self, inner: &mut Inner, outcome: Outcome) {
        self.fleet.confirm(&outcome);
        inner.add(outcome);
    }

    /// Writes what was missed, as far as that works. What comes meanwhile is seen at once.
    async fn catch_up(&self, inner: &mut Inner, duty: &Duty) {
        while !inner.is_caught_up() {
            let (outcomes, samples) = (inner.missed.take(BATCH_MAX), inner.samples.take(BATCH_MAX));
            let mut writing = pin!(self.record(outcomes, samples, duty));
            let left = loop {
                tokio::select! {
                    biased;
                    left = &mut writing => break left,
                    Some(outcome) = inner.outcomes.recv() => self.put_off(inner, outcome),
                }
            };
            let is_written = left.is_nothing();
            inner.put_back(left);
            if !is_written {
                return inner.forget_oldest();
            }
        }
        self.fleet.set_unrecorded(None);
    }

    /// Records a batch in time, or says by the banner that it cannot; what is left of it.
    async fn record(&self, outcomes: Numbered<Outcome>, samples: Numbered<Sampled>, duty: &Duty) -> Left {
        let failure = match self.try_to_record(outcomes.part(), samples.part()).await {
            Ok(()) => {
                self.fleet.set_states_unwritten(None);
                self.recorded(&outcomes.items, duty);
                return Left { seen: outcomes.items, ..Left::default() };
            }
            Err(failure) => failure,
        };
        let (waiting, many) = (outcomes.items.len(), samples.items.len());
        tracing::error!(%failure, waiting, samples = many, "states cannot be recorded");
        let failed_at = self.clock.now();
        let since = self.fleet.unrecorded_since().unwrap_or(failed_at);
        self.fleet.set_unrecorded(Some(since));
        // What is wrong with the samples is to cost no state.
        let is_answered = matches!(failure, Failure::Refused(_));
        duty.failed(failure.to_string());
        let none = Part { first: samples.first, items: &[] };
        if is_answered && many > 0 && self.try_to_record(outcomes.part(), none).await.is_ok() {
            self.fleet.set_states_unwritten(None);
            self.recorded(&outcomes.items, duty);
            return Left { seen: outcomes.items, samples, ..Left::default() };
        }
        let since = self.fleet.states_unwritten_since().unwrap_or(failed_at);
        self.fleet.set_states_unwritten(Some(since));
        Left { missed: outcomes, samples, ..Left::default() }
    }

    async fn try_to_record(
        &self,
        outcomes: Part<'_, Outcome>,
        samples: Part<'_, Sampled>,
    ) -> Result<(), Failure> {
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
    missed: Numbered<Outcome>,
    samples: Numbered<Sampled>,
}

impl Left {
    fn is_nothing(&self) -> bool {
        self.missed.items.is_empty() && self.samples.items.is_empty()
    }
}

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Refused(String),
    #[error("the database did not answer within {} s", RECORD_MAX.as_secs())]
    Late,
}

impl Inner {
    fn add(&mut self, mut outcome: Outcome) {
        let (device, at) = (outcome.device, outcome.at);
        for sample in outcome.samples.drain(..) {
            self.samples.push(Sampled { device, at, sample });
        }
        if !outcome.is_empty() {
            self.missed.push(outcome);
        }
    }

    fn put_back(&mut self, left: Left) {
        self.missed.put_back(left.missed);
        self.samples.put_back(left.samples);
    }

    fn is_caught_up(&self) -> bool {
        self.missed.len() + self.samples.len() == 0
    }

    fn forget_oldest(&mut self) {
        self.missed.keep(MISSED_MAX);
        self.samples.keep(SAMPLES_MAX);
    }
}

/// Waits a moment for more news, unless a device changed its state.
async fn fill(first: Outcome, outcomes: &mut mpsc::Receiver<Outcome>, wait: Duration) -> Vec<Outcome> {
    let flush_at = Instant::now() + wait;
    let mut is_urgent = first.is_urgent();
    let mut batch = vec![first];
    while batch.len() < BATCH_MAX {
        let next = if is_urgent {
            outcomes.try_recv().ok()
        } else {
            timeout_at(flush_at, outcomes.recv()).await.ok().flatten()
        };
        let Some(next) = next else { break };
        is_urgent |= next.is_urgent();
        batch.push(next);
    }
    batch
}
