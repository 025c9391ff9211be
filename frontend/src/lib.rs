//! Wakes the server-rendered pages up in the browser. Nothing else belongs here.

mod patience;

use wasm_bindgen::{JsError, prelude::wasm_bindgen};

/// Binds the page's views to what the server has drawn, with the words of its language. What they begin waits for
/// [`go_on`].
///
/// # Errors
/// The words are of another build: what came is partly old.
#[wasm_bindgen]
pub fn hydrate(words: String) -> Result<(), JsError> {
    console_error_panic_hook::set_once();
    if !app::take_words(words) {
        return Err(JsError::new("the words are not those of this script"));
    }
    patience::begin();
    app::prepare_browser();
    leptos::mount::hydrate_body(app::App);
    Ok(())
}

/// Fetches the part that the page drawn by the server needs to wake up; false when it did not come.
#[wasm_bindgen]
pub async fn fetch_part(name: String) -> bool {
    app::fetch_part(&name).await
}

/// Goes on with a part of what waits; false when nothing did, and nothing will wait any more.
#[wasm_bindgen]
pub fn go_on() -> bool {
    patience::go_on()
}
