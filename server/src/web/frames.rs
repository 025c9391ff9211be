//! What is told bit by bit goes out without bits of nothing: over HTTP/2 each is a frame, and there are clients that end
//! a connection on which they have seen a hundred of them (`h2` since 0.4.20).

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::Response,
};
use futures::{TryStreamExt, future::ready};

pub async fn layer(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    response
        .map(|body| Body::from_stream(body.into_data_stream().try_filter(|bytes| ready(!bytes.is_empty()))))
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::Request, middleware::from_fn, routing::get};
    use futures::{StreamExt, stream};
    use std::io;
    use tower::ServiceExt;

    #[tokio::test]
    async fn bits_of_nothing_are_not_sent() {
        let bits =
            || async { Body::from_stream(stream::iter(["", "a", "", "b", ""].map(Ok::<_, io::Error>))) };
        let router = Router::new().route("/", get(bits)).layer(from_fn(super::layer));
        let answer = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        let sent: Vec<_> = answer.into_body().into_data_stream().map(Result::unwrap).collect().await;
        assert_eq!(sent, ["a", "b"]);
    }
}
