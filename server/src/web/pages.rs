//! The pages: rendered here, woken up in the browser.

use super::AppState;
use app::api::port::Backend;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::{context::provide_context, nonce::use_nonce};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};
use std::sync::Arc;

/// Every page the app declares.
pub fn list() -> Vec<AxumRouteListing> {
    generate_route_list(app::App)
}

/// The pages and the server functions behind them.
pub fn routes(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    Router::new()
        .leptos_routes_with_context(state, list(), contexts(state), move || app::shell(options.clone()))
}

/// A file of the browser's, or the app's own "not found" with the right status.
pub async fn fallback(State(state): State<AppState>, request: Request) -> Response {
    if let Some(file) = state.site.serve(request.uri().path(), request.headers()).await {
        return file;
    }
    let options = state.leptos.clone();
    let page =
        leptos_axum::render_app_async_with_context(contexts(&state), move || app::shell(options.clone()));
    let mut answer = page(request).await;
    if answer.status() == StatusCode::OK {
        *answer.status_mut() = StatusCode::NOT_FOUND;
    }
    answer
}

/// What a page finds in its context: the door to the program, and the policy for its scripts.
fn contexts(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    move || {
        let backend: Arc<dyn Backend> = Arc::new(crate::backend::sample::Sample);
        provide_context(backend);
        if let (Some(nonce), Some(answer)) = (use_nonce(), leptos::context::use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&super::headers::content_policy(&nonce.to_string()))
        {
            answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        let _ = &state;
    }
}
