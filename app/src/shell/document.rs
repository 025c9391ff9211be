//! The document around the app, as the server sends it.

use super::seen_visitor;
use crate::{
    App,
    i18n::{Lang, Words},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// Fetches and starts the browser's half, and keeps what people do until it answers.
/// Our own instead of `HydrationScripts`, whose preload carries no nonce and so is refused by the content policy.
const WAKE: &str = include_str!("wake.js");

/// How a cell of the heat-map looks in each state, as patterns that repeat from cell to cell. Shape beside colour: two
/// halves for degraded, a cross for down, a frame for unknown, a bar for paused.
const LOOKS: &str = include_str!("looks.svg");

pub fn document(_: LeptosOptions) -> impl IntoView {
    let visitor = seen_visitor();
    let theme = match visitor.theme.as_str() {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    };
    let lang = Lang::from_code(&visitor.language);
    let words = Words(lang);
    view! {
        <!DOCTYPE html>
        <html lang=lang.code() data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="description" content=words.app_description() />
                // Said where the browser's half does not come.
                <meta name="unwoken" content=words.unwoken() data-again=words.action_again() />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#12161d" />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <link rel="apple-touch-icon" href="/icon-192.png" />
                <link rel="manifest" href="/app.webmanifest" />
                // Before the style, for which a script would wait.
                <script nonce=use_nonce()>
                    {WAKE}
                </script>
                <link rel="stylesheet" href="/pkg/app.css" />
                <MetaTags />
            </head>
            <body>
                <App />
                <div class="looks" aria-hidden="true" inner_html=LOOKS></div>
            </body>
        </html>
    }
}
