//! Whose fault it is that there is no connection.

use super::*;
use tokio::net::TcpListener;

/// Everybody: our own system refuses to connect to it, and nothing is sent.
const NOT_FOR_TCP: &str = "255.255.255.255";

fn unreached(kind: ErrorKind, address: &str) -> Unreached {
    Unreached::new(&kind.into(), address.parse().unwrap())
}

#[test]
fn what_the_target_or_the_way_says_is_its_own_fault_and_the_rest_is_ours() {
    for (kind, why) in [
        (ErrorKind::ConnectionRefused, "connection refused"),
        (ErrorKind::ConnectionReset, "connection reset"),
        (ErrorKind::TimedOut, "no answer"),
        (ErrorKind::HostUnreachable, "no route to host"),
        (ErrorKind::NetworkUnreachable, "network unreachable"),
    ] {
        assert_eq!(unreached(kind, "127.0.0.1"), Unreached { kind, is_ours: false, why: why.into() });
    }
    for kind in [ErrorKind::AddrNotAvailable, ErrorKind::PermissionDenied, ErrorKind::Other] {
        assert!(unreached(kind, "127.0.0.1").is_ours, "{kind}");
    }
    // EMFILE and ENFILE, as the system says them.
    for code in [24, 23] {
        let error = io::Error::from_raw_os_error(code);
        assert!(Unreached::new(&error, "127.0.0.1".parse().unwrap()).is_ours, "{error}");
    }
}

#[tokio::test]
async fn of_several_addresses_the_first_that_accepts_is_taken() {
    let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shut = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let (open_at, shut_at) = (open.local_addr().unwrap(), shut.local_addr().unwrap());
    drop(shut);
    assert_eq!(connect(&[shut_at, open_at]).await.unwrap().peer_addr().unwrap(), open_at);
    let nowhere = SocketAddr::new(NOT_FOR_TCP.parse().unwrap(), 9);
    for order in [[shut_at, nowhere], [nowhere, shut_at]] {
        let refused = connect(&order).await.unwrap_err();
        assert_eq!((refused.kind, refused.is_ours), (ErrorKind::ConnectionRefused, false), "{order:?}");
    }
    assert!(connect(&[]).await.unwrap_err().is_ours);
}
