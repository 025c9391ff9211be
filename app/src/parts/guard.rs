//! Asks before what was typed would be lost.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, Event};

/// While `is_dirty`, closing the tab or following a link asks `question` first.
pub fn guard_leaving(is_dirty: Signal<bool>, question: &'static str) {
    let closing = window_event_listener(ev::beforeunload, move |event| {
        if is_dirty.get_untracked() {
            event.prevent_default();
        }
    });
    on_cleanup(move || closing.remove());
    Effect::new(move || guard_links(is_dirty, question));
}

/// Hears clicks on their way down, before the router's own listener follows the link.
fn guard_links(is_dirty: Signal<bool>, question: &'static str) {
    let on_click = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("a[href]").ok().flatten());
        let leaves = link.is_some_and(|link| !link.has_attribute("target"));
        if leaves && is_dirty.try_get_untracked().unwrap_or(false) && !may_leave(question) {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    let listener = on_click.as_ref().unchecked_ref::<js_sys::Function>().clone();
    _ = window().add_event_listener_with_callback_and_bool("click", &listener, true);
    let kept = StoredValue::new_local(on_click);
    on_cleanup(move || {
        _ = window().remove_event_listener_with_callback_and_bool("click", &listener, true);
        kept.dispose();
    });
}

/// Asks the person.
pub fn may_leave(question: &str) -> bool {
    window().confirm_with_message(question).unwrap_or(true)
}
