//! A request to our own server, by `fetch`.

use js_sys::Uint8Array;
use leptos::server_fn::redirect::REDIRECT_HEADER;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, Response};

/// Longer than the server takes for anything before it gives up.
const DEADLINE_MS: u32 = 40_000;

/// What came back.
pub struct Posted {
    pub status: u16,
    /// The media type of `body`.
    pub kind: Option<String>,
    /// Where the server wants this browser to go next.
    pub redirect: Option<String>,
    pub body: Vec<u8>,
}

/// Posts `body` and reads the whole answer; `None` when the server could not be reached in time.
pub async fn post(path: &str, kind: &str, body: &[u8]) -> Option<Posted> {
    let window = web_sys::window()?;
    let headers = web_sys::Headers::new().ok()?;
    headers.set("content-type", kind).ok()?;
    headers.set("accept", kind).ok()?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&Uint8Array::from(body));
    request.set_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE_MS)));
    let answer = JsFuture::from(window.fetch_with_str_and_init(path, &request)).await;
    let answer: Response = answer.ok()?.dyn_into().ok()?;
    let header = |name: &str| answer.headers().get(name).ok().flatten();
    let redirect = header(REDIRECT_HEADER).and_then(|_| header("location"));
    let bytes: JsValue = JsFuture::from(answer.array_buffer().ok()?).await.ok()?;
    let body = Uint8Array::new(&bytes).to_vec();
    Some(Posted { status: answer.status(), kind: header("content-type"), redirect, body })
}

/// Whether the server answers at all, whatever it says.
pub async fn is_reachable() -> bool {
    let Some(window) = web_sys::window() else { return false };
    JsFuture::from(window.fetch_with_str("/pkg/app.js")).await.is_ok()
}
