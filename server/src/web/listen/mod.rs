//! Accepts connections: so many and no more, of one network only a share of them, and none for longer than
//! somebody is at the other end.
//!
//! Our own instead of `axum::serve`, which sets neither a deadline nor a bound.

mod patient;
mod places;
mod streams;
#[cfg(test)]
mod tests;

pub use places::Places;

use super::tls::Certificate;
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use engine::Duty;
use hyper::{
    body::Incoming,
    header::{HOST, HeaderValue},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use patient::Patient;
use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use streams::{STREAM_MAX, Streams};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceBuilder;

/// From a connection's first moment, and from the end of one answer, to the end of the next request's head;
/// on HTTP/2, longest time without a request.
const HEAD_MAX: Duration = Duration::from_secs(20);
/// How long agreeing on encryption may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long requests in flight may go on once the server stops.
const LEAVING_MAX: Duration = Duration::from_secs(2);
/// Between two tries when no connection can be accepted, as when the process has no file descriptor left.
const RETRY: Duration = Duration::from_secs(1);
/// Requests at once on one HTTP/2 connection: more than a browser makes.
const STREAMS_MAX: u32 = 100;
/// Between two pings of an HTTP/2 connection, and how long an answer to one may take.
const PING: Duration = Duration::from_secs(20);
const PING_MAX: Duration = Duration::from_secs(10);

/// The request came over a connection that is encrypted here, without a proxy.
#[derive(Clone, Copy, Debug)]
pub struct Encrypted;

/// A listening socket, and what is done with whoever connects.
#[derive(Clone)]
pub struct Entrance {
    pub router: Router,
    pub places: Places,
    /// Without one, connections are in the clear.
    pub certificate: Option<Arc<Certificate>>,
    /// Where connections run.
    pub tasks: TaskTracker,
}

impl Entrance {
    /// Accepts until it is told to stop; connections end by themselves soon after it.
    pub async fn keep(&self, listener: &TcpListener, duty: &Duty) {
        let stop = &duty.stop;
        while let Some(accepted) = stop.run_until_cancelled(self.accept(listener)).await {
            match accepted {
                Ok(Some((stream, peer, place))) => {
                    let (entrance, stop) = (self.clone(), stop.clone());
                    self.tasks.spawn(async move { entrance.welcome(stream, peer, place, stop).await });
                    duty.ran();
                }
                Ok(None) => {}
                Err(error) if is_of_the_visitor(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    duty.failed(format!("no connection can be accepted: {error}"));
                    stop.run_until_cancelled(sleep(RETRY)).await;
                }
            }
        }
    }

    /// The next visitor, unless there is no place for it.
    async fn accept(
        &self,
        listener: &TcpListener,
    ) -> io::Result<Option<(TcpStream, SocketAddr, places::Place)>> {
        // First a place, then a connection: whoever comes while none is free waits in the system's queue.
        let any = self.places.any().await;
        let (stream, peer) = listener.accept().await?;
        Ok(self.places.of(peer.ip(), any).map(|place| (stream, peer, place)))
    }

    async fn welcome(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        place: places::Place,
        stop: CancellationToken,
    ) {
        // Answers are written whole; waiting for more to send only makes them late.
        let _ = stream.set_nodelay(true);
        let stream = Patient::new(stream, place);
        let Some(certificate) = &self.certificate else {
            return self.serve_one(stream, peer, false, stop).await;
        };
        let agreed = stop.run_until_cancelled(timeout(HANDSHAKE_MAX, certificate.accept(stream))).await;
        let Some(Ok(Ok(stream))) = agreed else { return };
        let speaks_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice());
        if speaks_h2 {
            self.serve_many(stream, peer, stop).await;
        } else {
            self.serve_one(stream, peer, true, stop).await;
        }
    }

    /// HTTP/1.1: one request after the other.
    async fn serve_one<S>(&self, stream: S, peer: SocketAddr, is_tls: bool, stop: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX)
            .serve_connection(TokioIo::new(stream), self.service(peer, is_tls))
            .with_upgrades();
        let mut connection = pin!(connection);
        tokio::select! {
            // What a visitor does wrong is no news.
            _ = connection.as_mut() => return,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        let _ = timeout(LEAVING_MAX, connection).await;
    }

    /// HTTP/2: many at once. A quiet one is told to leave, for its client may answer pings for ever.
    async fn serve_many<S>(&self, stream: S, peer: SocketAddr, stop: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let streams = Streams::new(self.tasks.clone());
        let connection = hyper::server::conn::http2::Builder::new(streams.clone())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING_MAX)
            .serve_connection(TokioIo::new(stream), self.service(peer, true));
        let mut connection = pin!(connection);
        let is_stopping = tokio::select! {
            _ = connection.as_mut() => return,
            () = streams.quiet(HEAD_MAX) => false,
            () = stop.cancelled() => true,
        };
        connection.as_mut().graceful_shutdown();
        if !is_stopping {
            // What was on its way is still answered, and what was answered may still be on its way.
            tokio::select! {
                _ = connection.as_mut() => return,
                () = sleep(STREAM_MAX) => return,
                () = stop.cancelled() => {}
            }
        }
        let _ = timeout(LEAVING_MAX, connection).await;
    }

    /// The router, told who is at the other end and, in every version of HTTP alike, whom they ask.
    fn service(
        &self,
        peer: SocketAddr,
        is_tls: bool,
    ) -> TowerToHyperService<
        impl tower::Service<
            hyper::Request<Incoming>,
            Response = axum::response::Response,
            Error = std::convert::Infallible,
            Future: Send,
        > + Clone
        + Send
        + 'static,
    > {
        let told = move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            if !request.headers().contains_key(HOST)
                && let Some(host) = asked_host(&request)
            {
                request.headers_mut().insert(HOST, host);
            }
            if is_tls {
                request.extensions_mut().insert(Encrypted);
            }
            request
        };
        TowerToHyperService::new(ServiceBuilder::new().map_request(told).service(self.router.clone()))
    }
}

/// Where HTTP/2 says it: in the address.
fn asked_host(request: &Request) -> Option<HeaderValue> {
    HeaderValue::from_str(request.uri().authority()?.as_str()).ok()
}

/// Whoever left before being let in.
fn is_of_the_visitor(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
