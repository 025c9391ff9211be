//! Walks everything that can be reached, as nobody, as a viewer and as an admin.

use crate::fixture::{ADMIN, Answer, App, Client, LiveSocket, VIEWER};
use model::Role;
use reqwest::Method;
use server::web::{
    self,
    policy::{Kind, Policy, RULES, Rule},
    rest,
};
use std::collections::BTreeSet;

/// What the program offers, from where it is declared: pages, server functions, REST, sockets.
fn offered() -> BTreeSet<(String, String)> {
    let pages = web::pages().into_iter().flat_map(|page| {
        page.methods().map(|_| ("GET".to_owned(), page.path().to_owned())).collect::<Vec<_>>()
    });
    let functions = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| (method.as_str().to_owned(), path.to_owned()));
    let paths = &serde_json::to_value(rest::description()).unwrap()["paths"];
    let rest = paths.as_object().unwrap().iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))
    });
    let own = [
        ("GET", rest::DESCRIPTION),
        ("GET", "/offline"),
        ("GET", "/ws/live"),
        ("GET", "/ws/logs"),
        ("GET", "/ws/ssh/{device}"),
        ("GET", "/ws/watch/{id}"),
    ];
    let own = own.map(|(method, path)| (method.to_owned(), path.to_owned()));
    pages.chain(functions).chain(rest).chain(own).collect()
}

#[tokio::test]
async fn every_route_has_a_policy_and_every_policy_a_route() {
    // The server functions are known once a router was made.
    let _app = App::fresh().await;
    let declared: BTreeSet<_> =
        RULES.iter().map(|rule| (rule.method.to_owned(), rule.path.to_owned())).collect();
    let offered = offered();
    let without_policy: Vec<_> = offered.difference(&declared).collect();
    let without_route: Vec<_> = declared.difference(&offered).collect();
    assert!(without_policy.is_empty(), "without a policy: {without_policy:?}");
    assert!(without_route.is_empty(), "without a route: {without_route:?}");
    assert_eq!(declared.len(), RULES.len(), "a route has one policy");
}

#[tokio::test]
async fn nobody_a_viewer_and_an_admin_reach_what_the_table_says_and_nothing_else() {
    let app = App::start().await;
    let clients = [
        (None, app.anonymous()),
        (Some(Role::Viewer), app.viewer().await),
        (Some(Role::Admin), app.admin().await),
    ];
    for rule in RULES.iter().filter(|rule| rule.path != "/api/log_out") {
        for (role, client) in &clients {
            let answer = knock(client, rule).await;
            check(rule, *role, &answer);
        }
    }
}

#[track_caller]
fn check(rule: &Rule, role: Option<Role>, answer: &Answer) {
    let (status, place) = (answer.status.as_u16(), answer.header("location"));
    let about = format!("{} {} as {role:?}: {status} {place} {}", rule.method, rule.path, answer.text);
    let is_sent_to_login = status == 303 && place == "/login";
    match (rule.policy, role) {
        (Policy::SetupOnly, _) => assert_eq!(status, 404, "{about}"),
        (Policy::Viewer | Policy::Admin, None) if rule.kind == Kind::Page => {
            assert!(is_sent_to_login, "{about}")
        }
        (Policy::Viewer | Policy::Admin, None) => assert_eq!(status, 401, "{about}"),
        (Policy::Admin, Some(Role::Viewer)) => assert_eq!(status, 403, "{about}"),
        _ => assert!(
            status < 500 && !matches!(status, 401 | 403 | 404 | 405) || is_about_the_thing(answer),
            "{about}"
        ),
    }
}

/// The route was reached, and wants a token, or what is asked for does not exist, or this is no socket's request.
fn is_about_the_thing(answer: &Answer) -> bool {
    let is_missed =
        |words: &[&str]| answer.status == 404 && words.iter().any(|words| answer.text.contains(words));
    is_missed(&["there is no such thing", "No such device", "This no longer exists"])
        || answer.status == 405 && answer.text.contains("use POST")
        || answer.status == 403 && answer.text.contains("token_only")
}

async fn knock(client: &Client, rule: &Rule) -> Answer {
    let path = rule.path.replace("{id}", "999999").replace("{name}", "nothing");
    let method: Method = rule.method.parse().unwrap();
    let request = match (rule.kind, rule.method) {
        (Kind::Page, _) => client.request(method, &path).header("accept", "text/html"),
        (Kind::Rest, "POST" | "PUT") => client.request(method, &path).json(&serde_json::json!({})),
        (Kind::ServerFunction, _) => client.request(method, &path).form(&[("nothing", "")]),
        _ => client.request(method, &path),
    };
    Answer::of(request).await
}

#[tokio::test]
async fn a_socket_opens_for_accounts_only() {
    let app = App::start().await;
    let opened = async |client: Client| LiveSocket::open_from(&client, Some(&app.base)).await.err();
    assert_eq!(opened(app.anonymous()).await, Some(401));
    assert_eq!(opened(app.viewer().await).await, None);
    assert_eq!(opened(app.admin().await).await, None);
}

#[tokio::test]
async fn a_token_does_what_its_scope_and_its_account_both_allow() {
    let app = App::start().await;
    let reload =
        async |client: &Client| client.post("/admin/reload-routers", &serde_json::json!({})).await.status;
    for (name, scope, may_read, may_write) in [
        (ADMIN, "write", true, true),
        (ADMIN, "read", true, false),
        (VIEWER, "write", true, false),
        (VIEWER, "read", true, false),
    ] {
        let client = app.token(name, scope).await;
        assert_eq!(client.get("/api/status").await.status == 200, may_read, "{name} {scope}");
        assert_eq!(reload(&client).await == 200, may_write, "{name} {scope}");
    }
    let forged = Client::with_token(&app.base, "rw_forged");
    forged.get("/api/status").await.has_status(401);
}

#[tokio::test]
async fn a_token_reaches_no_account_neither_its_own_nor_another() {
    let app = App::start().await;
    let token = app.token(ADMIN, "write").await;
    let admin = app.admin().await;
    let users = admin.call("load_users", &[]).await.accepted().json();
    let viewer =
        users.as_array().unwrap().iter().find(|user| user["name"] == VIEWER).unwrap()["id"].to_string();
    for (function, form) in [
        ("load_users", vec![]),
        ("load_tokens", vec![]),
        ("create_user", vec![("name", "eve"), ("role", "admin"), ("password", crate::fixture::PASSWORD)]),
        ("update_user", vec![("id", viewer.as_str()), ("role", "admin"), ("enabled", "true")]),
        ("set_user_password", vec![("id", viewer.as_str()), ("password", "another password")]),
        ("remove_user", vec![("id", viewer.as_str())]),
        ("create_token", vec![("name", "more"), ("scope", "write")]),
        ("remove_token", vec![("id", "1")]),
        ("change_password", vec![("old", crate::fixture::PASSWORD), ("new", "another password")]),
        ("load_sessions", vec![]),
        ("end_session", vec![("name", "any")]),
        ("end_other_sessions", vec![]),
        ("confirm_password", vec![("password", crate::fixture::PASSWORD)]),
        ("load_second_factor", vec![]),
        ("offer_second_factor", vec![]),
        ("accept_second_factor", vec![("sealed", ""), ("code", "000000")]),
        ("drop_second_factor", vec![("password", crate::fixture::PASSWORD), ("code", "000000")]),
        ("renew_recovery_codes", vec![]),
        ("take_second_factor", vec![("id", viewer.as_str())]),
        ("load_bindings", vec![]),
        ("offer_binding", vec![("language", "en")]),
        ("remove_binding", vec![("id", "1")]),
        ("load_all_bindings", vec![]),
        ("remove_any_binding", vec![("id", "1")]),
    ] {
        let answer = token.call(function, &form).await;
        assert!(answer.text.contains("forbidden"), "{function}: {}", answer.text);
    }
    assert_eq!(admin.call("load_users", &[]).await.accepted().json(), users, "nothing was changed");
}
