//! How late probes start: the measure of whether the machine keeps up.

use std::time::Duration;
use tokio::time::Instant;

/// Later than this is counted as late.
const LATE: Duration = Duration::from_secs(1);
/// Buckets of 1/8 octave from 1 µs on: every percentile is right within 9 %.
const BUCKETS: usize = 256;
const PER_OCTAVE: f64 = 8.0;
/// Where [`LatenessCounts`] cut: so many octaves above 1 µs, from 1 ms to 17 s.
const EDGES_OCTAVES: [u32; 8] = [10, 12, 14, 16, 18, 20, 22, 24];

/// What is recent lies at least this far back, and at most twice as far.
const RECENT: Duration = Duration::from_secs(60);

/// A summary of all starts since the engine started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lateness {
    pub starts: u64,
    pub p50: Duration,
    pub p99: Duration,
    pub max: Duration,
    /// Started more than a second after they were due.
    pub late: u64,
    /// Of the last one or two minutes; nothing when nothing was due in them.
    pub recent_p99: Option<Duration>,
}

/// All starts since the engine started, by how late they were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatenessCounts {
    /// How many were at most so late, from the earliest on; each includes those before it.
    pub up_to: Vec<(Duration, u64)>,
    pub starts: u64,
    pub sum: Duration,
}

/// Counts starts by how late they were, in constant memory.
#[derive(Default)]
pub(crate) struct Histogram {
    all: Counts,
    late: u64,
    older: Counts,
    newer: Counts,
    /// When `newer` began.
    turned_at: Option<Instant>,
}

#[derive(Clone)]
struct Counts {
    buckets: [u64; BUCKETS],
    sum: Duration,
    starts: u64,
    max: Duration,
}

impl Default for Counts {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], sum: Duration::ZERO, starts: 0, max: Duration::ZERO }
    }
}

impl Histogram {
    pub(crate) fn add(&mut self, lateness: Duration, now: Instant) {
        self.turn(now);
        self.late += u64::from(lateness > LATE);
        self.all.add(lateness);
        self.newer.add(lateness);
    }

    pub(crate) fn summary(&mut self, now: Instant) -> Lateness {
        self.turn(now);
        let recent = self.older.with(&self.newer);
        Lateness {
            starts: self.all.starts,
            p50: self.all.percentile(0.5),
            p99: self.all.percentile(0.99),
            max: self.all.max,
            late: self.late,
            recent_p99: (recent.starts > 0).then(|| recent.percentile(0.99)),
        }
    }

    pub(crate) fn counts(&self) -> LatenessCounts {
        let up_to = EDGES_OCTAVES.map(|octaves| {
            let last = octaves as usize * PER_OCTAVE as usize;
            let count = self.all.buckets.iter().take(last + 1).sum();
            (Duration::from_micros(1 << octaves), count)
        });
        LatenessCounts { up_to: up_to.to_vec(), starts: self.all.starts, sum: self.all.sum }
    }

    /// Forgets what is not recent any more.
    fn turn(&mut self, now: Instant) {
        let age = now.saturating_duration_since(*self.turned_at.get_or_insert(now));
        if age >= RECENT {
            let newer = std::mem::take(&mut self.newer);
            self.older = if age < RECENT * 2 { newer } else { Counts::default() };
            self.turned_at = Some(now);
        }
    }
}

impl Counts {
    fn add(&mut self, lateness: Duration) {
        self.starts += 1;
        self.sum = self.sum.saturating_add(lateness);
        self.max = self.max.max(lateness);
        let octaves = (lateness.as_secs_f64() * 1e6).max(1.0).log2();
        let index = (octaves * PER_OCTAVE).ceil() as usize;
        self.buckets[index.min(BUCKETS - 1)] += 1;
    }

    fn with(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.starts += other.starts;
        sum.sum = sum.sum.saturating_add(other.sum);
        sum.max = sum.max.max(other.max);
        sum.buckets.iter_mut().zip(other.buckets).for_each(|(count, more)| *count += more);
        sum
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
        let now = Instant::now();
        assert_eq!(histogram.summary(now), Lateness::default());
        for ms in 1..=1000 {
            histogram.add(Duration::from_millis(ms), now);
        }
        histogram.add(Duration::from_secs(3), now);
        let seen = histogram.summary(now);
        assert_eq!((seen.starts, seen.late, seen.max), (1001, 1, Duration::from_secs(3)));
        let near = |got: Duration, ms: f64| (0.99..1.1).contains(&(got.as_secs_f64() * 1000.0 / ms));
        assert!(near(seen.p50, 501.0) && near(seen.p99, 991.0), "{seen:?}");
        assert_eq!(seen.recent_p99, Some(seen.p99));
    }

    #[test]
    fn starts_are_counted_up_to_each_edge() {
        let mut histogram = Histogram::default();
        let now = Instant::now();
        for us in [0, 900, 1024, 1025, 4_000, 4_097, 20_000_000] {
            histogram.add(Duration::from_micros(us), now);
        }
        let counts = histogram.counts();
        let seen: Vec<_> = counts.up_to.iter().map(|(edge, count)| (edge.as_micros(), *count)).collect();
        assert_eq!(seen[..3], [(1024, 3), (4096, 5), (16_384, 6)]);
        assert_eq!((seen[7], counts.starts), ((16_777_216, 6), 7));
        assert_eq!(counts.sum, Duration::from_micros(20_011_046));
    }

    #[test]
    fn an_hour_of_punctuality_does_not_hide_that_starts_are_late_now_nor_the_other_way_round() {
        let mut histogram = Histogram::default();
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        for s in 0..3600 {
            histogram.add(Duration::from_millis(1), at(s));
        }
        let (punctual, late) = (Some(Duration::from_millis(1)), Some(Duration::from_secs(2)));
        assert_eq!(histogram.summary(at(3600)).recent_p99, punctual);
        for s in 3600..3620 {
            histogram.add(Duration::from_secs(2), at(s));
        }
        assert_eq!(histogram.summary(at(3620)).recent_p99, late);
        for s in 3620..3750 {
            histogram.add(Duration::from_millis(1), at(s));
        }
        assert_eq!(histogram.summary(at(3750)).recent_p99, punctual);
        assert_eq!(histogram.summary(at(4000)).recent_p99, None, "nothing was due");
    }
}
