//! What stands in the place of what could not be loaded.

use super::{Button, ErrorNote};
use crate::{api::ApiError, browser, i18n::use_words};
use leptos::prelude::*;

/// Says why, and loads the page again when told to.
pub fn not_loaded(error: ApiError) -> AnyView {
    let words = use_words();
    view! {
        <div class="not-loaded">
            <ErrorNote error=Some(error) />
            <Button on:click=move |_| browser::reload()>{words.action_again()}</Button>
        </div>
    }
    .into_any()
}
