//! How long writing takes, and how often it fails: for whoever watches the watcher.

use super::{Ledger, Part, Sampled};
use crate::store;
use async_trait::async_trait;
use engine::Outcome;
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Where the times are cut, in milliseconds. A write that takes longer than the last has failed.
const EDGES_MS: [u64; 9] = [1, 2, 5, 10, 25, 100, 250, 1000, 5000];

/// How the writing went since the program started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteTimes {
    /// How many took at most so long, from the shortest on; each includes those before it.
    pub up_to: Vec<(Duration, u64)>,
    pub written: u64,
    pub sum: Duration,
    pub failed: u64,
    /// Measured numbers that were written.
    pub samples: u64,
}

/// Counts what one ledger does. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    up_to: [u64; EDGES_MS.len()],
    written: u64,
    sum: Duration,
    failed: u64,
    samples: u64,
}

/// A ledger with its times.
pub struct Timed<L> {
    pub ledger: L,
    pub stopwatch: Stopwatch,
}

impl Stopwatch {
    pub fn times(&self) -> WriteTimes {
        let inner = self.0.lock();
        let up_to = EDGES_MS.iter().zip(inner.up_to).map(|(ms, count)| (Duration::from_millis(*ms), count));
        let Inner { written, sum, failed, samples, .. } = *inner;
        WriteTimes { up_to: up_to.collect(), written, sum, failed, samples }
    }

    fn wrote(&self, samples: usize, took: Duration) {
        let mut inner = self.0.lock();
        inner.written += 1;
        inner.samples += samples as u64;
        inner.sum = inner.sum.saturating_add(took);
        for (ms, count) in EDGES_MS.iter().zip(&mut inner.up_to) {
            *count += u64::from(took <= Duration::from_millis(*ms));
        }
    }
}

/// A write that is not known to have worked: one that is given up is dropped where it stands.
struct Doubt<'a>(Option<&'a Stopwatch>);

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if let Some(stopwatch) = self.0 {
            stopwatch.0.lock().failed += 1;
        }
    }
}

#[async_trait]
impl<L: Ledger> Ledger for Timed<L> {
    async fn record(&self, outcomes: Part<'_, Outcome>, samples: Part<'_, Sampled>) -> store::Result<()> {
        let (began, mut doubt) = (Instant::now(), Doubt(Some(&self.stopwatch)));
        self.ledger.record(outcomes, samples).await?;
        doubt.0 = None;
        self.stopwatch.wrote(samples.items.len(), began.elapsed());
        Ok(())
    }

    async fn tidy(&self) -> store::Result<bool> {
        self.ledger.tidy().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;
    use model::{DeviceId, Measure, Reading, Sample, Timestamp};
    use tokio::time::{sleep, timeout};

    struct Slow(u64);

    #[async_trait]
    impl Ledger for Slow {
        async fn record(&self, outcomes: Part<'_, Outcome>, _: Part<'_, Sampled>) -> store::Result<()> {
            sleep(Duration::from_millis(self.0)).await;
            if outcomes.items.is_empty() { Err(StoreError::NotFound) } else { Ok(()) }
        }

        async fn tidy(&self) -> store::Result<bool> {
            Ok(false)
        }
    }

    fn sampled() -> Sampled {
        let sample =
            Sample { measure: Measure::RoundTrip, subject: "icmp".to_owned(), value: Reading::Number(1.0) };
        Sampled { device: DeviceId(1), at: Timestamp(0), sample }
    }

    #[tokio::test(start_paused = true)]
    async fn writes_are_timed_and_what_failed_or_was_given_up_is_counted_apart() {
        let stopwatch = Stopwatch::default();
        let (one, two) = ([Outcome::default()], [sampled(), sampled()]);
        let (some, none) = (Part { first: 0, items: &two[..] }, Part { first: 0, items: &[] });
        let (one, nobody) = (Part { first: 0, items: &one }, Part { first: 0, items: &[] });
        for ms in [3, 30] {
            let timed = Timed { ledger: Slow(ms), stopwatch: stopwatch.clone() };
            timed.record(one, some).await.unwrap();
            timed.record(nobody, some).await.unwrap_err();
            timeout(Duration::from_millis(1), timed.record(one, none)).await.unwrap_err();
        }
        let times = stopwatch.times();
        assert_eq!((times.written, times.failed, times.sum), (2, 4, Duration::from_millis(33)));
        assert_eq!(times.samples, 4);
        let counts: Vec<u64> = times.up_to.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [0, 0, 1, 1, 1, 2, 2, 2, 2]);
    }
}
