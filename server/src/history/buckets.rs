//! Draws many samples together into few buckets, so that a graph of any length has about as many points as a screen
//! can show. A bucket keeps the least, the greatest and the mean of all that went into it.

use super::{
    availability::Span,
    read::{Numbers, Step},
};
use model::{Bucket, Plot, Reading, Timestamp};

/// Most buckets of one plot.
const BUCKETS_MAX: i64 = 400;
/// Widths that divide minutes, hours and days evenly, in seconds.
const WIDTHS_S: [i64; 16] =
    [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/// The narrowest width by which the span has at most [`BUCKETS_MAX`] buckets.
pub fn width_ms(span: Span) -> i64 {
    // A bucket at either end may be cut.
    let least = span.to.since_ms(span.from) / (BUCKETS_MAX - 1) + 1;
    let day = 86_400_000;
    let fitting = WIDTHS_S.iter().map(|seconds| seconds * 1_000).find(|width| *width >= least);
    fitting.unwrap_or_else(|| (least / day + 1) * day)
}

/// A sample as a step of its own.
pub fn single((at, reading): &(Timestamp, Reading)) -> Step {
    let number = |number| Numbers { min: number, mean: number, max: number };
    match reading.number() {
        Some(value) => Step { at: *at, count: 1, unanswered: 0, numbers: Some(number(value)) },
        None => Step { at: *at, count: 0, unanswered: 1, numbers: None },
    }
}

/// What `steps`, in the order of time, come to in buckets of `width_ms`. The words for what they measure are the caller's.
pub fn plot(blank: Plot, steps: &[Step], width_ms: i64) -> Plot {
    let first = blank.begin.0.div_euclid(width_ms);
    let mut buckets: Vec<Merging> = Vec::new();
    for step in steps {
        let slot = u32::try_from(step.at.0.div_euclid(width_ms) - first).unwrap_or(0);
        match buckets.last_mut() {
            // A clock that was set back finds its steps in the bucket that is open.
            Some(last) if last.slot >= slot => last.add(step),
            _ => {
                let mut next = Merging { slot, count: 0, unanswered: 0, numbers: None };
                next.add(step);
                buckets.push(next);
            }
        }
    }
    Plot {
        begin: Timestamp(first * width_ms),
        step_ms: width_ms,
        gap_ms: (usual_ms(steps) * 5 / 2).max(width_ms * 3 / 2),
        buckets: buckets.iter().map(Merging::bucket).collect(),
        ..blank
    }
}

/// How far apart steps usually are: more than twice that is a gap.
fn usual_ms(steps: &[Step]) -> i64 {
    let mut apart: Vec<i64> =
        steps.windows(2).map(|pair| pair.last().map_or(0, |b| b.at.since_ms(pair[0].at))).collect();
    apart.sort_unstable();
    apart.get(apart.len() / 2).copied().unwrap_or(0)
}

struct Merging {
    slot: u32,
    count: u32,
    unanswered: u32,
    numbers: Option<Numbers>,
}

impl Merging {
    fn add(&mut self, step: &Step) {
        self.unanswered = self.unanswered.saturating_add(step.unanswered);
        let Some(other) = step.numbers else { return };
        let count = self.count.saturating_add(step.count);
        self.numbers = Some(match self.numbers {
            None => other,
            Some(own) => {
                let share = f64::from(step.count) / f64::from(count.max(1));
                Numbers {
                    min: own.min.min(other.min),
                    max: own.max.max(other.max),
                    mean: own.mean + (other.mean - own.mean) * share,
                }
            }
        });
        self.count = count;
    }

    #[allow(clippy::cast_possible_truncation)] // A screen shows fewer digits than this keeps.
    fn bucket(&self) -> Bucket {
        let numbers = self.numbers.unwrap_or(Numbers { min: 0.0, mean: 0.0, max: 0.0 });
        Bucket {
            slot: self.slot,
            count: self.count,
            unanswered: self.unanswered,
            min: numbers.min as f32,
            mean: numbers.mean as f32,
            max: numbers.max as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Measure;
    use proptest::prelude::*;

    fn merged(begin: i64, steps: &[Step], width_ms: i64) -> Plot {
        let blank = Plot {
            measure: Measure::RoundTrip,
            subject: "icmp".to_owned(),
            begin: Timestamp(begin),
            step_ms: 0,
            gap_ms: 0,
            buckets: Vec::new(),
        };
        plot(blank, steps, width_ms)
    }

    #[test]
    fn a_graph_of_any_length_has_at_most_four_hundred_buckets() {
        for (hours, seconds) in [(1, 10), (24, 300), (24 * 7, 1_800), (24 * 30, 7_200), (24 * 366, 86_400)] {
            let span = Span { from: Timestamp(1), to: Timestamp(1 + hours * 3_600_000) };
            let width = width_ms(span);
            assert_eq!(width, seconds * 1_000, "{hours} hours");
            assert!(hours * 3_600_000 / width < BUCKETS_MAX, "{hours} hours");
        }
        assert_eq!(width_ms(Span { from: Timestamp(5), to: Timestamp(5) }), 5_000);
    }

    #[test]
    fn a_step_without_samples_has_no_bucket_and_an_unanswered_one_no_number() {
        let samples = [(0, Some(3.0)), (4_000, Some(5.0)), (30_000, None), (61_000, Some(1.0))];
        let steps: Vec<_> = samples
            .map(|(at, ms)| single(&(Timestamp(at), ms.map_or(Reading::NoAnswer, Reading::Number))))
            .to_vec();
        let plot = merged(0, &steps, 10_000);
        let told: Vec<_> = plot.buckets.iter().map(|b| (b.slot, b.count, b.unanswered, b.mean)).collect();
        assert_eq!(told, [(0, 2, 0, 4.0), (3, 0, 1, 0.0), (6, 1, 0, 1.0)]);
        assert_eq!((plot.at(6), plot.gap_ms), (Timestamp(60_000), 65_000));
    }

    proptest! {
        #[test]
        fn buckets_keep_count_least_greatest_and_mean(
            samples in proptest::collection::vec((0i64..5_000, proptest::option::of(0.0f64..1_000.0)), 1..200),
            begin in 0i64..1_000_000,
            width in 1i64..50_000,
        ) {
            let mut at = begin;
            let mut steps = Vec::new();
            for (after, ms) in &samples {
                at += after;
                steps.push(single(&(Timestamp(at), ms.map_or(Reading::NoAnswer, Reading::Number))));
            }
            let plot = merged(begin, &steps, width);
            let numbers: Vec<f64> = samples.iter().filter_map(|(_, ms)| *ms).collect();
            let count: u32 = plot.buckets.iter().map(|bucket| bucket.count).sum();
            let unanswered: u32 = plot.buckets.iter().map(|bucket| bucket.unanswered).sum();
            prop_assert_eq!(count as usize, numbers.len());
            prop_assert_eq!(unanswered as usize, samples.len() - numbers.len());
            let told: Vec<_> = plot.buckets.iter().filter(|bucket| bucket.count > 0).collect();
            if !numbers.is_empty() {
                let sum: f64 = told.iter().map(|b| f64::from(b.mean) * f64::from(b.count)).sum();
                let (least, greatest) = (numbers.iter().copied().fold(f64::MAX, f64::min), numbers.iter().copied().fold(0.0, f64::max));
                prop_assert!((sum / numbers.len() as f64 - numbers.iter().sum::<f64>() / numbers.len() as f64).abs() < 0.01);
                prop_assert_eq!(told.iter().map(|b| b.min).fold(f32::MAX, f32::min), least as f32);
                prop_assert_eq!(told.iter().map(|b| b.max).fold(0.0, f32::max), greatest as f32);
            }
            for pair in plot.buckets.windows(2) {
                prop_assert!(pair[0].slot < pair[1].slot);
            }
        }
    }
}
