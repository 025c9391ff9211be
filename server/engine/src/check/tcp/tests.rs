//! TCP checks against real listeners, closed ports and silence.

use super::*;
use crate::check::tests::{tools, watched};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const WITHIN: Duration = Duration::from_secs(5);

async fn ask(address: &str, port: u16, timeout: Duration) -> Verdict {
    let settings = [("port".to_owned(), port.to_string())].into();
    let watched = watched(address, CheckKind::Tcp, settings);
    let (tools, _workers) = tools();
    let check =
        build(&BuildArgs { watched: &watched, check: &watched.device.checks[0], tools: &tools }).unwrap();
    check.probe(timeout).await.verdict
}

fn down(why: &str) -> Verdict {
    Verdict::Down { why: why.to_owned() }
}

#[tokio::test]
async fn a_port_is_up_while_something_listens_and_refuses_afterwards() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(matches!(ask("127.0.0.1", port, WITHIN).await, Verdict::Up { time_ms } if time_ms > 0.0));
    assert!(matches!(ask("localhost", port, WITHIN).await, Verdict::Up { .. }));
    drop(listener);
    assert_eq!(ask("127.0.0.1", port, WITHIN).await, down("connection refused"));
}

#[tokio::test]
async fn a_port_that_stays_silent_is_down_when_its_time_is_over() {
    // A full queue of a listener that never accepts: on Linux the kernel then drops what comes.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        queue.push(connected.unwrap());
    }
    let began = Instant::now();
    let seen = ask("127.0.0.1", address.port(), Duration::from_millis(500)).await;
    assert_eq!(seen, down("no answer within 0.5 s"));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_our_trouble_and_says_the_name() {
    let seen = ask("no-such-host.invalid", 80, WITHIN).await;
    assert!(matches!(&seen, Verdict::Unknown { why } if why.contains("no-such-host.invalid")), "{seen:?}");
}
