//! How devices stand against the uptime that is promised of them.

use super::Viewer;
use crate::history::{Availability, Span, availability, budget};
use app::api::ApiError;
use model::*;
use std::{collections::HashMap, sync::Arc};

/// A budget is for so many days, up to now.
const DAYS: u32 = 30;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

impl Viewer {
    /// Of those devices that have a target.
    pub(super) async fn slas(&self, devices: &[Arc<Device>]) -> Result<HashMap<DeviceId, Sla>, ApiError> {
        let promised: Vec<_> = devices.iter().filter(|device| device.sla_target.is_some()).cloned().collect();
        if promised.is_empty() {
            return Ok(HashMap::new());
        }
        let period = self.last(i64::from(DAYS) * DAY_MS);
        let last_day = Span { from: Timestamp(period.to.0 - DAY_MS), to: period.to };
        let judged = self
            .program
            .each_past(&promised, period, |device, history, _| {
                let (whole, last) = (availability(history, period), availability(history, last_day));
                device.sla_target.map(|target| (device.id, judge(target, &whole, &last)))
            })
            .await?;
        Ok(judged.into_iter().flatten().collect())
    }
}

fn judge(target: SlaTarget, whole: &Availability, last_day: &Availability) -> Sla {
    let left = budget(target.share(), whole);
    Sla {
        target,
        days: DAYS,
        uptime: whole.uptime,
        allowed_ms: left.allowed_ms,
        used_ms: left.used_ms,
        left_ms: left.left_ms,
        burn: burn(target, last_day),
    }
}

/// The share of the last day that it was down, over the share that it may be.
fn burn(target: SlaTarget, last_day: &Availability) -> Option<f64> {
    let spared = 1.0 - target.share();
    let down = 1.0 - last_day.uptime?;
    (spared > 0.0).then(|| down / spared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(up_ms: u64, down_ms: u64) -> Availability {
        #[allow(clippy::cast_precision_loss)] // Small numbers.
        let uptime = Some(up_ms as f64 / (up_ms + down_ms) as f64);
        Availability { up_ms, down_ms, uptime, ..Availability::default() }
    }

    #[test]
    fn a_budget_is_used_up_by_what_was_down_and_burns_as_fast_as_the_last_day_went() {
        let target = SlaTarget::from_percent(99.0).unwrap();
        let sla = judge(target, &seen(9_950, 50), &seen(96, 4));
        assert_eq!((sla.allowed_ms, sla.used_ms, sla.left_ms), (100, 50, 50));
        assert!(sla.is_kept() && (sla.burn.unwrap() - 4.0).abs() < 1e-9, "{sla:?}");
        let missed = judge(target, &seen(9_800, 200), &seen(100, 0));
        assert_eq!((missed.left_ms, missed.burn), (-100, Some(0.0)));
        assert!(!missed.is_kept());
        let whole = SlaTarget::from_percent(100.0).unwrap();
        assert_eq!(judge(whole, &seen(10, 0), &seen(10, 0)).burn, None);
        assert_eq!(judge(target, &Availability::default(), &Availability::default()).burn, None);
    }
}
