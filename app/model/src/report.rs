//! How everything is and was, summed up: what is sent now and then, and shown where somebody asks for it.

use crate::{ChannelId, Comparison, Counts, FieldError, Timestamp};
use serde::{Deserialize, Serialize};

/// Hours between two reports that can be chosen; all but the first divide a week.
pub const REPORT_HOURS: [u32; 8] = [0, 1, 3, 6, 12, 24, 84, 168];
/// Hours between two reports, where nobody chose.
pub const REPORT_HOURS_DEFAULT: u32 = 6;

/// The fleet now, and what became of it in a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub from: Timestamp,
    pub to: Timestamp,
    pub counts: Counts,
    /// Those that are down now, for the longest time first; not all of very many.
    pub down: Vec<DownNow>,
    pub down_total: u32,
    /// Those with the least uptime in the period, of those that had any downtime.
    pub worst: Vec<Worst>,
    /// Outages in the period, of all devices.
    pub outages: u32,
    /// Those with the most traffic in the period, on average.
    pub busiest: Vec<Busy>,
    /// Alerts that are open, and those of them that nobody sees to.
    pub open: u64,
    pub unseen: u64,
    /// Those that lost the most sessions since they are watched.
    pub reconnects: Vec<Reconnects>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DownNow {
    pub name: String,
    pub since: Timestamp,
    pub cause: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Worst {
    pub name: String,
    /// From 0 to 1, of the time that was observed.
    pub uptime: f64,
    pub down_ms: u64,
    pub outages: u32,
}

/// The traffic of a router towards the internet, on average, in bits per second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Busy {
    pub name: String,
    pub interface: String,
    pub rx_bps: u64,
    pub tx_bps: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reconnects {
    pub name: String,
    pub total: u64,
}

/// A report as a page shows it: the summary, and the uptime of every device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportPage {
    pub summary: Summary,
    pub uptimes: Comparison,
    pub now: Timestamp,
}

/// When reports are sent, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPlan {
    /// Hours from one to the next; 0 for none.
    pub hours: u32,
    pub channels: Vec<ChannelId>,
}

/// The plan, with what it can choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPlanPage {
    pub plan: ReportPlan,
    pub channels: Vec<(ChannelId, String)>,
    /// When the next is due; nothing while none is sent.
    pub next: Option<Timestamp>,
}

impl ReportPlan {
    /// Nothing, when it can be followed.
    pub fn check(&self) -> Result<(), FieldError> {
        if REPORT_HOURS.contains(&self.hours) {
            return Ok(());
        }
        let why = format!("must be one of {REPORT_HOURS:?}");
        Err(FieldError::new("hours", "error_choice", why))
    }
}

const HOUR_MS: i64 = 3_600_000;
/// The first Monday after 1970 began, in UTC: weeks begin there.
const MONDAY_MS: i64 = 4 * 24 * HOUR_MS;

/// The last moment up to `now` at which a report every so many hours is due: at whole hours of the clock in UTC, at
/// midnight for days, and on Mondays for weeks.
pub fn report_due(now: Timestamp, hours: u32) -> Option<Timestamp> {
    let step_ms = i64::from(hours).checked_mul(HOUR_MS).filter(|step_ms| *step_ms > 0)?;
    let since = now.0.checked_sub(MONDAY_MS)?.div_euclid(step_ms);
    Some(Timestamp(since.checked_mul(step_ms)?.checked_add(MONDAY_MS)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_due_at_whole_hours_at_midnight_and_on_mondays() {
        // Sunday, 29 November 2026, 10:27:04 UTC.
        let now = Timestamp(1_795_948_024_000);
        let ago = |hours| report_due(now, hours).map(|at| now.0 - at.0);
        let seconds = |hours: i64| Some((hours * 3_600 + 27 * 60 + 4) * 1_000);
        assert_eq!((ago(1), ago(3), ago(6)), (seconds(0), seconds(1), seconds(4)));
        assert_eq!((ago(12), ago(24)), (seconds(10), seconds(10)));
        assert_eq!((ago(84), ago(168)), (seconds(24 * 2 + 22), seconds(24 * 6 + 10)));
        assert_eq!((ago(0), report_due(Timestamp(i64::MIN), 6)), (None, None));
    }

    #[test]
    fn a_report_is_due_once_in_each_period_and_not_before_its_end() {
        for hours in REPORT_HOURS.into_iter().skip(1) {
            let step_ms = i64::from(hours) * HOUR_MS;
            for second in 0..2_000 {
                let now = Timestamp(1_795_948_024_000 + second * 61_000);
                let due = report_due(now, hours).unwrap();
                assert!(due <= now && now.0 - due.0 < step_ms, "{hours} {second}");
                assert_eq!(report_due(due, hours), Some(due));
                assert_eq!(report_due(Timestamp(due.0 - 1), hours), Some(Timestamp(due.0 - step_ms)));
            }
        }
    }
}
