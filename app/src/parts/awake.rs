//! Whether the page answers yet, for what would do harm or nothing before.

use leptos::prelude::*;

/// False on a page that only the server has drawn, true once its scripts listen.
pub fn use_awake() -> RwSignal<bool> {
    let is_awake = RwSignal::new(false);
    Effect::new(move || is_awake.set(true));
    is_awake
}
