//! What a plot looks like, as paths on a field that is stretched to the room there is.

use super::scale::Scale;
use model::{Bucket, Plot, Timestamp};
use std::fmt::Write;

/// The field on which paths are drawn.
pub const WIDTH: f64 = 1000.0;
pub const HEIGHT: f64 = 200.0;

/// Where things are on the field.
#[derive(Clone, Debug)]
pub struct Field {
    pub from: Timestamp,
    pub to: Timestamp,
    pub scale: Scale,
}

impl Field {
    #[allow(clippy::cast_precision_loss)] // A year of milliseconds is far below 2^52.
    pub fn x(&self, at: Timestamp) -> f64 {
        let length = self.to.since_ms(self.from).max(1) as f64;
        (WIDTH * (at.0 - self.from.0) as f64 / length).clamp(0.0, WIDTH)
    }

    fn y(&self, value: f32) -> f64 {
        HEIGHT * (1.0 - self.scale.share(value.into()))
    }

    /// A bucket stands in the middle of its step.
    fn middle(&self, plot: &Plot, bucket: &Bucket) -> f64 {
        self.x(middle(plot, bucket))
    }
}

/// The middle of a bucket's time.
pub fn middle(plot: &Plot, bucket: &Bucket) -> Timestamp {
    Timestamp(plot.at(bucket.slot).0 + plot.step_ms / 2)
}

/// Stretches of buckets that say a number, with no gap in them.
fn runs(plot: &Plot) -> Vec<&[Bucket]> {
    let is_apart = |a: &Bucket, b: &Bucket| {
        let apart = i64::from(b.slot.saturating_sub(a.slot)).saturating_mul(plot.step_ms);
        a.count == 0 || b.count == 0 || apart > plot.gap_ms
    };
    let runs = plot.buckets.chunk_by(|a, b| !is_apart(a, b));
    runs.filter(|run| run.iter().all(|bucket| bucket.count > 0)).collect()
}

/// The line of the means. A number alone between two gaps is a dot.
pub fn line(field: &Field, plot: &Plot) -> String {
    let mut path = String::new();
    for run in runs(plot) {
        for (place, bucket) in run.iter().enumerate() {
            let act = if place == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{act}{:.1} {:.1}", field.middle(plot, bucket), field.y(bucket.mean));
        }
        if run.len() == 1 {
            path.push_str("h.1");
        }
    }
    path
}

/// The area between the least and the greatest.
pub fn band(field: &Field, plot: &Plot) -> String {
    outline(field, plot, |bucket| field.y(bucket.min))
}

/// The area below the means.
pub fn area(field: &Field, plot: &Plot) -> String {
    let mut path = String::new();
    for run in runs(plot).into_iter().filter(|run| run.len() > 1) {
        path.push_str(&edge(field, plot, 'M', run.iter(), |bucket| field.y(bucket.mean)));
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            let (first, last) = (field.middle(plot, first), field.middle(plot, last));
            let _ = write!(path, "L{last:.1} {HEIGHT}H{first:.1}z");
        }
    }
    path
}

fn outline(field: &Field, plot: &Plot, low: impl Fn(&Bucket) -> f64) -> String {
    let mut path = String::new();
    for run in runs(plot).into_iter().filter(|run| run.len() > 1) {
        path.push_str(&edge(field, plot, 'M', run.iter(), |bucket| field.y(bucket.max)));
        path.push_str(&edge(field, plot, 'L', run.iter().rev(), &low));
        path.push('z');
    }
    path
}

/// A line along a run, which begins by moving or by drawing there.
fn edge<'a>(
    field: &Field,
    plot: &Plot,
    first: char,
    run: impl Iterator<Item = &'a Bucket>,
    y: impl Fn(&Bucket) -> f64,
) -> String {
    let mut path = String::new();
    for (place, bucket) in run.enumerate() {
        let act = if place == 0 { first } else { 'L' };
        let _ = write!(path, "{act}{:.1} {:.1}", field.middle(plot, bucket), y(bucket));
    }
    path
}

/// Where rounds were not answered: the more of them, the taller, on a strip of this height.
pub fn missed(field: &Field, plot: &Plot, height: f64) -> String {
    let mut path = String::new();
    for bucket in plot.buckets.iter().filter(|bucket| bucket.unanswered > 0) {
        let share = f64::from(bucket.unanswered) / f64::from(bucket.unanswered + bucket.count);
        let tall = height * (0.4 + 0.6 * share);
        let _ = write!(path, "M{:.1} {height:.1}v-{tall:.1}", field.middle(plot, bucket));
    }
    path
}

/// The bucket that an instant falls into, or the nearest that is no gap away.
pub fn nearest(plot: &Plot, at: Timestamp) -> Option<usize> {
    let after = plot.buckets.partition_point(|bucket| middle(plot, bucket) < at);
    let distance = |index: &usize| {
        plot.buckets.get(*index).map_or(i64::MAX, |bucket| (middle(plot, bucket).0 - at.0).abs())
    };
    let near = [after.checked_sub(1), Some(after)].into_iter().flatten().min_by_key(distance)?;
    (distance(&near) <= plot.gap_ms / 2).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::history::graph::scale::nice;
    use model::Measure;

    fn bucket(slot: u32, mean: f32) -> Bucket {
        Bucket { slot, count: 2, unanswered: 0, min: mean - 1.0, mean, max: mean + 1.0 }
    }

    fn plot(buckets: Vec<Bucket>) -> Plot {
        let subject = "icmp".to_owned();
        Plot { measure: Measure::RoundTrip, subject, begin: Timestamp(0), step_ms: 10, gap_ms: 25, buckets }
    }

    fn field() -> Field {
        Field { from: Timestamp(0), to: Timestamp(100), scale: nice(0.0, 10.0, 2) }
    }

    #[test]
    fn gaps_are_gaps_whether_nothing_was_asked_or_nothing_answered() {
        let silent = Bucket { slot: 3, count: 0, unanswered: 2, min: 0.0, mean: 0.0, max: 0.0 };
        let plot = plot(vec![bucket(0, 5.0), bucket(1, 5.0), silent, bucket(4, 5.0), bucket(8, 10.0)]);
        assert_eq!(line(&field(), &plot), "M50.0 100.0L150.0 100.0M450.0 100.0h.1M850.0 0.0h.1");
        assert_eq!(band(&field(), &plot), "M50.0 80.0L150.0 80.0L150.0 120.0L50.0 120.0z");
        assert_eq!(area(&field(), &plot), "M50.0 100.0L150.0 100.0L150.0 200H50.0z");
        assert_eq!(missed(&field(), &plot, 10.0), "M350.0 10.0v-10.0");
    }

    #[test]
    fn the_pointer_finds_the_nearest_bucket_and_none_across_a_gap() {
        let plot = plot(vec![bucket(0, 5.0), bucket(1, 5.0), bucket(8, 5.0)]);
        let found = [0, 9, 11, 26, 27, 50, 80, 99].map(|at| nearest(&plot, Timestamp(at)));
        assert_eq!(found, [Some(0), Some(0), Some(1), Some(1), Some(1), None, Some(2), None]);
    }
}
