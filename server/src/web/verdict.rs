//! Gives a server function's error the status that says what it is; the framework says 500 for all of them.

use super::error::Failure;
use app::api::{ApiError, wire};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

/// Longest error read; ours are far shorter.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// Whether a server function is called by a page of ours, and not by a form or a program.
pub fn is_of_page(headers: &HeaderMap) -> bool {
    wire::is_of_page(headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()))
}

/// The same answer, with the status of the error it carries, in words the caller reads.
pub async fn with_status(response: Response, is_of_page: bool) -> Response {
    if !response.status().is_server_error() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, ERROR_BYTES_MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let Some(error) = wire::decode::<ApiError>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut response = refusal(error, is_of_page);
    response.headers_mut().extend(parts.headers);
    response
}

/// The framework's mark of a server function's error: its value is the function's path.
const ERROR_PATH: HeaderName = HeaderName::from_static("serverfnerror");

/// An error for the caller of the server function at `path`.
pub fn refuse(path: &'static str, error: ApiError, is_of_page: bool) -> Response {
    let mut response = refusal(error, is_of_page);
    response.headers_mut().insert(ERROR_PATH, HeaderValue::from_static(path));
    response
}

fn refusal(error: ApiError, is_of_page: bool) -> Response {
    let failure = Failure::from(error.clone());
    let mut response = if is_of_page {
        (failure.status, [(header::CONTENT_TYPE, wire::FORM)], wire::encode(&error)).into_response()
    } else {
        (failure.status, axum::Json(error)).into_response()
    };
    failure.say_how(&mut response);
    response
}
