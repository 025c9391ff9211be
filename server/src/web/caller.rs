//! Who is calling, proved; and the extractors by which a handler asks for that proof.
//!
//! A handler that takes neither [`Viewer`] nor [`Admin`] cannot reach anything that needs one.

use super::{AppState, error::Failure, visit::Visit};
use crate::{
    backend::{self, Door},
    store::acting,
};
use app::api::ApiError;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use std::sync::Arc;
use tower_sessions::Session;

/// Makes the request's [`Door`]: session or token are looked at once, here.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Visit>().copied();
    let session = request.extensions().get::<Session>().cloned();
    let (Some(visit), Some(session)) = (visit, session) else {
        return Failure::from(ApiError::Internal).answer(request.headers());
    };
    match Door::open(state.program.clone(), visit, session, request.headers()).await {
        Ok(door) => {
            let actor = Arc::new(door.actor());
            request.extensions_mut().insert(Arc::new(door));
            acting(actor, next.run(request)).await
        }
        Err(error) => Failure::from(error).answer(request.headers()),
    }
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Proof of an account.
pub struct Viewer(pub backend::Viewer);

/// Proof of an admin's account.
pub struct Admin(pub backend::Admin);

fn door(parts: &Parts) -> Result<&Arc<Door>, Failure> {
    parts.extensions.get::<Arc<Door>>().ok_or_else(|| Failure::from(ApiError::Internal))
}

impl FromRequestParts<AppState> for Viewer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        Ok(Viewer(door(parts)?.as_viewer()?))
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        Ok(Admin(door(parts)?.as_admin()?))
    }
}
