//! With a certificate of the operator's own.

use crate::fixture::{ADMIN, App, PASSWORD};

#[tokio::test]
async fn with_a_certificate_visitors_come_by_https_and_their_cookies_stay_there() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let app = App::with(&[("ROUTEWARDEN_TLS_CERT", &certificate), ("ROUTEWARDEN_TLS_KEY", &key)]).await;
    assert!(app.base.starts_with("https://"), "{}", app.base);
    app.with_accounts().await;
    let visitor = app.anonymous();
    let answer = visitor.call("log_in", &[("name", ADMIN), ("password", PASSWORD)]).await.accepted();
    assert!(!answer.header("strict-transport-security").is_empty());
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let session =
        cookies.into_iter().find(|cookie| cookie.starts_with("__Host-sid=")).expect("a session cookie");
    assert!(session.contains("Secure"), "{session}");
    visitor.get("/api/status").await.accepted();
}
