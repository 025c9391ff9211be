//! Small charts drawn as SVG: a bar per round, and a line of rates.

use crate::i18n::use_words;
use leptos::prelude::*;
use model::{BEATS_MAX, Beat};
use std::fmt::Write;

const BEAT_WIDTH: usize = 4;
const BEAT_GAP: usize = 2;
const BEATS_HEIGHT: f64 = 18.0;

/// The last rounds, newest at the right: height is the round trip, colour and place the outcome.
#[component]
pub fn Beats(#[prop(into)] beats: Signal<Vec<Beat>>) -> impl IntoView {
    let words = use_words();
    let label = move || {
        let failed = beats.with(|beats| beats.iter().filter(|beat| **beat == Beat::Failed).count());
        words.beats_label(u64::try_from(failed).unwrap_or_default(), &beats.with(Vec::len))
    };
    let width = BEATS_MAX * (BEAT_WIDTH + BEAT_GAP) - BEAT_GAP;
    view! {
        <svg class="beats" viewBox=format!("0 0 {width} {BEATS_HEIGHT}") role="img" aria-label=label>
            <path class="beats-none" d=move || beats.with(|beats| blanks(beats.len())) />
            <path class="beats-ok" d=move || beats.with(|beats| bars(beats, |beat| matches!(beat, Beat::Ok(_)))) />
            <path class="beats-failed" d=move || beats.with(|beats| bars(beats, |beat| beat == Beat::Failed)) />
            <path class="beats-unknown" d=move || beats.with(|beats| bars(beats, |beat| beat == Beat::Unknown)) />
        </svg>
    }
}

/// Rounds that have not happened yet keep their place.
fn blanks(known: usize) -> String {
    let mut path = String::new();
    for slot in 0..BEATS_MAX.saturating_sub(known) {
        let _ = write!(
            path,
            "M{} {}h{BEAT_WIDTH}v2h-{BEAT_WIDTH}z",
            slot * (BEAT_WIDTH + BEAT_GAP),
            BEATS_HEIGHT - 2.0
        );
    }
    path
}

fn bars(beats: &[Beat], wanted: impl Fn(Beat) -> bool) -> String {
    let slowest = beats.iter().map(|beat| if let Beat::Ok(tenths) = beat { *tenths } else { 0 }).max();
    let slowest = f64::from(slowest.unwrap_or(0)).max(1.0);
    let shown = beats.iter().rev().take(BEATS_MAX).rev();
    let first = BEATS_MAX.saturating_sub(beats.len());
    let mut path = String::with_capacity(beats.len() * 20);
    for (slot, beat) in shown.enumerate().filter(|(_, beat)| wanted(**beat)) {
        let height = match beat {
            // The square root keeps quick rounds visible beside one slow one.
            Beat::Ok(tenths) => 5.0 + 13.0 * (f64::from(*tenths) / slowest).sqrt(),
            Beat::Failed => BEATS_HEIGHT,
            Beat::Unknown => 5.0,
        };
        let x = (first + slot) * (BEAT_WIDTH + BEAT_GAP);
        let _ = write!(path, "M{x} {:.1}h{BEAT_WIDTH}v{height:.1}h-{BEAT_WIDTH}z", BEATS_HEIGHT - height);
    }
    path
}

/// What came in and what went out in one second.
type Point = (Option<u64>, Option<u64>);

/// Two lines over the same seconds: what comes in, filled, and what goes out. `None` is a gap.
#[component]
pub fn Sparkline(
    #[prop(into)] points: Signal<Vec<Point>>,
    slots: usize,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let top = Memo::new(move |_| {
        points.with(|points| {
            points.iter().flat_map(|(rx, tx)| [*rx, *tx]).flatten().max().unwrap_or(0).max(1_000)
        })
    });
    let line = move |pick: fn(&Point) -> Option<u64>, is_area| {
        points.with(|points| line(&points.iter().map(pick).collect::<Vec<_>>(), slots, top.get(), is_area))
    };
    view! {
        <svg class="sparkline" viewBox="0 0 300 60" preserveAspectRatio="none" role="img" aria-label=move || label.get()>
            <path class="sparkline-area" d=move || line(|point| point.0, true) />
            <path class="sparkline-in" d=move || line(|point| point.0, false) />
            <path class="sparkline-out" d=move || line(|point| point.1, false) />
        </svg>
    }
}

/// A path over a 300 × 58 field, newest value at the right edge.
fn line(values: &[Option<u64>], slots: usize, top: u64, is_area: bool) -> String {
    #[allow(clippy::cast_precision_loss)]
    let x = |slot: usize| 300.0 * slot as f64 / slots.saturating_sub(1).max(1) as f64;
    #[allow(clippy::cast_precision_loss)]
    let y = |value: u64| 59.0 - 57.0 * (value as f64 / top as f64);
    let first = slots.saturating_sub(values.len());
    let mut path = String::new();
    let mut start = None;
    for (index, value) in values.iter().enumerate() {
        let at = x(first + index);
        match (value, start) {
            (Some(value), None) => {
                let _ = write!(path, "M{at:.1} {:.1}", y(*value));
                start = Some(at);
            }
            (Some(value), Some(_)) => {
                let _ = write!(path, "L{at:.1} {:.1}", y(*value));
            }
            (None, Some(begun)) => {
                if is_area {
                    let _ = write!(path, "V60H{begun:.1}z");
                }
                start = None;
            }
            (None, None) => {}
        }
        if let (true, Some(begun), true) = (is_area, start, index + 1 == values.len()) {
            let _ = write!(path, "V60H{begun:.1}z");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_in_the_rates_is_a_gap_in_the_line() {
        let path = line(&[Some(10), Some(5), None, Some(10)], 4, 10, false);
        assert_eq!(path.matches('M').count(), 2, "{path}");
        assert_eq!(path, "M0.0 2.0L100.0 30.5M300.0 2.0");
    }

    #[test]
    fn the_newest_beat_stands_at_the_right_edge() {
        assert_eq!(bars(&[Beat::Failed], |beat| beat == Beat::Failed), "M174 0.0h4v18.0h-4z");
        assert_eq!(blanks(BEATS_MAX - 1), "M0 16h4v2h-4z");
    }
}
