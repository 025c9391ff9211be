//! The pages: rendered here, woken up in the browser.

use super::{
    AppState,
    error::{Failure, wants_html},
};
use crate::backend::Door;
use app::{Lost, api::port::Backend};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use leptos::{
    context::{provide_context, use_context},
    nonce::use_nonce,
};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};
use std::sync::{Arc, LazyLock};

/// Every page the app declares.
///
/// Listed once in a process: while Leptos lists them, whatever another server in it loads for a page never ends.
pub fn list() -> Vec<AxumRouteListing> {
    static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));
    PAGES.clone()
}

/// The pages and the server functions behind them.
pub fn routes(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    Router::new().leptos_routes_with_context(state, list(), contexts, move || app::shell(options.clone()))
}

/// The app's own "not found" for people, ours for programs.
pub async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    if !wants_html(request.headers()) {
        return Failure::not_found().answer(request.headers());
    }
    let options = state.leptos.clone();
    let page = leptos_axum::render_app_async_with_context(contexts, move || app::shell(options.clone()));
    let mut answer = page(request).await;
    if answer.status() == StatusCode::OK {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    answer
}

/// What a page finds in its context: the request's door, how to answer that it leads nowhere, and the policy that lets
/// its own scripts in.
fn contexts() {
    if let Some(door) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Arc<Door>>().cloned())
    {
        let backend: Arc<dyn Backend> = door;
        provide_context(backend);
    }
    let Some(answer) = use_context::<ResponseOptions>() else { return };
    let lost = answer.clone();
    provide_context(Lost::new(move || lost.set_status(StatusCode::NOT_FOUND)));
    if let Some(nonce) = use_nonce()
        && let Ok(policy) = HeaderValue::from_str(&super::headers::content_policy(&nonce.to_string()))
    {
        answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
