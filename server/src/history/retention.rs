//! Forgets what is older than anybody wants to keep, a little at a time.

use super::recorder::Recorder;
use crate::store::{Result, Store};
use engine::{Clock, Duty};
use model::Timestamp;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3_600);
/// Rows that go in one transaction; the journal writes between two of them.
const ROWS_MAX: u64 = 200;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// How long each class is kept, in days; for ever when absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    pub samples_days: Option<u32>,
    pub five_minutes_days: Option<u32>,
    /// Of hours, and of incidents that are over.
    pub hours_days: Option<u32>,
}

impl Retention {
    /// As the configuration says; at least a day.
    pub fn of(settings: &BTreeMap<String, String>) -> Self {
        let days = |name: &str| settings.get(name)?.parse().ok().map(|days: u32| days.max(1));
        Self {
            samples_days: days("keep_samples_days"),
            five_minutes_days: days("keep_five_minutes_days"),
            hours_days: days("keep_hours_days"),
        }
    }
}

/// Looks every hour, and not before the first is over: by then a clock that was wrong at the start has been set.
pub async fn keep_to(
    retention: Retention,
    recorder: Recorder,
    clock: Arc<dyn Clock>,
    duty: Duty,
) -> anyhow::Result<()> {
    let mut tick = interval_at(Instant::now() + EVERY, EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while duty.stop.run_until_cancelled(tick.tick()).await.is_some() {
        let forgetting = forget(&recorder.store, retention, clock.now());
        match duty.stop.run_until_cancelled(forgetting).await {
            Some(Err(error)) => duty.failed(error.to_string()),
            _ => duty.ran(),
        }
    }
    Ok(())
}

/// Forgets all that is too old at `now`.
pub async fn forget(store: &Store, retention: Retention, now: Timestamp) -> Result<()> {
    let before = |days: Option<u32>| {
        Timestamp(days.map_or(i64::MIN, |days| now.0.saturating_sub(i64::from(days) * DAY_MS)))
    };
    loop {
        let recording = store.recording().await?;
        let mut gone = recording.forget_chunks(before(retention.samples_days), ROWS_MAX).await?;
        for (step_s, days) in
            super::rollup::STEPS_S.into_iter().zip([retention.five_minutes_days, retention.hours_days])
        {
            gone += recording.forget_rollups(step_s, before(days), ROWS_MAX).await?;
        }
        gone += recording.forget_incidents(before(retention.hours_days), ROWS_MAX).await?;
        if gone == 0 {
            recording.forget_empty_series().await?;
        }
        recording.commit().await?;
        if gone == 0 {
            return Ok(());
        }
    }
}
