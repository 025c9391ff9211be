//! Headers that every answer carries, and the policy for what a page may load.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// What an answer gets unless it says otherwise itself.
static ALWAYS: [(HeaderName, &str); 8] = [
    // Pages replace this one with a policy that lets their own scripts in.
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    // What depends on who asks is nobody else's to keep; the browser's files say `no-cache` themselves.
    (header::CACHE_CONTROL, "no-store"),
];

/// Over HTTPS a browser is told to stay there, for a year.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// Adds the headers.
pub async fn layer(request: Request, next: Next) -> Response {
    let is_https = request.extensions().get::<super::visit::Visit>().is_some_and(|visit| visit.is_https);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT));
    }
    response
}

/// One policy for the whole app: client-side navigation keeps the first document's.
pub fn content_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}
