//! The web server: routes and their policies, sessions, pages, the live socket and the REST interface.

pub mod assets;
mod headers;
mod pages;

use assets::Site;
use axum::{Router, extract::FromRef};
use leptos::prelude::LeptosOptions;

/// What every handler may ask for.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub leptos: LeptosOptions,
    pub site: Site,
}

impl AppState {
    pub fn new(site: Site) -> Self {
        // The names under which the browser finds script and wasm: `/pkg/app.js`, `/pkg/app.wasm`.
        Self { leptos: LeptosOptions::builder().output_name("app").build(), site }
    }
}

/// Everything that answers.
pub fn router(state: AppState) -> Router {
    pages::routes(&state).fallback(pages::fallback).with_state(state)
}
