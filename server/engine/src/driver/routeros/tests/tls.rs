//! API-SSL: whose certificate is trusted, and what is said when none can be.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn ssl_router() -> SimRouter {
    router_with(SimOptions { tls: true, ..SimOptions::default() }).await
}

#[tokio::test]
async fn the_first_certificate_is_accepted_and_reported() {
    let router = ssl_router().await;
    let session = session(&router);
    assert_eq!(session.first_seen_certificate(), None);
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
    assert_eq!(session.first_seen_certificate(), router.fingerprint());
}

#[tokio::test]
async fn a_pinned_certificate_is_accepted_and_another_is_a_hard_stop_that_names_both() {
    let router = ssl_router().await;
    let mut pinned = endpoint(&router);
    pinned.login.pinned = router.fingerprint();
    let session = Session::new(pinned.clone(), runtime());
    name(&session).await.unwrap();
    assert_eq!(session.first_seen_certificate(), None);

    router.script(super::super::sim::Fault::NewCertificate);
    let session = Session::new(pinned.clone(), runtime());
    let error = why(name(&session).await.unwrap_err());
    let expected = Disconnect::CertificateChanged {
        pinned: pinned.login.pinned.unwrap(),
        seen: router.fingerprint().unwrap(),
    };
    assert_eq!(error, expected);
    assert_eq!(router.logins(), 1, "the password was not sent");
}

#[tokio::test]
async fn the_first_seen_certificate_holds_for_the_sessions_life() {
    let router = ssl_router().await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(super::super::sim::Fault::NewCertificate);
    router.script(super::super::sim::Fault::Drop);
    ended(&session, |ended| ended.is_loss).await;
    assert!(matches!(why(name(&session).await.unwrap_err()), Disconnect::CertificateChanged { .. }));
}

/// Answers whatever comes with these bytes, then closes.
async fn answering(bytes: &'static [u8]) -> Endpoint {
    let listener = TcpListener::bind(ANYWHERE).await.unwrap();
    let mut login = router(Personality::V7).await.login();
    (login.port, login.tls) = (Some(listener.local_addr().unwrap().port()), true);
    TaskTracker::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 2048]).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    Endpoint { host: "localhost".into(), login }
}

#[tokio::test]
async fn a_router_without_a_certificate_gets_a_remedy_and_not_a_riddle() {
    // What OpenSSL sends when only anonymous key exchange is left: alert 40, handshake failure.
    let endpoint = answering(b"\x15\x03\x03\x00\x02\x02\x28").await;
    let error = name(&Session::new(endpoint, runtime())).await.unwrap_err().to_string();
    assert!(error.contains("no certificate for api-ssl") && error.contains("assign it"), "{error}");
}

#[tokio::test]
async fn tls_to_the_plain_port_is_said_to_be_that() {
    let endpoint = answering(b"\x06!fatal\x0dnot logged in\x00").await;
    let error = name(&Session::new(endpoint, runtime())).await.unwrap_err().to_string();
    assert!(error.contains("does not speak TLS"), "{error}");
}
