//! With a certificate of the operator's own.

use crate::fixture::{ADMIN, App, PASSWORD};
use reqwest::{Method, Version};
use server::cli::health;

/// With a certificate that nobody signed; its folder goes with it.
async fn app() -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let app = App::with(&[("ROUTEWARDEN_TLS_CERT", &certificate), ("ROUTEWARDEN_TLS_KEY", &key)]).await;
    assert!(app.base.starts_with("https://"), "{}", app.base);
    (app, folder)
}

#[tokio::test]
async fn with_a_certificate_visitors_come_by_https_and_their_cookies_stay_there() {
    let (app, _folder) = app().await;
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

#[tokio::test]
async fn over_http_2_this_machine_is_known_and_a_page_of_ours_by_its_origin_alone() {
    let (app, _folder) = app().await;
    // Without the set-up code, as only this machine may.
    app.with_accounts().await;
    for (origin, status) in [(app.base.as_str(), 200), ("https://evil.example", 403)] {
        let form = [("name", ADMIN), ("password", PASSWORD)];
        let request = app.anonymous().bare(Method::POST, "/api/log_in").header("origin", origin).form(&form);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.version(), Version::HTTP_2);
        assert_eq!(answer.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn the_program_s_own_question_after_its_health_is_encrypted_too() {
    let (app, _folder) = app().await;
    let listen = app.base.rsplit('/').next().unwrap().parse().unwrap();
    health::run(listen, true).await.unwrap();
    assert!(health::run(listen, false).await.is_err(), "it listens for nothing else");
}
