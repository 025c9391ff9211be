//! Visitors that mean harm. Where the clock is paused it runs ahead as soon as everybody waits.

use super::*;
use crate::web::TrustedProxies;
use axum::routing::get;
use engine::{SystemClock, Workers};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// More than a line of [`LINE_BYTES`] holds.
const BIG_BYTES: usize = 256 * LINE_BYTES;
const LINE_BYTES: usize = 1024;
const VISITOR: &str = "192.0.2.1:40000";

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

fn entrance() -> Entrance {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/big", get(|| async { "x".repeat(BIG_BYTES) }))
        .route("/slow", get(|| async { sleep(Duration::from_secs(25)).await }));
    let places = Places::new(10, 2, TrustedProxies::default());
    Entrance { router, places, certificate: None, tasks: TaskTracker::new() }
}

fn server() -> Server {
    let entrance = entrance();
    let (stop, tasks) = (CancellationToken::new(), entrance.tasks.clone());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let workers = Workers::new(Arc::new(SystemClock), tasks.clone());
    workers.start("web", stop.clone(), move |duty| {
        let (listener, entrance) = (listener.try_clone(), entrance.clone());
        async move {
            entrance.keep(&TcpListener::from_std(listener?)?, &duty).await;
            Ok(())
        }
    });
    Server { address, stop, tasks }
}

impl Server {
    /// What comes back after `said`, up to the end of the connection.
    async fn answer(&self, said: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }
}

#[tokio::test]
async fn a_request_is_answered() {
    let answer = server().answer("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn whoever_says_nothing_half_a_head_or_nothing_more_is_sent_away() {
    let server = server();
    for said in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let ended = timeout(Duration::from_secs(60), server.answer(said)).await;
        assert!(ended.is_ok(), "{said:?} holds its connection");
    }
}

#[tokio::test]
async fn a_stop_waits_for_no_half_sent_head_and_for_no_slow_answer() {
    let server = server();
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(b"GET / HT").await.unwrap();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // Both are in once a third one, who came later, was answered.
    server.answer("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    server.stop.cancel();
    server.tasks.close();
    timeout(Duration::from_secs(3), server.tasks.wait()).await.expect("everything ends in its share");
}

#[tokio::test(start_paused = true)]
async fn a_slow_download_goes_on_for_as_long_as_something_of_it_is_taken() {
    let entrance = entrance();
    let (mut visitor, line) = tokio::io::duplex(LINE_BYTES);
    let (peer, any): (SocketAddr, _) = (VISITOR.parse().unwrap(), entrance.places.any().await);
    let line = Patient::new(line, entrance.places.of(peer.ip(), any).unwrap());
    let serving = entrance.serve_one(line, peer, false, CancellationToken::new());
    let taking = async move {
        visitor.write_all(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let (mut taken, mut part) = (0, [0; LINE_BYTES]);
        loop {
            sleep(Duration::from_secs(1)).await;
            match visitor.read(&mut part).await.unwrap() {
                0 => return taken,
                length => taken += length,
            }
        }
    };
    let ((), taken) = tokio::join!(serving, taking);
    assert!(taken > BIG_BYTES, "cut after {taken} bytes");
}

/// An HTTP/2 client, which answers every ping by itself and lets only so much come as it has taken.
async fn http_2_client(line: DuplexStream, tasks: &TaskTracker) -> http2::SendRequest<Body> {
    let (requests, connection) = http2::Builder::new(Streams::new(tasks.clone()))
        .initial_stream_window_size(1024)
        .handshake(TokioIo::new(line))
        .await
        .unwrap();
    tasks.spawn(connection);
    requests
}

async fn ask(requests: &mut http2::SendRequest<Body>, path: &str) -> hyper::Response<Incoming> {
    let request = hyper::Request::get(format!("http://x{path}")).body(Body::empty()).unwrap();
    let answer = requests.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer
}

/// How long an HTTP/2 connection is kept whose client takes nothing more after an answer's head.
async fn kept_after(path: &str) -> Duration {
    let (entrance, (visitor, line)) = (entrance(), tokio::io::duplex(LINE_BYTES));
    let serving = entrance.serve_many(line, VISITOR.parse().unwrap(), CancellationToken::new());
    let asking = async {
        let mut requests = http_2_client(visitor, &entrance.tasks).await;
        let answer = ask(&mut requests, path).await;
        (requests, answer, tokio::time::Instant::now())
    };
    let both = async { tokio::join!(serving, asking) };
    let ((), (_requests, _answer, since)) = timeout(Duration::from_secs(3600), both).await.expect("it ends");
    since.elapsed()
}

#[tokio::test(start_paused = true)]
async fn an_http_2_connection_is_ended_once_nothing_was_asked_for_a_while() {
    let kept = kept_after("/slow").await;
    assert!((HEAD_MAX..HEAD_MAX * 2).contains(&kept), "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn an_http_2_client_that_does_not_take_its_answer_is_not_waited_for_for_ever() {
    let kept = kept_after("/big").await;
    assert!((STREAM_MAX..STREAM_MAX + HEAD_MAX * 2).contains(&kept), "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_download_over_http_2_is_whole() {
    let (entrance, (visitor, line)) = (entrance(), tokio::io::duplex(LINE_BYTES));
    let serving = entrance.serve_many(line, VISITOR.parse().unwrap(), CancellationToken::new());
    let taking = async {
        let mut requests = http_2_client(visitor, &entrance.tasks).await;
        let mut answer = ask(&mut requests, "/big").await;
        let mut taken = 0;
        while let Some(part) = answer.frame().await {
            taken += part.unwrap().into_data().unwrap().len();
            sleep(Duration::from_secs(1)).await;
        }
        taken
    };
    let ((), taken) = tokio::join!(serving, taking);
    assert_eq!(taken, BIG_BYTES);
}
