//! Holds an act for which the server wants the password again, until that was given or refused.
//!
//! A browser has one page, and the page one such question, so both are known without being handed around.

use js_sys::{Function, Promise};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

thread_local! {
    /// Whether the question is asked; the page that can ask it sets this.
    static ASKED: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
    /// The acts that wait for its answer.
    static WAITING: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Lets acts open the question; to be called by the part of the page that asks it.
pub fn ask_by(open: RwSignal<bool>) {
    ASKED.set(Some(open));
}

/// Asks for the password; whether it was given. Acts at the same time wait for one answer.
pub async fn is_confirmed() -> bool {
    let Some(open) = ASKED.get() else { return false };
    let answer = Promise::new(&mut |resolve, _| WAITING.with_borrow_mut(|waiting| waiting.push(resolve)));
    if open.try_set(true).is_some() {
        // That page is gone.
        settle(false);
    }
    JsFuture::from(answer).await.is_ok_and(|is_given| is_given.is_truthy())
}

/// Tells the acts that wait how it ended.
pub fn settle(is_given: bool) {
    for act in WAITING.take() {
        // What cannot be told is gone with its page.
        drop(act.call1(&JsValue::NULL, &JsValue::from_bool(is_given)));
    }
}
