//! What became of a device over time, as the pages of history show it.

use crate::{DeviceId, DeviceKind, FieldError, Measure, Sla, State, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest time of one answer, in milliseconds: a leap year.
pub const HISTORY_MS_MAX: i64 = 366 * 24 * 3_600 * 1_000;
/// Longest comparison, in days.
pub const COMPARED_DAYS_MAX: u32 = 366;
/// Steps in which a comparison shows how a device was.
pub const CELLS: usize = 48;

/// A stretch of time in which a device was in one state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub from: Timestamp,
    pub to: Timestamp,
    pub state: State,
    /// False while the program did not run: the state is then not known.
    pub is_observed: bool,
    pub cause: Option<String>,
}

/// What a period was spent on, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    pub up_ms: u64,
    pub degraded_ms: u64,
    pub down_ms: u64,
    /// Unknown, paused, or the program did not run.
    pub unobserved_ms: u64,
    /// Maintenance.
    pub excluded_ms: u64,
    /// From 0 to 1, of the time that was observed; none without such time.
    pub uptime: Option<f64>,
}

impl Spent {
    /// The time of which it is known how the device was.
    pub fn observed_ms(&self) -> u64 {
        self.up_ms + self.degraded_ms + self.down_ms
    }

    /// Its share of the whole, from 0 to 1; none of an empty period.
    #[allow(clippy::cast_precision_loss)] // Milliseconds of a year are far below 2^52.
    pub fn observed_share(&self) -> Option<f64> {
        let whole = self.observed_ms() + self.unobserved_ms;
        (whole > 0).then(|| self.observed_ms() as f64 / whole as f64)
    }
}

/// From a device's first failed try to its first success.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastOutage {
    /// May lie before the period.
    pub start: Timestamp,
    /// None while it goes on.
    pub end: Option<Timestamp>,
    pub cause: Option<String>,
    /// How long it was seen down within the period, in milliseconds.
    pub down_ms: u64,
}

/// A time in which a device was in maintenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastWindow {
    pub from: Timestamp,
    pub to: Timestamp,
    pub title: String,
}

/// What one series did in one step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Steps since the beginning of the plot.
    pub slot: u32,
    /// Samples that say a number; without any, the numbers here mean nothing.
    pub count: u32,
    pub unanswered: u32,
    pub min: f32,
    pub mean: f32,
    pub max: f32,
}

/// One series in steps. A step without samples has no bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    pub measure: Measure,
    /// Which of several: a check, an interface.
    pub subject: String,
    pub begin: Timestamp,
    pub step_ms: i64,
    /// Buckets that are further apart have a gap between them.
    pub gap_ms: i64,
    pub buckets: Vec<Bucket>,
}

impl Plot {
    /// When a step began.
    pub fn at(&self, slot: u32) -> Timestamp {
        Timestamp(self.begin.0.saturating_add(i64::from(slot).saturating_mul(self.step_ms)))
    }
}

/// One device's past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPage {
    pub id: DeviceId,
    pub name: String,
    pub kind: DeviceKind,
    pub address: String,
    pub state: State,
    pub created_at: Timestamp,
    /// What was asked for; it may reach beyond now.
    pub from: Timestamp,
    pub to: Timestamp,
    pub now: Timestamp,
    /// In the order of time, without holes, from the beginning or the device's creation up to now.
    pub segments: Vec<Segment>,
    pub spent: Spent,
    /// Where a target is set; over its own days.
    pub sla: Option<Sla>,
    /// When it was in maintenance, the newest first; not all of very many.
    pub windows: Vec<PastWindow>,
    /// The newest first; not all of very many.
    pub outages: Vec<PastOutage>,
    pub outages_total: u32,
    pub plots: Vec<Plot>,
    /// Every interface that was ever measured.
    pub interfaces: Vec<String>,
    /// The one whose rates are among the plots.
    pub interface: Option<String>,
}

/// How one device was in a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub id: DeviceId,
    pub name: String,
    pub kind: DeviceKind,
    pub address: String,
    pub location: Option<String>,
    pub state: State,
    pub spent: Spent,
    /// Where a target is set; over its own days.
    pub sla: Option<Sla>,
    pub outages: u32,
    /// [`CELLS`] of equal length, each with its worst state; none where nothing was observed.
    pub cells: Vec<Option<State>>,
}

/// The devices beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub days: u32,
    /// Worst first, and no more than fit into one answer.
    pub rows: Vec<Compared>,
    /// How many devices there are.
    pub total: u32,
}

/// A period that can be told of: it has a length, and no more than [`HISTORY_MS_MAX`].
pub fn history_span(from: Timestamp, to: Timestamp) -> Result<(), FieldError> {
    if from.0 < 0 {
        return Err(FieldError::new("from", "error_out_of_range", "must not be before 1970"));
    }
    if to <= from {
        return Err(FieldError::new("to", "error_span_order", "must be later than from"));
    }
    if to.since_ms(from) > HISTORY_MS_MAX {
        return Err(FieldError::new("from", "error_span_long", "must be at most 366 days before to"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_a_length_and_no_more_than_a_year() {
        let judged = |from, to| history_span(Timestamp(from), Timestamp(to)).map_err(|error| error.field);
        assert_eq!(judged(0, 1), Ok(()));
        assert_eq!(judged(0, HISTORY_MS_MAX), Ok(()));
        for (from, to, field) in [
            (5, 5, "to"),
            (5, 4, "to"),
            (-1, 4, "from"),
            (0, HISTORY_MS_MAX + 1, "from"),
            (0, i64::MAX, "from"),
        ] {
            assert_eq!(judged(from, to), Err(field.to_owned()), "{from} {to}");
        }
    }
}
