//! Asks before what was typed would be lost: by closing the tab, by a link, by Back, or by whatever
//! calls [`may_leave`] before it goes elsewhere.
//!
//! A browser has one page, so the form on it is known to all without being handed around.

use leptos::{ev, prelude::*};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Element, Event, MouseEvent};

/// A form that is not to be left unasked.
#[derive(Clone, Copy, PartialEq)]
struct Form {
    is_dirty: Signal<bool>,
    question: &'static str,
    /// The address it has, once there is something to lose.
    at: StoredValue<String>,
}

thread_local! {
    /// The one on this page. Only the browser's half sets it.
    static FORM: Cell<Option<Form>> = const { Cell::new(None) };
}

impl Form {
    /// The form that would lose something now.
    fn at_risk() -> Option<Self> {
        FORM.get().filter(|form| form.is_dirty.try_get_untracked().unwrap_or(false))
    }

    fn may_be_left(self) -> bool {
        window().confirm_with_message(self.question).unwrap_or(true)
    }
}

/// Whether nothing would be lost, or the person says that it may be.
pub fn may_leave() -> bool {
    Form::at_risk().is_none_or(Form::may_be_left)
}

/// While `is_dirty`, whatever leads away asks `question` first.
pub fn guard_leaving(is_dirty: Signal<bool>, question: &'static str) {
    let form = Form { is_dirty, question, at: StoredValue::new(String::new()) };
    let closing = window_event_listener(ev::beforeunload, move |event| {
        if is_dirty.get_untracked() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        closing.remove();
        // The next form may have come before this one went.
        if FORM.get() == Some(form) {
            FORM.set(None);
        }
    });
    Effect::new(move || {
        FORM.set(Some(form));
        guard_links();
    });
    Effect::new(move || {
        if is_dirty.get() {
            form.at.set_value(address());
        }
    });
}

/// Hears of Back and Forward before the router does, which listens as soon as the page wakes up: events of
/// the window itself come in the order of asking for them. The address has changed by then; to stay is to
/// put ours back.
pub fn hear_back_first() {
    let on_back = Closure::<dyn Fn(Event)>::new(|event: Event| {
        let Some(form) = Form::at_risk() else { return };
        let here = form.at.get_value();
        // Another place on the same page is no other page.
        if address() == here || form.may_be_left() {
            return;
        }
        event.stop_immediate_propagation();
        let history = window().history();
        _ = history.and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&here)));
    });
    _ = window().add_event_listener_with_callback("popstate", on_back.as_ref().unchecked_ref());
    on_back.forget();
}

/// Path and query, without the place on the page.
fn address() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Hears clicks on their way down, before the router's own listener follows the link.
fn guard_links() {
    let on_click = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
        if leads_away(&event) && !may_leave() {
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

/// Whether this click follows a link in this tab to another page.
fn leads_away(click: &MouseEvent) -> bool {
    let is_plain = click.button() == 0 && !click.ctrl_key() && !click.meta_key() && !click.shift_key();
    let link = click
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|target| target.closest("a[href]").ok().flatten());
    is_plain
        && link.is_some_and(|link| {
            let is_here = link.get_attribute("href").is_some_and(|href| href.starts_with('#'));
            !is_here && !link.has_attribute("target")
        })
}
