//! What happened, why as far as known, and what to try.

use super::{Icon, IconName};
use crate::{api::ApiError, i18n::use_words};
use leptos::prelude::*;

/// Says an error in place; nothing while there is none.
#[component]
pub fn ErrorNote(#[prop(into)] error: Signal<Option<ApiError>>) -> impl IntoView {
    let words = use_words();
    move || {
        error.get().map(|error| {
            view! {
                <div class="note bad" role="alert">
                    <Icon name=IconName::Warning />
                    <p>{words.api_error(&error)}</p>
                </div>
            }
        })
    }
}
