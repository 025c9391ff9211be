//! What a browser keeps for when nobody answers: one page that needs no other file. The service worker shows it.

use super::Viewer;
use crate::backend::Preferences;
use app::told::offline::{Kept, page};
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use leptos::nonce::Nonce;

/// Devices on it, the worst first.
const ROWS_MAX: u32 = 1_000;

pub async fn show(Viewer(viewer): Viewer, headers: HeaderMap) -> Response {
    let preferences = Preferences::read(&headers);
    let overview = viewer.see_overview(ROWS_MAX);
    let nonce = Nonce::new().to_string();
    let html = page(&Kept {
        language: &preferences.language,
        theme: &preferences.theme,
        nonce: &nonce,
        now: overview.now,
        rows: &overview.rows,
        total: overview.counts.total() as usize,
    });
    let mut response = Html(html).into_response();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
