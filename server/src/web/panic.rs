//! A handler that panics fails its own request and nothing else.

use super::error::Failure;
use app::api::ApiError;
use axum::{extract::Request, middleware::Next, response::Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;

/// Answers for a handler that panicked. What it said is in the log, by the program's panic hook.
pub async fn layer(request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Failure::from(ApiError::Internal).answer(&headers),
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::Body,
        http::{Request, StatusCode, header},
        middleware::from_fn,
        response::Response,
        routing::get,
    };
    use tower::ServiceExt;

    async fn broken() -> Response {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_panic_is_told_in_the_form_that_was_asked_for() {
        let router = Router::new().route("/", get(broken)).layer(from_fn(super::layer));
        let ask = async |accept: &str| {
            let request = Request::get("/").header(header::ACCEPT, accept).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned()
        };
        assert_eq!(ask("application/json").await, "application/json");
        assert_eq!(ask("text/html").await, "text/html; charset=utf-8");
    }
}
