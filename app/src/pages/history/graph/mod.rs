//! A graph of one measure over time, drawn by the server and read to the point by pointer and keys.

mod path;
mod readout;
mod scale;

pub use scale::{TimeMark, times};

use super::zone::use_zone;
use crate::{browser, i18n::use_words};
use leptos::{ev, prelude::*};
use model::{Measure, Plot, Timestamp};
use path::{Field, HEIGHT, WIDTH};
use readout::Readout;
use std::{fmt::Write, sync::Arc};

/// The height of the strip on which unanswered rounds are marked.
const MISSED_HEIGHT: f64 = 10.0;
/// How far a page of keys goes, in buckets.
const PAGE: usize = 10;

/// The instant that is looked at: all charts of a page show the same.
#[derive(Clone, Copy)]
pub struct Cursor(pub RwSignal<Option<Timestamp>>);

pub fn use_cursor() -> RwSignal<Option<Timestamp>> {
    use_context::<Cursor>().map_or_else(|| RwSignal::new(None), |cursor| cursor.0)
}

/// One line of a graph.
pub struct Line {
    /// Empty where there is but one.
    pub name: &'static str,
    pub plot: Plot,
}

/// What a graph shows; its parts share it.
pub struct Shown {
    field: Field,
    lines: Vec<Line>,
}

impl Shown {
    fn new(measure: Measure, (from, to): (Timestamp, Timestamp), lines: Vec<Line>) -> Self {
        let numbers = || lines.iter().flat_map(|line| &line.plot.buckets).filter(|bucket| bucket.count > 0);
        // A band reaches to the greatest number, a line without one only to the greatest mean.
        let is_banded = lines.len() == 1;
        let low = numbers().map(|b| if is_banded { b.min } else { b.mean }).fold(f32::INFINITY, f32::min);
        let high =
            numbers().map(|b| if is_banded { b.max } else { b.mean }).fold(f32::NEG_INFINITY, f32::max);
        let (low, high) = if low <= high { (f64::from(low), f64::from(high)) } else { (0.0, 1.0) };
        Self { field: Field { from, to, scale: scale::scale_of(measure, low, high) }, lines }
    }

    /// The one by which the keys move.
    fn main(&self) -> Option<&Plot> {
        self.lines.iter().map(|line| &line.plot).max_by_key(|plot| plot.buckets.len())
    }

    fn has_missed(&self) -> bool {
        self.lines.iter().any(|line| line.plot.buckets.iter().any(|bucket| bucket.unanswered > 0))
    }
}

/// A titled graph with its readout, its scale and its times.
#[component]
pub fn Graph(
    #[prop(into)] title: String,
    measure: Measure,
    span: (Timestamp, Timestamp),
    lines: Vec<Line>,
    /// Not as wide as the page.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let words = use_words();
    let shown = Arc::new(Shown::new(measure, span, lines));
    let ticks = shown.field.scale.ticks.iter().map(|tick| {
        let at = format!("{:.2}%", shown.field.scale.share(*tick) * 100.0);
        view! { <span style:--at=at>{scale::mark(words, measure, *tick)}</span> }
    });
    let ticks = ticks.collect_view();
    let missed = shown.has_missed().then(|| missed_strip(&shown));
    view! {
        <figure class="graph" class:small=small>
            <figcaption class="graph-head">
                <h2>{title.clone()}</h2>
                <Readout shown=shown.clone() />
            </figcaption>
            <div class="graph-body">
                <div class="graph-scale" aria-hidden="true">{ticks}</div>
                <Canvas shown title />
                {missed}
                <TimeAxis span />
            </div>
        </figure>
    }
}

/// The field itself: what is drawn, and the line at the instant that is looked at.
#[component]
fn Canvas(shown: Arc<Shown>, title: String) -> impl IntoView {
    let (words, zone, cursor) = (use_words(), use_zone(), use_cursor());
    let span = (shown.field.from, shown.field.to);
    let drawn = drawn(&shown);
    let rules = rules(&shown);
    let grid = move || {
        times(words, zone.get(), span).iter().fold(String::new(), |mut path, mark| {
            let _ = write!(path, "M{:.1} 0v{HEIGHT}", mark.share * WIDTH);
            path
        })
    };
    let (pointed, keyed, read, placed) = (shown.clone(), shown.clone(), shown.clone(), shown.clone());
    let point = move |event: ev::PointerEvent| {
        if let Some(share) = browser::along(&event) {
            cursor.set(Some(instant(&pointed.field, share)));
        }
    };
    let tapped = point.clone();
    let press = move |event: ev::KeyboardEvent| {
        if let Some(next) = moved(&keyed, cursor.get_untracked(), &event.key()) {
            event.prevent_default();
            cursor.set(next);
        }
    };
    let last = shown.main().map_or(0, |plot| plot.buckets.len().saturating_sub(1));
    let place = move || {
        cursor.get().and_then(|at| path::nearest(placed.main()?, at)).map_or(last, |index| index).to_string()
    };
    view! {
        <div
            class="graph-field"
            role="slider"
            tabindex="0"
            aria-label=title
            aria-valuemin="0"
            aria-valuemax=last.to_string()
            aria-valuenow=place
            aria-valuetext=move || readout::told(words, &read, zone.get(), cursor.get())
            on:pointermove=point
            on:pointerdown=tapped
            on:pointerleave=move |_| cursor.set(None)
            on:keydown=press
        >
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">
                <path class="graph-grid" d=grid />
                <path class="graph-grid" d=rules />
                {drawn}
            </svg>
            <Crosshair span />
        </div>
    }
}

/// The line at the instant that is looked at.
#[component]
pub fn Crosshair(span: (Timestamp, Timestamp)) -> impl IntoView {
    let cursor = use_cursor();
    #[allow(clippy::cast_precision_loss)]
    let place = move || {
        let share = cursor.get().map(|at| (at.0 - span.0.0) as f64 / span.1.since_ms(span.0).max(1) as f64);
        format!("{:.3}%", share.unwrap_or(0.0).clamp(0.0, 1.0) * 100.0)
    };
    view! { <span class="crosshair" class:on=move || cursor.get().is_some() style:--at=place></span> }
}

/// The times below a chart.
#[component]
pub fn TimeAxis(span: (Timestamp, Timestamp)) -> impl IntoView {
    let (words, zone) = (use_words(), use_zone());
    let marks = move || {
        let mark = |mark: TimeMark| {
            let at = format!("{:.2}%", mark.share * 100.0);
            view! { <span style:--at=at class:day=mark.is_day>{mark.text}</span> }
        };
        // A text that would reach beyond the edge is left out; its line in the graph stays.
        times(words, zone.get(), span)
            .into_iter()
            .filter(|mark| (0.015..0.985).contains(&mark.share))
            .map(mark)
            .collect_view()
    };
    view! { <div class="graph-times" aria-hidden="true">{marks}</div> }
}

fn rules(shown: &Shown) -> String {
    shown.field.scale.ticks.iter().fold(String::new(), |mut path, tick| {
        let _ = write!(path, "M0 {:.1}h{WIDTH}", HEIGHT * (1.0 - shown.field.scale.share(*tick)));
        path
    })
}

fn drawn(shown: &Shown) -> AnyView {
    let field = &shown.field;
    match &shown.lines[..] {
        [one] => view! {
            <path class="graph-band" d=path::band(field, &one.plot) />
            <path class="graph-line" d=path::line(field, &one.plot) />
        }
        .into_any(),
        lines => lines
            .iter()
            .enumerate()
            .map(|(place, line)| {
                let filled = (place == 0).then(|| path::area(field, &line.plot));
                view! {
                    {filled.map(|area| view! { <path class="graph-band" d=area /> })}
                    <path class=if place == 0 { "graph-line" } else { "graph-line second" } d=path::line(field, &line.plot) />
                }
            })
            .collect_view()
            .into_any(),
    }
}

fn missed_strip(shown: &Shown) -> AnyView {
    let marks: String =
        shown.lines.iter().map(|line| path::missed(&shown.field, &line.plot, MISSED_HEIGHT)).collect();
    view! {
        <svg
            class="graph-missed"
            viewBox=format!("0 0 {WIDTH} {MISSED_HEIGHT}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path d=marks />
        </svg>
    }
    .into_any()
}

/// The instant at a share of the width.
fn instant(field: &Field, share: f64) -> Timestamp {
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    let ms = (field.to.since_ms(field.from) as f64 * share) as i64;
    Timestamp(field.from.0 + ms)
}

/// Where a key leads; nothing when it means nothing here.
#[allow(clippy::option_option)] // The inner one is that nothing is looked at.
fn moved(shown: &Shown, at: Option<Timestamp>, key: &str) -> Option<Option<Timestamp>> {
    let plot = shown.main()?;
    let last = plot.buckets.len().checked_sub(1)?;
    // In a gap, the first bucket after it.
    let after = |at| plot.buckets.partition_point(|bucket| path::middle(plot, bucket) < at).min(last);
    let here = at.map(|at| path::nearest(plot, at).unwrap_or_else(|| after(at)));
    let index = match key {
        "ArrowLeft" | "ArrowDown" => here.map_or(last, |here| here.saturating_sub(1)),
        "ArrowRight" | "ArrowUp" => here.map_or(0, |here| (here + 1).min(last)),
        "PageDown" => here.map_or(last, |here| here.saturating_sub(PAGE)),
        "PageUp" => here.map_or(0, |here| (here + PAGE).min(last)),
        "Home" => 0,
        "End" => last,
        "Escape" => return at.map(|_| None),
        _ => return None,
    };
    plot.buckets.get(index).map(|bucket| Some(path::middle(plot, bucket)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Bucket;

    #[test]
    fn keys_go_from_bucket_to_bucket_and_stop_at_the_ends() {
        let bucket = |slot| Bucket { slot, count: 1, unanswered: 0, min: 1.0, mean: 1.0, max: 1.0 };
        let plot = Plot {
            measure: Measure::CpuLoad,
            subject: String::new(),
            begin: Timestamp(0),
            step_ms: 10,
            gap_ms: 25,
            buckets: [0, 1, 8].map(bucket).to_vec(),
        };
        let span = (Timestamp(0), Timestamp(100));
        let shown = Shown::new(Measure::CpuLoad, span, vec![Line { name: "", plot }]);
        let mut at = None;
        for (key, expected) in [
            ("ArrowLeft", Some(85)),
            ("ArrowLeft", Some(15)),
            ("ArrowLeft", Some(5)),
            ("ArrowLeft", Some(5)),
            ("PageUp", Some(85)),
            ("Home", Some(5)),
            ("ArrowRight", Some(15)),
            ("Escape", None),
        ] {
            at = moved(&shown, at, key).expect(key);
            assert_eq!(at.map(|at| at.0), expected, "{key}");
        }
        assert_eq!(moved(&shown, None, "Escape"), None);
        assert_eq!(moved(&shown, None, "x"), None);
        assert_eq!(moved(&shown, Some(Timestamp(50)), "ArrowRight"), Some(Some(Timestamp(85))));
    }
}
