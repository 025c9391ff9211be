//! Visitors that mean harm. Where the clock is paused it runs ahead as soon as everybody waits.

use super::*;
use crate::web::TrustedProxies;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

fn server() -> Server {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/slow", get(|| async { sleep(Duration::from_secs(25)).await }));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let places = Places::new(10, 2, TrustedProxies::default());
    let entrance = Entrance { router, places, certificate: None, tasks: tasks.clone() };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let stopping = stop.clone();
    tasks.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        entrance.keep(&listener, &stopping).await;
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
