//! Wakes the server-rendered pages up in the browser. Nothing else belongs here.

use leptos::prelude::{document, set_timeout};
use std::time::Duration;

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::prepare_browser();
    leptos::mount::hydrate_body(app::App);
    // Styles and tests know by this mark that the page now answers: not before its effects have run,
    // which are microtasks and so come before any timer.
    set_timeout(mark_awake, Duration::ZERO);
}

fn mark_awake() {
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-awake", ""));
    }
}
