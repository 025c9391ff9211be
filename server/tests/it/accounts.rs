//! Accounts as people meet them: set up once, log in and out, roles, the last admin, what ends with what.

use crate::fixture::{ADMIN, Answer, App, Client, LiveSocket, PASSWORD, VIEWER};
use reqwest::Method;
use server::cli;
use std::time::Duration;

const NEW: &str = "a quite different password";

async fn is_in(client: &Client) -> bool {
    client.get("/api/status").await.status == 200
}

#[tokio::test]
async fn the_first_admin_is_created_once() {
    let app = App::fresh().await;
    let first = app.anonymous();
    let form = |name| [("code", ""), ("name", name), ("password", PASSWORD)];
    first.call("set_up", &form("ani")).await.accepted();
    assert!(is_in(&first).await, "the first admin is logged in");
    app.anonymous().call("set_up", &form("eve")).await.has_status(404);
}

#[tokio::test]
async fn from_elsewhere_the_set_up_needs_the_code_that_the_server_printed() {
    let (app, clock) = App::at_standstill().await;
    let code = app.setup_code.clone().unwrap();
    let set_up = async |code: &str| {
        let form = [("code", code), ("name", "ani"), ("password", PASSWORD)];
        // A visit under another name may come from anywhere, for all we know.
        let request = app.anonymous().request(Method::POST, "/api/set_up").header("host", "rw.example");
        Answer::of(request.form(&form)).await
    };
    assert!(set_up("").await.text.contains("error_setup_code"));
    set_up(&code).await.has_status(429);
    clock.forward(Duration::from_secs(1));
    assert!(set_up("WRNG-CDEX").await.text.contains("error_setup_code"));
    clock.forward(Duration::from_secs(2));
    set_up(&code).await.accepted();
}

#[tokio::test]
async fn a_login_gets_a_new_session_and_a_logout_ends_it_at_the_server() {
    let app = App::start().await;
    let client = app.admin().await;
    let first = client.cookie();
    client.call("log_in", &[("name", ADMIN), ("password", PASSWORD)]).await.accepted();
    assert_ne!(client.cookie(), first, "the id changes with the login");

    let stolen = client.cookie();
    client.call("log_out", &[]).await.accepted();
    assert!(!is_in(&client).await);
    let thief = app.anonymous().bare(Method::GET, "/api/status").header("cookie", stolen);
    Answer::of(thief).await.has_status(401);
}

#[tokio::test]
async fn a_session_that_was_planted_is_not_taken_over_at_the_login() {
    let app = App::start().await;
    let planted = "sid=AAAAAAAAAAAAAAAAAAAAAA";
    let form = [("name", ADMIN), ("password", PASSWORD)];
    let login = app.anonymous().request(Method::POST, "/api/log_in").header("cookie", planted).form(&form);
    let answer = Answer::of(login).await.accepted();
    assert!(!answer.header("set-cookie").contains("AAAAAAAAAAAAAAAAAAAAAA"));
    let thief = app.anonymous().bare(Method::GET, "/api/status").header("cookie", planted);
    Answer::of(thief).await.has_status(401);
}

#[tokio::test]
async fn over_plain_http_the_cookie_is_kept_from_scripts_and_other_sites() {
    let app = App::start().await;
    let answer = app.anonymous().call("log_in", &[("name", ADMIN), ("password", PASSWORD)]).await.accepted();
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("sid=")).expect("a session cookie");
    assert!(session.contains("HttpOnly") && session.contains("SameSite=Lax"), "{session}");
    assert!(!session.contains("Secure"), "some browsers refuse Secure on plain HTTP: {session}");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let guess = async |name: &str| {
        app.anonymous().call("log_in", &[("name", name), ("password", "wrong password")]).await
    };
    let wrong = guess(ADMIN).await;
    // The first wrong guess has made its network wait.
    clock.forward(Duration::from_secs(1));
    let unknown = guess("nobody").await;
    assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
    assert!(wrong.text.contains("error_login_wrong"), "{}", wrong.text);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_its_sockets() {
    let app = App::start().await;
    let (here, elsewhere) = (app.admin().await, app.admin().await);
    let mut socket = LiveSocket::greeted(&elsewhere).await;
    socket.snapshot().await;
    here.call("change_password", &[("old", PASSWORD), ("new", NEW)]).await.accepted();
    assert!(is_in(&here).await);
    assert!(!is_in(&elsewhere).await);
    assert_eq!(socket.bye().await.as_deref(), Some("the session ended"));
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_once() {
    let app = App::start().await;
    let admin = app.admin().await;
    let second = [("name", "citra"), ("role", "admin"), ("password", PASSWORD)];
    let id = admin.call("create_user", &second).await.accepted().json()["id"].to_string();
    let citra = app.logged_in("citra").await;
    citra.call("load_users", &[]).await.accepted();
    let mut socket = LiveSocket::greeted(&citra).await;
    socket.snapshot().await;
    admin.call("update_user", &[("id", &id), ("role", "viewer"), ("enabled", "true")]).await.accepted();
    citra.call("load_users", &[]).await.has_status(401);
    assert!(socket.bye().await.is_some());
    let citra = app.logged_in("citra").await;
    citra.call("load_users", &[]).await.has_status(403);
}

#[tokio::test]
async fn the_last_admin_stays_whatever_is_asked() {
    let app = App::start().await;
    let admin = app.admin().await;
    let users = admin.call("load_users", &[]).await.accepted().json();
    let id = users.as_array().unwrap().iter().find(|user| user["name"] == ADMIN).unwrap()["id"].to_string();
    for (function, form) in [
        ("remove_user", vec![("id", id.as_str())]),
        ("update_user", vec![("id", &id), ("role", "viewer"), ("enabled", "true")]),
        ("update_user", vec![("id", &id), ("role", "admin"), ("enabled", "false")]),
    ] {
        let answer = admin.call(function, &form).await;
        assert!(answer.text.contains("error_last_admin"), "{function} {form:?}: {}", answer.text);
    }
    assert!(is_in(&admin).await);
}

#[tokio::test]
async fn a_disabled_account_and_its_tokens_are_out_within_a_second() {
    let app = App::start().await;
    let (admin, viewer, token) = (app.admin().await, app.viewer().await, app.token(VIEWER, "read").await);
    assert!(is_in(&viewer).await && is_in(&token).await);
    let users = admin.call("load_users", &[]).await.accepted().json();
    let id = users.as_array().unwrap().iter().find(|user| user["name"] == VIEWER).unwrap()["id"].to_string();
    admin.call("update_user", &[("id", &id), ("role", "viewer"), ("enabled", "false")]).await.accepted();
    assert!(!is_in(&viewer).await && !is_in(&token).await);
    let login = app.anonymous().call("log_in", &[("name", VIEWER), ("password", PASSWORD)]).await;
    assert!(login.text.contains("error_login_wrong"), "{}", login.text);
}

#[tokio::test]
async fn what_the_command_line_takes_away_is_gone_from_a_running_server_within_a_second() {
    let app = App::start().await;
    let viewer = app.viewer().await;
    let mut socket = LiveSocket::greeted(&viewer).await;
    socket.snapshot().await;
    let (_, store) = app.command_line().await;
    let gone = cli::user::User::Remove { name: VIEWER.to_owned() };
    cli::user::run(gone, &store, &mut std::io::empty(), &mut Vec::new()).await.unwrap();
    let bye = tokio::time::timeout(Duration::from_secs(2), socket.bye()).await;
    assert_eq!(
        bye.expect("within a second, and some time to get here").as_deref(),
        Some("the session ended")
    );
    assert!(!is_in(&viewer).await);
}

#[tokio::test]
async fn accounts_survive_a_restart_and_sessions_with_them() {
    let mut app = App::start().await;
    let cookie = app.admin().await.cookie();
    app.restart().await;
    let again = app.anonymous().bare(Method::GET, "/api/status").header("cookie", cookie);
    Answer::of(again).await.accepted();
}

#[tokio::test]
async fn whoever_has_to_wait_is_told_how_long() {
    let (app, _) = App::at_standstill().await;
    app.with_accounts().await;
    let guess =
        async || app.anonymous().call("log_in", &[("name", ADMIN), ("password", "wrong password")]).await;
    guess().await;
    let refused = guess().await.has_status(429);
    assert_eq!(refused.header("retry-after"), "1");
}

#[tokio::test]
async fn logging_in_again_ends_the_sockets_of_the_session_before() {
    let app = App::start().await;
    let admin = app.admin().await;
    let mut socket = LiveSocket::greeted(&admin).await;
    socket.snapshot().await;
    admin.call("log_in", &[("name", ADMIN), ("password", PASSWORD)]).await.accepted();
    assert_eq!(socket.bye().await.as_deref(), Some("the session ended"));
}
