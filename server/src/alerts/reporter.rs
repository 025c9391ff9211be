//! Writes reports when they are due: one for each period, whatever is killed or set meanwhile.

use crate::{
    backend::Program,
    history::Span,
    store::{Store, in_time},
};
use app::api::ApiError;
use engine::{Clock, Duty};
use model::{ReportPlan, Timestamp, report_due};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::sleep};

/// How often it is looked whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const HOUR_MS: i64 = 3_600_000;

#[derive(Clone)]
pub struct Reporter {
    pub program: Arc<Program>,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    /// Rung when there is something new to send.
    pub bell: Arc<Notify>,
}

/// What is to be done about reports now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    /// Nobody is told of what was up to then.
    PassOver(Timestamp),
    Report(Timestamp, Timestamp),
}

impl Reporter {
    /// Writes until told to stop.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        loop {
            match self.look().await {
                Ok(()) => duty.ran(),
                Err(error) => duty.failed(format!("{error:?}")),
            }
            if duty.stop.run_until_cancelled(sleep(LOOK_EVERY)).await.is_none() {
                return Ok(());
            }
        }
    }

    async fn look(&self) -> Result<(), ApiError> {
        let reports = self.store.reports();
        let (plan, told) = in_time(async { Ok((reports.plan().await?, reports.told().await?)) })
            .await
            .map_err(unavailable)?;
        match due(self.clock.now(), &plan, told) {
            Due::Nothing => Ok(()),
            Due::PassOver(to) => in_time(reports.pass_over(to)).await.map_err(unavailable),
            Due::Report(from, to) => {
                let summary = self.program.summary(Span { from, to }).await?;
                if in_time(reports.write(&summary)).await.map_err(unavailable)? {
                    self.bell.notify_one();
                }
                Ok(())
            }
        }
    }
}

fn unavailable(error: crate::store::StoreError) -> ApiError {
    tracing::warn!(%error, "whether a report is due cannot be read or written");
    ApiError::Unavailable
}

/// `told` is up to when the last report reached.
fn due(now: Timestamp, plan: &ReportPlan, told: Option<Timestamp>) -> Due {
    let is_wanted = plan.hours > 0 && !plan.channels.is_empty();
    // While nobody wants any, what was is passed over by the hour: who wants one again has the next, and not the last.
    let hours = if is_wanted { plan.hours } else { 1 };
    let Some(last) = report_due(now, hours) else { return Due::Nothing };
    let step_ms = i64::from(hours) * HOUR_MS;
    match told {
        // The clock was far ahead, and is right again.
        Some(told) if told.since_ms(now) > step_ms => Due::PassOver(last),
        Some(told) if told >= last => Due::Nothing,
        Some(_) if is_wanted => Due::Report(Timestamp(last.0.saturating_sub(step_ms)), last),
        _ => Due::PassOver(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ChannelId;
    use proptest::prelude::*;

    const NOON: i64 = 1_795_953_600_000;

    fn every(hours: u32) -> ReportPlan {
        ReportPlan { hours, channels: vec![ChannelId(1)] }
    }

    #[test]
    fn the_first_start_reports_nothing_and_then_each_period_is_reported_once() {
        let six = every(6);
        let at = |minutes: i64| Timestamp(NOON + minutes * 60_000);
        assert_eq!(due(at(5), &six, None), Due::PassOver(at(0)));
        assert_eq!(due(at(5), &six, Some(at(0))), Due::Nothing);
        assert_eq!(due(at(360), &six, Some(at(0))), Due::Report(at(0), at(360)));
        assert_eq!(due(at(361), &six, Some(at(360))), Due::Nothing);
        // It did not run for days: the last period is reported, and no other.
        assert_eq!(due(at(3 * 1440 + 7), &six, Some(at(0))), Due::Report(at(3 * 1440 - 360), at(3 * 1440)));
    }

    #[test]
    fn what_nobody_wanted_is_not_reported_later() {
        let at = |minutes: i64| Timestamp(NOON + minutes * 60_000);
        for off in [every(0), ReportPlan { hours: 6, channels: Vec::new() }] {
            assert_eq!(due(at(365), &off, Some(at(0))), Due::PassOver(at(360)));
            assert_eq!(due(at(365), &off, Some(at(360))), Due::Nothing);
        }
        assert_eq!(due(at(400), &every(6), Some(at(360))), Due::Nothing);
    }

    #[test]
    fn a_clock_that_was_ahead_stops_no_report_for_ever_and_one_that_goes_back_a_little_repeats_none() {
        let (year, six) = (Timestamp(NOON + 365 * 86_400_000), every(6));
        assert_eq!(due(Timestamp(NOON + 1), &six, Some(year)), Due::PassOver(Timestamp(NOON)));
        assert_eq!(due(Timestamp(NOON - 60_000), &six, Some(Timestamp(NOON))), Due::Nothing);
    }

    proptest! {
        /// However the clock runs forward and however long the program sleeps, no period is reported twice.
        #[test]
        fn no_period_is_reported_twice(
            hours in prop::sample::select(model::REPORT_HOURS.to_vec()),
            steps in prop::collection::vec(0i64..40_000_000, 1..60),
        ) {
            let (mut now, mut told, mut reported) = (NOON, None, Vec::new());
            for step in steps {
                now += step;
                match due(Timestamp(now), &every(hours), told) {
                    Due::Nothing => {}
                    Due::PassOver(to) => told = Some(to),
                    Due::Report(from, to) => {
                        prop_assert!(to.0 <= now && to.0 - from.0 == i64::from(hours) * HOUR_MS);
                        prop_assert!(reported.last().is_none_or(|last| *last <= from));
                        reported.push(to);
                        told = Some(to);
                    }
                }
            }
            prop_assert!(hours > 0 || reported.is_empty());
        }
    }
}
