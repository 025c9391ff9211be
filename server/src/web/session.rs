//! The session cookie: read before a request, written after it.
//!
//! Not `SessionManagerLayer`: its cookie has one name, ours depends on how the visitor came. Under HTTPS
//! it is `__Host-sid`, which no other host can set; over plain HTTP some browsers would refuse `Secure`.

use super::{AppState, visit::Visit};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tower_sessions::{Session, session::Id};

/// Gives the request its [`Session`], loaded only when somebody asks it something.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let is_https = request.extensions().get::<Visit>().is_some_and(|visit| visit.is_https);
    let name = name(is_https);
    let presented = value(request.headers(), name).and_then(|value| value.parse::<Id>().ok());
    let session = state.program.session(presented);
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    if let Some(cookie) = changed(&session, presented, state.program.cookie_age_s()).await {
        let secure = if is_https { "; Secure" } else { "" };
        let cookie = format!("{name}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// What the cookie has to become, when it has to change.
async fn changed(session: &Session, presented: Option<Id>, age_s: i64) -> Option<String> {
    match (session.id(), presented) {
        (Some(id), _) if session.is_modified() && !session.is_empty().await => {
            Some(format!("{id}; Max-Age={age_s}"))
        }
        (None, Some(_)) => Some("; Max-Age=0".to_owned()),
        _ => None,
    }
}

fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-sid" } else { "sid" }
}

/// The value of a cookie.
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|pairs| pairs.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}
