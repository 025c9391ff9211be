//! Wakes the server-rendered pages up in the browser. Nothing else belongs here.

mod patience;

use wasm_bindgen::prelude::wasm_bindgen;

/// Binds the page's views to what the server has drawn. What they begin waits for [`go_on`].
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    patience::begin();
    app::prepare_browser();
    leptos::mount::hydrate_body(app::App);
}

/// Goes on with a part of what waits; false when nothing did, and nothing will wait any more.
#[wasm_bindgen]
pub fn go_on() -> bool {
    patience::go_on()
}
