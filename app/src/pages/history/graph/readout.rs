//! What a graph says in numbers: the whole of it, or the instant that is looked at.

use super::{Shown, path, scale, use_cursor};
use crate::{
    i18n::{Words, use_words},
    pages::history::zone::{Zone, use_zone},
};
use leptos::prelude::*;
use model::{Bucket, Measure, Plot, Timestamp};
use std::sync::Arc;

/// It keeps its place, so that nothing moves under the pointer.
#[component]
pub fn Readout(shown: Arc<Shown>) -> impl IntoView {
    let (words, zone, cursor) = (use_words(), use_zone(), use_cursor());
    let when = move || cursor.get().map(|at| zone.get().moment(words, at, false));
    let parts = shown.lines.iter().enumerate().map(|(place, line)| {
        let (shown, name) = (shown.clone(), line.name);
        let text = move || shown.lines.get(place).map(|line| of_line(words, &line.plot, cursor.get()));
        view! {
            <span class="readout-line" class:second=place == 1 class:lone=name.is_empty()>
                {(!name.is_empty()).then(|| view! { <span class="readout-name">{name}</span> })}
                {text}
            </span>
        }
    });
    view! {
        <p class="readout">
            <span class="readout-when">{when}</span>
            {parts.collect_view()}
        </p>
    }
}

/// The same as one sentence, for whoever listens.
pub fn told(words: Words, shown: &Shown, zone: Zone, at: Option<Timestamp>) -> String {
    let mut parts: Vec<String> = at.map(|at| zone.moment(words, at, false)).into_iter().collect();
    for line in &shown.lines {
        let text = of_line(words, &line.plot, at);
        parts.push(if line.name.is_empty() { text } else { format!("{} {text}", line.name) });
    }
    parts.join(", ")
}

fn of_line(words: Words, plot: &Plot, at: Option<Timestamp>) -> String {
    let Some(at) = at else { return of_all(words, plot) };
    match path::nearest(plot, at).and_then(|index| plot.buckets.get(index)) {
        Some(bucket) => of_bucket(words, plot.measure, bucket),
        None => words.history_nothing().to_owned(),
    }
}

fn of_bucket(words: Words, measure: Measure, bucket: &Bucket) -> String {
    let mut parts = Vec::new();
    if bucket.count > 0 {
        parts.push(numbers(words, measure, (bucket.min, bucket.mean, bucket.max)));
    }
    if bucket.unanswered > 0 {
        parts.push(words.history_unanswered(bucket.unanswered.into()));
    }
    parts.join(" · ")
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn of_all(words: Words, plot: &Plot) -> String {
    let told = || plot.buckets.iter().filter(|bucket| bucket.count > 0);
    let count: u64 = told().map(|bucket| u64::from(bucket.count)).sum();
    let sum: f64 = told().map(|bucket| f64::from(bucket.mean) * f64::from(bucket.count)).sum();
    let min = told().map(|bucket| bucket.min).fold(f32::INFINITY, f32::min);
    let max = told().map(|bucket| bucket.max).fold(f32::NEG_INFINITY, f32::max);
    let unanswered: u64 = plot.buckets.iter().map(|bucket| u64::from(bucket.unanswered)).sum();
    let mut parts = Vec::new();
    if count > 0 {
        parts.push(numbers(words, plot.measure, (min, (sum / count as f64) as f32, max)));
    }
    if unanswered > 0 {
        parts.push(words.history_unanswered(unanswered));
    }
    parts.join(" · ")
}

/// `23.1 ms (20.4 ms – 31.0 ms)`
fn numbers(words: Words, measure: Measure, (min, mean, max): (f32, f32, f32)) -> String {
    let value = |number| scale::value(words, measure, number);
    let (least, most) = (value(min), value(max));
    if least == most { value(mean) } else { format!("{} ({least}\u{a0}– {most})", value(mean)) }
}
