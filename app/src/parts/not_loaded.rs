//! What stands in the place of what could not be loaded.

use super::{Button, ErrorNote};
use crate::{
    api::{ApiError, load::Loaded},
    i18n::use_words,
};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// Says why, and asks again when told to.
pub fn not_loaded<T: Serialize + DeserializeOwned + Send + Sync + 'static>(
    loaded: Loaded<T>,
    error: ApiError,
) -> AnyView {
    let words = use_words();
    view! {
        <div class="not-loaded">
            <ErrorNote error=Some(error) />
            <Button on:click=move |_| loaded.refetch()>{words.action_again()}</Button>
        </div>
    }
    .into_any()
}
