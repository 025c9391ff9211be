//! What an operator relies on: a key that is not replaced in silence, a demo that is nobody else's.

use crate::fixture::{Answer, App};
use reqwest::Method;
use server::app::Surroundings;

#[tokio::test]
async fn a_key_that_something_was_sealed_with_is_never_replaced_in_silence() {
    let mut app = App::start().await;
    let key = app.folder().join("secret.key");
    app.stop().await;
    std::fs::remove_file(&key).unwrap();
    let error = app.try_command_line().await.expect_err("refused");
    assert!(format!("{error:#}").contains("secret.key is missing"), "{error:#}");
    assert!(!key.exists());
}

#[tokio::test]
async fn a_demo_answers_under_no_name_that_others_could_give_it() {
    let surroundings = Surroundings { is_local_only: true, ..Surroundings::default() };
    let app = App::in_surroundings(&[], surroundings).await;
    let ask = |host: &str| Answer::of(app.anonymous().request(Method::GET, "/health").header("host", host));
    for (host, status) in
        [("localhost:5000", 200), ("127.0.0.1", 200), ("evil.example", 421), ("127.0.0.1.evil.example", 421)]
    {
        assert_eq!(ask(host).await.status, status, "{host}");
    }
    ask("localhost").await.accepted();
}

#[tokio::test]
async fn an_error_page_speaks_the_visitor_s_language_and_leads_back() {
    let surroundings = Surroundings { is_local_only: true, ..Surroundings::default() };
    let app = App::in_surroundings(&[], surroundings).await;
    let page = app.anonymous().request(Method::GET, "/").header("host", "evil.example");
    let page =
        Answer::of(page.header("accept", "text/html").header("accept-language", "ru")).await.has_status(421);
    assert!(page.text.contains("<html lang=\"ru\"") && page.text.contains("href=\"/\""), "{}", page.text);
    assert!(
        page.text.contains("/pkg/app.css")
            && page.header("content-security-policy").contains("style-src 'self'")
    );
}
