//! Something is under way and will end.

use leptos::prelude::*;

#[component]
pub fn Spinner(#[prop(into)] label: String) -> impl IntoView {
    view! {
        <div class="spinner" role="status">
            <span class="spinner-dot" aria-hidden="true"></span>
            <span>{label}</span>
        </div>
    }
}
