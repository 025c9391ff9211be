//! The states of a device over time as one wide bar. Patterns tell what colours do.

use super::{
    graph::{Crosshair, TimeAxis, use_cursor},
    spent::length,
    zone::{Zone, use_zone},
};
use crate::{
    browser,
    i18n::{Words, use_words},
    parts::state_word,
};
use leptos::{ev, prelude::*};
use model::{PastWindow, Segment, State, Timestamp};
use std::sync::Arc;

/// What the bar shows; its parts share it.
struct Shown {
    segments: Vec<Segment>,
    windows: Vec<PastWindow>,
    from: Timestamp,
    to: Timestamp,
}

impl Shown {
    fn at(&self, at: Timestamp) -> Option<usize> {
        let index = self.segments.partition_point(|segment| segment.to <= at);
        self.segments.get(index).filter(|segment| segment.from <= at).map(|_| index)
    }

    /// The maintenance that ran then.
    fn window(&self, at: Timestamp) -> Option<&PastWindow> {
        self.windows.iter().find(|window| window.from <= at && at < window.to)
    }

    /// From 0 to 100.
    #[allow(clippy::cast_precision_loss)]
    fn percent(&self, at: Timestamp) -> f64 {
        let length = self.to.since_ms(self.from).max(1) as f64;
        ((at.0 - self.from.0) as f64 / length * 100.0).clamp(0.0, 100.0)
    }

    fn instant(&self, share: f64) -> Timestamp {
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        let ms = (self.to.since_ms(self.from) as f64 * share) as i64;
        Timestamp(self.from.0 + ms)
    }

    /// Keys go from stretch to stretch, to the middle of each.
    #[allow(clippy::option_option)] // The inner one is that nothing is looked at.
    fn moved(&self, at: Option<Timestamp>, key: &str) -> Option<Option<Timestamp>> {
        let last = self.segments.len().checked_sub(1)?;
        let here = at.and_then(|at| self.at(at));
        let index = match key {
            "ArrowLeft" | "ArrowDown" => here.map_or(last, |here| here.saturating_sub(1)),
            "ArrowRight" | "ArrowUp" => here.map_or(0, |here| (here + 1).min(last)),
            "Home" => 0,
            "End" => last,
            "Escape" => return at.map(|_| None),
            _ => return None,
        };
        let segment = self.segments.get(index)?;
        Some(Some(Timestamp(segment.from.0 + segment.to.since_ms(segment.from) / 2)))
    }
}

#[component]
pub fn States(
    segments: Vec<Segment>,
    windows: Vec<PastWindow>,
    span: (Timestamp, Timestamp),
) -> impl IntoView {
    let words = use_words();
    let has_windows = !windows.is_empty();
    let shown = Arc::new(Shown { segments, windows, from: span.0, to: span.1 });
    let (zone, cursor) = (use_zone(), use_cursor());
    let read = shown.clone();
    let readout = move || match cursor.get() {
        None => words.history_hint().to_owned(),
        Some(at) => read.at(at).and_then(|index| read.segments.get(index)).map_or_else(
            || words.history_nothing().to_owned(),
            |segment| told(words, zone.get(), segment, read.window(at)),
        ),
    };
    view! {
        <figure class="graph timeline">
            <figcaption class="graph-head">
                <h2>{words.history_states()}</h2>
                <p class="readout">{readout}</p>
            </figcaption>
            <Bar shown />
            <TimeAxis span />
            <Legend has_windows />
        </figure>
    }
}

#[component]
fn Bar(shown: Arc<Shown>) -> impl IntoView {
    let (words, zone, cursor) = (use_words(), use_zone(), use_cursor());
    let stretches = shown.segments.iter().map(|segment| stretch(&shown, segment)).collect_view();
    let (pointed, keyed, read, placed) = (shown.clone(), shown.clone(), shown.clone(), shown.clone());
    let point = move |event: ev::PointerEvent| {
        if let Some(share) = browser::along(&event) {
            cursor.set(Some(pointed.instant(share)));
        }
    };
    let tapped = point.clone();
    let press = move |event: ev::KeyboardEvent| {
        if let Some(next) = keyed.moved(cursor.get_untracked(), &event.key()) {
            event.prevent_default();
            cursor.set(next);
        }
    };
    let last = shown.segments.len().saturating_sub(1);
    let place = move || cursor.get().and_then(|at| placed.at(at)).unwrap_or(last).to_string();
    let text = move || {
        let index = cursor.get().map_or(Some(last), |at| read.at(at));
        let segment = index.and_then(|index| read.segments.get(index));
        let window = cursor.get().and_then(|at| read.window(at));
        segment.map_or_else(
            || words.history_nothing().to_owned(),
            |segment| told(words, zone.get(), segment, window),
        )
    };
    let windows = shown.windows.iter().map(|window| band(&shown, window)).collect_view();
    view! {
        <div
            class="timeline-bar"
            role="slider"
            tabindex="0"
            aria-label=words.history_states()
            aria-valuemin="0"
            aria-valuemax=last.to_string()
            aria-valuenow=place
            aria-valuetext=text
            on:pointermove=point
            on:pointerdown=tapped
            on:pointerleave=move |_| cursor.set(None)
            on:keydown=press
        >
            <svg aria-hidden="true">
                <Patterns />
                {stretches}
                {windows}
            </svg>
            <Crosshair span=(shown.from, shown.to) />
        </div>
    }
}

/// What a stretch wears: its state's name, or that nobody saw it.
fn look(segment: &Segment) -> &'static str {
    if segment.is_observed { segment.state.word() } else { "none" }
}

fn stretch(shown: &Shown, segment: &Segment) -> AnyView {
    let look = look(segment);
    let (x, end) = (shown.percent(segment.from), shown.percent(segment.to));
    let (x, width) = (format!("{x:.3}%"), format!("{:.3}%", end - x));
    let patterned = (look != "up").then(|| {
        let fill = format!("url(#pattern-{look})");
        view! { <rect x=x.clone() width=width.clone() height="100%" fill=fill /> }
    });
    view! {
        <rect class="stretch" data-state=look x=x.clone() width=width.clone() height="100%" />
        {patterned}
    }
    .into_any()
}

/// Maintenance lies over what the device was then.
fn band(shown: &Shown, window: &PastWindow) -> AnyView {
    let (x, end) = (shown.percent(window.from), shown.percent(window.to));
    let (x, width) = (format!("{x:.3}%"), format!("{:.3}%", end - x));
    view! { <rect class="window" x=x y="0" width=width height="8" /> }.into_any()
}

/// Lines and dots of the same size whatever the width.
#[component]
fn Patterns() -> impl IntoView {
    let pattern = |look: &'static str, size: &'static str, drawn: &'static str| {
        view! {
            <pattern id=format!("pattern-{look}") width=size height=size patternUnits="userSpaceOnUse">
                <path class="pattern" data-state=look d=drawn />
            </pattern>
        }
    };
    view! {
        <defs>
            {pattern("down", "6", "M-1 1l2-2M0 6l6-6M5 7l2-2")}
            {pattern("degraded", "8", "M0 4h8")}
            {pattern("unknown", "6", "M2 3h2")}
            {pattern("paused", "8", "M2 0v8M5 0v8")}
            {pattern("none", "6", "M3 5.5h.1")}
        </defs>
    }
}

/// What colours and patterns mean.
#[component]
fn Legend(has_windows: bool) -> impl IntoView {
    let words = use_words();
    let looks = [
        ("up", words.state_up()),
        ("degraded", words.state_degraded()),
        ("down", words.state_down()),
        ("unknown", words.state_unknown()),
        ("paused", words.state_paused()),
        ("none", words.history_unobserved()),
    ];
    let line = |(look, word): (&'static str, &'static str)| {
        let fill = format!("url(#pattern-{look})");
        view! {
            <li>
                <svg class="legend-mark" aria-hidden="true">
                    <rect class="stretch" data-state=look width="100%" height="100%" />
                    {(look != "up").then(|| view! { <rect width="100%" height="100%" fill=fill /> })}
                </svg>
                {word}
            </li>
        }
    };
    let windows = has_windows.then(|| {
        view! {
            <li>
                <svg class="legend-mark" aria-hidden="true">
                    <rect class="window" width="100%" height="5" y="3" />
                </svg>
                {words.quiet_maintenance()}
            </li>
        }
    });
    view! { <ul class="legend">{looks.map(line).collect_view()} {windows}</ul> }
}

/// `Down · 29 Nov 14:05:10 – 29 Nov 14:20:31 (15min 21s) · connection refused`
fn told(words: Words, zone: Zone, segment: &Segment, window: Option<&PastWindow>) -> String {
    let word =
        if segment.is_observed { state_word(words, segment.state) } else { words.history_unobserved() };
    let (from, to) = (zone.moment(words, segment.from, true), zone.moment(words, segment.to, true));
    let mut parts = vec![
        word.to_owned(),
        format!("{from} – {to} ({})", length(words, segment.to.since_ms(segment.from).unsigned_abs())),
    ];
    let is_trouble = matches!(segment.state, State::Down | State::Degraded | State::Unknown);
    parts.extend(segment.cause.as_ref().filter(|_| is_trouble).map(|cause| words.cause(cause)));
    parts.extend(window.map(|window| format!("{}: {}", words.quiet_maintenance(), window.title)));
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_from_stretch_to_stretch_and_a_point_finds_the_one_it_is_in() {
        let stretch = |from, to, state| Segment {
            from: Timestamp(from),
            to: Timestamp(to),
            state,
            is_observed: true,
            cause: None,
        };
        let segments = vec![stretch(20, 60, State::Up), stretch(60, 80, State::Down)];
        let shown = Shown { segments, windows: Vec::new(), from: Timestamp(0), to: Timestamp(100) };
        let found = [0, 20, 59, 60, 80, 99].map(|at| shown.at(Timestamp(at)));
        assert_eq!(found, [None, Some(0), Some(0), Some(1), None, None]);
        let mut at = None;
        for (key, expected) in [
            ("ArrowLeft", Some(70)),
            ("ArrowLeft", Some(40)),
            ("ArrowLeft", Some(40)),
            ("End", Some(70)),
            ("Escape", None),
        ] {
            at = shown.moved(at, key).expect(key);
            assert_eq!(at.map(|at| at.0), expected, "{key}");
        }
    }
}
