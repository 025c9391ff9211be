//! Wakes the server-rendered pages up in the browser. Nothing else belongs here.

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::prepare_browser();
    leptos::mount::hydrate_body(app::App);
}
