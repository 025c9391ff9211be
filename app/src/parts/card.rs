//! A titled box.

use leptos::prelude::*;

/// `actions` stand at the right of the title.
#[component]
pub fn Card(
    #[prop(into)] title: String,
    #[prop(optional)] actions: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card">
            <header class="card-head">
                <h2>{title}</h2>
                {actions.map(|actions| view! { <div class="card-actions">{actions.run()}</div> })}
            </header>
            <div class="card-body">{children()}</div>
        </section>
    }
}
