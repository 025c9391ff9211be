//! The document around the app, as the server sends it.

use super::seen_visitor;
use crate::{App, i18n::Lang};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// Fetches and starts the browser's half. Our own instead of `HydrationScripts`, whose preload carries no
/// nonce and so is refused by the content policy.
const WAKE: &str = "import('/pkg/app.js').then(app => app.default({module_or_path: '/pkg/app.wasm'}).then(() => app.hydrate()))";

pub fn document(_: LeptosOptions) -> impl IntoView {
    let visitor = seen_visitor();
    let theme = match visitor.theme.as_str() {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    };
    view! {
        <!DOCTYPE html>
        <html lang=Lang::from_code(&visitor.language).code() data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#12161d" />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <link rel="apple-touch-icon" href="/icon-192.png" />
                <link rel="manifest" href="/app.webmanifest" />
                <link rel="stylesheet" href="/pkg/app.css" />
                <link rel="modulepreload" href="/pkg/app.js" nonce=use_nonce() />
                <link rel="preload" href="/pkg/app.wasm" r#as="fetch" type="application/wasm" crossorigin="anonymous" />
                <script type="module" nonce=use_nonce()>
                    {WAKE}
                </script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
