//! The uptime that is promised of a device, and what is left of the downtime that it allows.

use serde::{Deserialize, Serialize};

/// So many parts make a percent: a target is kept to three decimals.
const PARTS: f64 = 1_000.0;
/// All of the time, in parts.
const WHOLE: u32 = 100_000;

/// An uptime in percent, above 0 and up to 100, to three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlaTarget(u32);

impl SlaTarget {
    /// Nothing where it is out of range, or rounds to nothing.
    pub fn from_percent(percent: f64) -> Option<Self> {
        let is_in_range = percent > 0.0 && percent <= 100.0;
        // Between 0 and 100,000.
        is_in_range.then(|| (percent * PARTS).round() as u32).and_then(Self::from_parts)
    }

    /// As the database keeps it: thousandths of a percent.
    pub fn from_parts(parts: u32) -> Option<Self> {
        (1..=WHOLE).contains(&parts).then_some(Self(parts))
    }

    pub fn parts(self) -> u32 {
        self.0
    }

    pub fn percent(self) -> f64 {
        f64::from(self.0) / PARTS
    }

    /// From 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }
}

/// How a device stands against its target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sla {
    pub target: SlaTarget,
    /// Over how many days, up to now.
    pub days: u32,
    /// From 0 to 1; none when nothing was observed.
    pub uptime: Option<f64>,
    /// The downtime that the target allows of the time that was observed, in milliseconds.
    pub allowed_ms: u64,
    pub used_ms: u64,
    /// Below 0 when the target was missed.
    pub left_ms: i64,
    /// How fast the budget is being used in the last day: 1 is what lasts exactly the whole period; none when there
    /// is nothing to be used.
    pub burn: Option<f64>,
}

impl Sla {
    pub fn is_kept(&self) -> bool {
        self.left_ms >= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_kept_to_three_decimals_and_nothing_that_is_none_is_taken() {
        let read =
            |percent| SlaTarget::from_percent(percent).map(|target| (target.parts(), target.percent()));
        assert_eq!(read(99.95), Some((99_950, 99.95)));
        assert_eq!(read(100.0), Some((100_000, 100.0)));
        assert_eq!(read(99.9994), Some((99_999, 99.999)));
        for odd in [0.0, -1.0, 100.001, f64::NAN, f64::INFINITY, 0.000_1] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
