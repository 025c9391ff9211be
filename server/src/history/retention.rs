//! Forgets what is older than anybody wants to keep, a little at a time.

use super::recorder::Recorder;
use crate::store::{Result, Store};
use engine::{Clock, Duty};
use model::Timestamp;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3_600);
/// Rows that go in one transaction; the journal writes between two of them.
const ROWS_MAX: u64 = 200;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// How long each class is kept, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub samples_days: u32,
    pub five_minutes_days: u32,
    pub hours_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { samples_days: 35, five_minutes_days: 190, hours_days: 1_830 }
    }
}

impl Retention {
    /// As far as anybody said; the defaults for the rest, and at least a day.
    pub fn of(settings: &BTreeMap<String, String>) -> Self {
        let default = Self::default();
        let days = |name: &str, default: u32| {
            settings.get(name).and_then(|value| value.parse().ok()).map_or(default, |days: u32| days.max(1))
        };
        Self {
            samples_days: days("keep_samples_days", default.samples_days),
            five_minutes_days: days("keep_five_minutes_days", default.five_minutes_days),
            hours_days: days("keep_hours_days", default.hours_days),
        }
    }
}

/// Looks every hour.
pub async fn keep_to(
    retention: Retention,
    recorder: Recorder,
    clock: Arc<dyn Clock>,
    duty: Duty,
) -> anyhow::Result<()> {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while duty.stop.run_until_cancelled(tick.tick()).await.is_some() {
        let forgetting = forget(&recorder.store, retention, clock.now());
        if let Some(done) = duty.stop.run_until_cancelled(forgetting).await {
            done?;
        }
        duty.ran();
    }
    Ok(())
}

/// Forgets all that is too old at `now`.
pub async fn forget(store: &Store, retention: Retention, now: Timestamp) -> Result<()> {
    let before = |days: u32| Timestamp(now.0.saturating_sub(i64::from(days) * DAY_MS));
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
