//! Holds every request against the table of policies before any handler sees it.
//!
//! The second lock: the first is that handlers can only act through a `Viewer` or `Admin` in hand.

use super::{
    error::{Failure, wants_html},
    policy::{self, Kind, Policy, Rule},
    verdict,
};
use crate::backend::Door;
use app::api::ApiError;
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use model::Role;
use std::sync::Arc;

/// Lets through what the table allows.
pub async fn layer(matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    // Without a route there is nothing behind the request but "not found".
    let Some(matched) = matched else { return next.run(request).await };
    let Some(rule) = policy::of(request.method(), matched.as_str()) else {
        return no_rule(&request, matched.as_str());
    };
    let Some(door) = request.extensions().get::<Arc<Door>>() else {
        return Failure::from(ApiError::Internal).answer(request.headers());
    };
    let (role, needs_setup) = (door.role(), door.needs_setup());
    match refuses(rule, role, needs_setup) {
        None if rule.kind == Kind::ServerFunction => {
            let is_of_page = verdict::is_of_page(request.headers());
            verdict::with_status(next.run(request).await, is_of_page).await
        }
        None => next.run(request).await,
        // The page itself says so, with the way back; it holds no handle to load anything with.
        Some(ApiError::Forbidden) if rule.kind == Kind::Page => {
            let mut response = next.run(request).await;
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
        Some(error) => refuse(rule, error, needs_setup, request.headers()),
    }
}

/// Why `role` may not use the route, if it may not.
fn refuses(rule: &Rule, role: Option<Role>, needs_setup: bool) -> Option<ApiError> {
    match (rule.policy, role) {
        (Policy::SetupOnly, _) => (!needs_setup).then_some(ApiError::NotFound),
        // Before the first admin exists, every page leads to the set-up.
        (Policy::Public, _) => (needs_setup && rule.kind == Kind::Page).then_some(ApiError::Unauthenticated),
        (Policy::Viewer | Policy::Admin, None) => Some(ApiError::Unauthenticated),
        (Policy::Admin, Some(Role::Viewer)) => Some(ApiError::Forbidden),
        (Policy::Viewer, Some(_)) | (Policy::Admin, Some(Role::Admin)) => None,
    }
}

fn refuse(rule: &Rule, error: ApiError, needs_setup: bool, headers: &HeaderMap) -> Response {
    let is_for_people = rule.kind == Kind::Page || (rule.kind == Kind::ServerFunction && wants_html(headers));
    match error {
        ApiError::Unauthenticated if is_for_people => {
            Redirect::to(if needs_setup { "/setup" } else { "/login" }).into_response()
        }
        error if rule.kind == Kind::ServerFunction => {
            verdict::refuse(rule.path, error, verdict::is_of_page(headers))
        }
        error => Failure::from(error).answer(headers),
    }
}

/// A route that nobody declared a policy for answers nobody.
fn no_rule(request: &Request, path: &str) -> Response {
    let status = if policy::RULES.iter().any(|rule| rule.path == path) {
        StatusCode::METHOD_NOT_ALLOWED
    } else {
        tracing::error!(path, method = %request.method(), "a route without a policy was asked for");
        StatusCode::FORBIDDEN
    };
    let failure = Failure::new(status, "not_allowed", "this is not to be had here");
    let allow = (status == StatusCode::METHOD_NOT_ALLOWED).then(|| policy::methods(path).join(", "));
    Failure { allow, ..failure }.answer(request.headers())
}
