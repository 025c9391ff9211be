//! Writes down that the program runs: what happened while it did not is not known.

use crate::store::{Result, RunId, Store, in_time};
use engine::{Clock, Duty};
use model::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often it says so: a killed program's last moments count as unobserved up to this long.
const EVERY: Duration = Duration::from_secs(15);
/// A machine that slept, or a clock that was set, for longer than this ends a run and begins another.
const GAP_MAX_MS: i64 = 60_000;

/// Says so until it is to stop, and then once more.
pub async fn tell(store: Store, clock: Arc<dyn Clock>, duty: Duty) -> anyhow::Result<()> {
    let mut last = Seen::at(clock.now());
    let mut run = store.runs().begin(last.at).await?;
    // A gap that could not be written down yet is one still.
    let mut is_gap = false;
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_stopping = duty.stop.run_until_cancelled(tick.tick()).await.is_none();
        let now = Seen::at(clock.now());
        // A database that fails is told with the next tick: what happens meanwhile is kept by the journal.
        is_gap |= now.is_after_a_gap(last);
        match next(&store, run, is_gap, now).await {
            Ok(known) => {
                (run, is_gap) = (known, false);
                duty.ran();
            }
            Err(error) => duty.failed(error.to_string()),
        }
        last = now;
        if is_stopping {
            return Ok(());
        }
    }
}

/// The run that goes on, or a new one after a gap.
async fn next(store: &Store, run: RunId, is_gap: bool, now: Seen) -> Result<RunId> {
    if is_gap {
        return in_time(store.runs().begin(now.at)).await;
    }
    in_time(store.runs().see(run, now.at)).await.map(|()| run)
}

/// One moment by both clocks.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Timestamp,
    instant: Instant,
}

impl Seen {
    fn at(at: Timestamp) -> Self {
        Self { at, instant: Instant::now() }
    }

    /// The clock on the wall went otherwise than the one that measures time: it was set, or the machine slept. Or
    /// the program itself stood still.
    fn is_after_a_gap(self, last: Seen) -> bool {
        let passed = i64::try_from((self.instant - last.instant).as_millis()).unwrap_or(i64::MAX);
        let shown = self.at.0.saturating_sub(last.at.0);
        let is_late = passed > GAP_MAX_MS;
        is_late || shown.saturating_sub(passed).saturating_abs() > GAP_MAX_MS
    }
}
