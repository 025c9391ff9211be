//! How late probes start: the measure of whether the machine keeps up.

use std::time::Duration;

/// Later than this is counted as late.
const LATE: Duration = Duration::from_secs(1);
/// Buckets of 1/8 octave from 1 µs on: every percentile is right within 9 %.
const BUCKETS: usize = 256;
const PER_OCTAVE: f64 = 8.0;

/// A summary of all starts since the engine started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lateness {
    pub starts: u64,
    pub p50: Duration,
    pub p99: Duration,
    pub max: Duration,
    /// Started more than a second after they were due.
    pub late: u64,
}

/// Counts starts by how late they were, in constant memory.
pub(crate) struct Histogram {
    buckets: [u64; BUCKETS],
    starts: u64,
    late: u64,
    max: Duration,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], starts: 0, late: 0, max: Duration::ZERO }
    }
}

impl Histogram {
    pub(crate) fn add(&mut self, lateness: Duration) {
        self.starts += 1;
        self.late += u64::from(lateness > LATE);
        self.max = self.max.max(lateness);
        let octaves = (lateness.as_secs_f64() * 1e6).max(1.0).log2();
        let index = (octaves * PER_OCTAVE).ceil() as usize;
        self.buckets[index.min(BUCKETS - 1)] += 1;
    }

    pub(crate) fn summary(&self) -> Lateness {
        Lateness {
            starts: self.starts,
            p50: self.percentile(0.5),
            p99: self.percentile(0.99),
            max: self.max,
            late: self.late,
        }
    }

    /// The upper edge of the bucket in which the percentile lies.
    fn percentile(&self, part: f64) -> Duration {
        let wanted = (self.starts as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                let edge = Duration::from_secs_f64((index as f64 / PER_OCTAVE).exp2() / 1e6);
                return edge.min(self.max);
            }
        }
        self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_within_a_tenth_and_late_starts_are_counted() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.summary(), Lateness::default());
        for ms in 1..=1000 {
            histogram.add(Duration::from_millis(ms));
        }
        histogram.add(Duration::from_secs(3));
        let seen = histogram.summary();
        assert_eq!((seen.starts, seen.late, seen.max), (1001, 1, Duration::from_secs(3)));
        let near = |got: Duration, ms: f64| (0.99..1.1).contains(&(got.as_secs_f64() * 1000.0 / ms));
        assert!(near(seen.p50, 501.0) && near(seen.p99, 991.0), "{seen:?}");
    }
}
