//! What a person sees and may ask: pages, server functions, and the port behind them.

pub mod api;

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;

/// The document around the app.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

#[component]
pub fn App() -> impl IntoView {
    let count = RwSignal::new(0);
    view! { <button id="b" on:click=move |_| count.update(|n| *n += 1)>{count}</button> }
}
