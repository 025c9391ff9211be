//! A server that is for this machine alone, as a demo is, answers under no name that others can give it.
//!
//! Without this, a page of any site could have its own name lead to 127.0.0.1 and then read what is here.

use super::{AppState, error::Failure, visit::is_local_name};
use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};

/// Refuses every other name, where only this machine's own count.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !state.is_local_only || is_asked_by_local_name(&request) {
        return next.run(request).await;
    }
    let why = "this demo answers under the name localhost only";
    Failure::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", why).answer(request.headers())
}

fn is_asked_by_local_name(request: &Request) -> bool {
    // HTTP/2 says it in the address.
    let in_address = request.uri().authority().map(|authority| authority.as_str());
    let mut names = request.headers().get_all(header::HOST).iter();
    let in_header = names.next().map(|name| name.to_str().unwrap_or_default());
    let said: Vec<&str> = in_address.into_iter().chain(in_header).collect();
    names.next().is_none() && !said.is_empty() && said.into_iter().all(is_local_name)
}
