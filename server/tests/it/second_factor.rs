//! Logging in with a password and a code, over the network.

use crate::fixture::{ADMIN, Answer, App, Client, Hands, PASSWORD, Phone, STEP, VIEWER};
use reqwest::Method;
use std::{sync::Arc, time::Duration};

/// An app whose admin has a phone.
async fn with_phone() -> (App, Arc<Hands>, Client, Phone) {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let phone = Phone::take(&admin, &clock).await;
    (app, clock, admin, phone)
}

async fn give_password(client: &Client) -> Answer {
    client.call("log_in", &[("name", ADMIN), ("password", PASSWORD)]).await
}

#[tokio::test]
async fn no_session_exists_before_the_code() {
    let (app, clock, _admin, phone) = with_phone().await;
    let client = app.anonymous();
    let half = give_password(&client).await.accepted();
    let cookies: Vec<_> =
        half.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let [cookie] = cookies.as_slice() else { panic!("{cookies:?}") };
    assert!(cookie.starts_with("half_in=") && cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    client.get("/api/status").await.has_status(401);
    client.call("load_users", &[]).await.has_status(401);
    client.call("enter_code", &[("code", &phone.code(&clock))]).await.accepted();
    client.call("load_users", &[]).await.accepted();
    assert!(!client.cookie().contains("half_in="), "{}", client.cookie());
}

#[tokio::test]
async fn it_works_without_scripts_and_says_what_was_wrong() {
    let (app, clock, _admin, phone) = with_phone().await;
    let browser = app.anonymous();
    let submit = async |function: &str, form: &[(&str, &str)]| {
        let request =
            browser.request(Method::POST, &format!("/api/{function}")).header("accept", "text/html");
        Answer::of(request.header("referer", format!("{}/login", app.base)).form(form)).await
    };
    let page = browser.visit("/login").await.accepted().text;
    assert!(page.contains("name=\"password\"") && !page.contains("name=\"code\""));
    let answer = submit("log_in", &[("name", ADMIN), ("password", PASSWORD)]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (302, "/login"));
    let page = browser.visit("/login").await.accepted().text;
    assert!(page.contains("name=\"code\"") && !page.contains("name=\"password\""));

    let wrong = submit("enter_code", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 302, "{}", wrong.text);
    let back = wrong.header("location").strip_prefix(&app.base).unwrap().to_owned();
    let page = browser.visit(&back).await.accepted().text;
    assert!(page.contains("This code is wrong"), "{page}");
    clock.forward(Duration::from_secs(1));
    let answer = submit("enter_code", &[("code", &phone.code(&clock))]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (302, "/"));
    assert!(browser.visit("/").await.accepted().text.contains(ADMIN));
}

#[tokio::test]
async fn whoever_begins_again_is_asked_for_the_password() {
    let (app, clock, _admin, phone) = with_phone().await;
    let client = app.anonymous();
    give_password(&client).await.accepted();
    client.call("log_out", &[]).await.accepted();
    assert!(client.visit("/login").await.text.contains("name=\"password\""));
    let late = client.call("enter_code", &[("code", &phone.code(&clock))]).await.has_status(400);
    assert!(late.text.contains("error_code_late"), "{}", late.text);
}

#[tokio::test]
async fn a_wrong_code_waits_and_holds_up_the_password_from_there_too() {
    let (app, clock, _admin, phone) = with_phone().await;
    let client = app.anonymous();
    give_password(&client).await.accepted();
    let wrong = client.call("enter_code", &[("code", "000000")]).await.has_status(400);
    assert!(wrong.text.contains("error_code_wrong"), "{}", wrong.text);
    let right = phone.code(&clock);
    client.call("enter_code", &[("code", &right)]).await.has_status(429);
    give_password(&client).await.has_status(429);
    clock.forward(Duration::from_secs(1));
    give_password(&client).await.accepted();
    client.call("enter_code", &[("code", "000000")]).await.has_status(400);
    clock.forward(Duration::from_secs(1));
    let waits = client.call("enter_code", &[("code", &right)]).await.has_status(429);
    assert_eq!(waits.header("retry-after"), "1", "the second wait is two seconds");
    clock.forward(Duration::from_secs(1));
    client.call("enter_code", &[("code", &right)]).await.accepted();
}

#[tokio::test]
async fn a_code_and_a_recovery_code_let_in_once() {
    let (app, clock, _admin, phone) = with_phone().await;
    for code in [phone.code(&clock), phone.recovery_codes[0].clone()] {
        let [first, second] = [app.anonymous(), app.anonymous()];
        for client in [&first, &second] {
            give_password(client).await.accepted();
        }
        first.call("enter_code", &[("code", &code)]).await.accepted();
        second.call("enter_code", &[("code", &code)]).await.has_status(400);
        clock.forward(STEP);
    }
}

#[tokio::test]
async fn a_name_with_a_second_factor_is_refused_like_any_other() {
    let (app, clock, _admin, _phone) = with_phone().await;
    let mut answers = Vec::new();
    for name in [ADMIN, VIEWER, "nobody"] {
        let answer = app.anonymous().call("log_in", &[("name", name), ("password", "wrong password")]).await;
        let cookies = answer.headers.get_all("set-cookie").iter().count();
        answers.push((answer.status, answer.text, cookies));
        clock.forward(Duration::from_secs(60));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn it_is_taken_away_by_an_admin_and_told_in_the_log() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let phone = Phone::take(&viewer, &clock).await;
    let users = admin.call("load_users", &[]).await.accepted().json();
    let user = users.as_array().unwrap().iter().find(|user| user["name"] == VIEWER).unwrap();
    assert_eq!(user["has_second_factor"], true);
    let again = app.anonymous();
    again.call("log_in", &[("name", VIEWER), ("password", PASSWORD)]).await.accepted();
    again.call("enter_code", &[("code", &phone.recovery_codes[9])]).await.accepted();
    again.call("take_second_factor", &[("id", "1")]).await.has_status(403);
    admin.call("take_second_factor", &[("id", &user["id"].to_string())]).await.accepted();
    admin.call("take_second_factor", &[("id", &user["id"].to_string())]).await.has_status(409);
    app.viewer().await.get("/api/status").await.accepted();

    let told = admin.get("/api/audit").await.accepted().json();
    let about = told["entries"].as_array().unwrap().iter().rev();
    let about: Vec<_> = about
        .map(|entry| format!("{} {}", entry["who"].as_str().unwrap(), entry["act"].as_str().unwrap()))
        .filter(|line| line.contains("second_factor") || line.contains("recovery"))
        .collect();
    let expected = [
        format!("{VIEWER} second_factor_on"),
        "somebody recovery_code_used".to_owned(),
        format!("{ADMIN} second_factor_off"),
    ];
    assert_eq!(about, expected);
}

#[tokio::test]
async fn an_admin_s_own_is_not_to_be_had_without_a_code() {
    let (app, clock, admin, phone) = with_phone().await;
    let users = admin.call("load_users", &[]).await.accepted().json();
    let own = users.as_array().unwrap().iter().find(|user| user["name"] == ADMIN).unwrap()["id"].to_string();
    let refused = admin.call("take_second_factor", &[("id", &own)]).await.has_status(400);
    assert!(refused.text.contains("error_second_factor_own"), "{}", refused.text);
    let again = app.anonymous();
    phone.log_in(&again, ADMIN, &clock).await;
}

#[tokio::test]
async fn the_account_page_tells_whether_it_is_on_and_carries_no_secret() {
    let (_app, _clock, admin, phone) = with_phone().await;
    let factor = admin.call("load_second_factor", &[]).await.accepted().json();
    assert_eq!(factor["codes_left"], 10);
    let page = admin.visit("/account").await.accepted().text;
    assert!(page.contains("10 recovery codes left"), "{page}");
    assert!(phone.recovery_codes.iter().all(|code| !page.contains(code)));
}
