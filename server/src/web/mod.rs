//! The web server: routes and their policies, sessions, pages, sockets and the REST interface.
//!
//! A request passes the layers of [`router`] from top to bottom; each says in its file what it is for.

pub mod assets;
mod caller;
mod csrf;
mod error;
mod frames;
mod guard;
mod headers;
pub mod listen;
mod live;
mod local;
mod offline;
mod own_log;
mod pages;
mod panic;
pub mod policy;
pub mod rest;
mod session;
mod sockets;
mod terminal;
pub mod tls;
mod verdict;
mod visit;
mod watch;

pub use caller::{Admin, Viewer, bearer};
pub use listen::{Entrance, Places};
pub use live::{Feed, tell_headlines};
pub use pages::list as pages;
pub use session::value as cookie;
pub use sockets::Sockets;
pub use tls::Certificate;
pub use visit::{TrustedProxies, Visit};

use crate::backend::Program;
use assets::Site;
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request, State},
    http::{Method, StatusCode},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::get,
};
use error::Failure;
use leptos::prelude::LeptosOptions;
use std::{ops::Deref, sync::Arc, time::Duration};

/// Most bytes of one request's body.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Longest time until an answer begins. Longer than "check now" waits.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// What handlers share. What needs a role is not here: that is behind the `Door` of each request.
///
/// Each layer of the router has a copy of its own and copies it again for each request.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    program: Arc<Program>,
    leptos: LeptosOptions,
    site: Site,
    proxies: TrustedProxies,
    status: rest::StatusCache,
    sockets: Sockets,
    /// Answers only who asks for this machine by a name of its own.
    is_local_only: bool,
}

impl AppState {
    pub fn new(
        program: Arc<Program>,
        site: Site,
        proxies: TrustedProxies,
        sockets: Sockets,
        is_local_only: bool,
    ) -> Self {
        // The names under which the browser finds script and wasm: `/pkg/app.js`, `/pkg/app.wasm`.
        let leptos = LeptosOptions::builder().output_name("app").build();
        let status = rest::StatusCache::default();
        Self(Arc::new(Shared { program, leptos, site, proxies, status, sockets, is_local_only }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl FromRef<AppState> for TrustedProxies {
    fn from_ref(state: &AppState) -> Self {
        state.proxies.clone()
    }
}

/// Everything that answers.
pub fn router(state: AppState) -> Router {
    let with = |state: &AppState| state.clone();
    // The last layer added is the first to see a request.
    pages::routes(&state)
        .merge(rest::routes())
        .route("/offline", get(offline::show))
        .route("/ws/live", get(live::open))
        .route("/ws/logs", get(own_log::open))
        .route("/ws/ssh/{device}", get(terminal::open))
        .route("/ws/watch/{id}", get(watch::open))
        .fallback(pages::not_found)
        .layer(from_fn(guard::layer))
        .layer(from_fn(csrf::layer))
        .layer(from_fn_with_state(with(&state), caller::layer))
        .layer(from_fn_with_state(with(&state), session::layer))
        .layer(from_fn_with_state(with(&state), files))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(in_time))
        .layer(from_fn(frames::layer))
        .layer(from_fn(panic::layer))
        .layer(from_fn_with_state(with(&state), local::layer))
        .layer(from_fn(headers::layer))
        .layer(from_fn_with_state(with(&state), visit::layer))
        .with_state(state)
}

/// The browser's files come before everything that asks who is calling: they are the same for all.
async fn files(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    // Only names with an ending can be files, so pages cost no look at the disk.
    if is_read
        && path.rsplit('/').next().is_some_and(|name| name.contains('.'))
        && let Some(file) = state.site.serve(path, request.headers()).await
    {
        return file;
    }
    next.run(request).await
}

async fn in_time(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    match tokio::time::timeout(ANSWER_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "this took too long").answer(&headers)
        }
    }
}
