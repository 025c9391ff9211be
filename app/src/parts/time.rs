//! Times are relative; the exact one, in the reader's zone, appears on hover.

use crate::{browser, format, i18n::use_words};
use leptos::{ev, prelude::*};
use model::Timestamp;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// The server's time as this page knows it: both sides render the same, and the reader's own clock
/// may be wrong.
#[derive(Clone, Copy, Debug)]
struct Now(RwSignal<Timestamp>);

/// Starts the page's clock at the server's time.
pub fn provide_now(at_server: Timestamp) {
    let now = RwSignal::new(at_server);
    provide_context(Now(now));
    Effect::new(move |_| {
        let ahead_ms = at_server.0 - browser::now().0;
        let tick = move || now.set(Timestamp(browser::now().0 + ahead_ms));
        if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || ticking.clear());
        }
    });
}

/// The page's clock.
pub fn use_now() -> RwSignal<Timestamp> {
    use_context::<Now>().map_or_else(|| RwSignal::new(Timestamp::default()), |now| now.0)
}

/// Until then a moment has no age worth a number.
const JUST_NOW_S: i64 = 5;

/// How long ago, such as `3 h 5 min`.
#[component]
pub fn Since(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let (words, now) = (use_words(), use_now());
    view! { <Moment at text=Signal::derive(move || format::span(words, now.get().since_ms(at.get()) / 1000)) /> }
}

/// The same, as a moment in the past: `3 h 5 min ago`, or `just now`.
#[component]
pub fn Ago(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let (words, now) = (use_words(), use_now());
    let text = move || match now.get().since_ms(at.get()) / 1000 {
        ..JUST_NOW_S => words.time_now().to_owned(),
        seconds => words.time_ago(&format::span(words, seconds)),
    };
    view! { <Moment at text=Signal::derive(text) /> }
}

/// Any words for an instant, with the exact time on hover.
#[component]
pub fn Moment(#[prop(into)] at: Signal<Timestamp>, #[prop(into)] text: Signal<String>) -> impl IntoView {
    let lang = use_words().lang();
    // The zone is known only to the browser, so the title is written when it is asked for.
    let explain = move |event: ev::PointerEvent| {
        let target = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(element) = target {
            let title = at.try_get_untracked().map(|at| browser::local_time(at, lang));
            drop(element.set_attribute("title", &title.unwrap_or_default()));
        }
    };
    view! {
        <time datetime=move || format::iso(at.get()) on:pointerenter=explain>
            {move || text.get()}
        </time>
    }
}
