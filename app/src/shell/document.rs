//! The document around the app, as the server sends it.

use super::seen_visitor;
use crate::{App, i18n::Lang};
use leptos::prelude::*;
use leptos_meta::MetaTags;

pub fn document(options: LeptosOptions) -> impl IntoView {
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
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
