//! Gives a server function's error the status that says what it is; the framework says 500 for all of them.

use super::error::Failure;
use app::api::ApiError;
use axum::{body::Body, response::Response};

/// Longest error read; ours are far shorter.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// The same answer, with the status of the error it carries.
pub async fn with_status(response: Response) -> Response {
    if !response.status().is_server_error() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, ERROR_BYTES_MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let error = serde_json::from_slice::<ApiError>(&bytes);
    let mut response = Response::from_parts(parts, Body::from(bytes));
    if let Ok(failure) = error.map(Failure::from) {
        *response.status_mut() = failure.status;
        failure.say_how(&mut response);
    }
    response
}
