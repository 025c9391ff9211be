//! Every refusal comes before one byte reaches a device.

use super::{add_known, add_trusted, greeted_as, trusted};
use crate::fixture::{ADMIN, App, PASSWORD, SshSim, Terminal, VIEWER};
use model::{FromTerminal, TERMINAL_BYTES, TerminalEnd, ToTerminal};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn no_ticket_that_is_not_for_this_terminal_opens_it() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let (admin, elsewhere) = (app.admin().await, app.admin().await);
    let (sim, other) = (SshSim::start(1).await, SshSim::start(2).await);
    let id = add_trusted(&admin, "edge-1", &sim).await;
    let other_id = add_trusted(&admin, "edge-2", &other).await;

    let late = Terminal::ticket(&admin, id).await;
    clock.forward(Duration::from_secs(30));
    let used = Terminal::ticket(&admin, other_id).await;
    let mut first = Terminal::open(&admin, other_id).await.unwrap();
    first.hello(&used).await;
    first.until_open().await;
    let wrong = Terminal::ticket(&admin, id).await;
    let mut spent = Terminal::open(&admin, other_id).await.unwrap();
    spent.hello(&wrong).await;
    assert_eq!(spent.end().await, Some(TerminalEnd::NoTicket), "another device's");
    for (why, ticket) in [
        ("none", String::new()),
        ("forged", "x".repeat(43)),
        ("late", late),
        ("used", used),
        ("spent at another device", wrong),
        ("another session's", Terminal::ticket(&elsewhere, id).await),
        ("the live socket's", admin.ticket().await),
    ] {
        let mut terminal = Terminal::open(&admin, id).await.unwrap();
        terminal.hello(&ticket).await;
        assert_eq!(terminal.end().await, Some(TerminalEnd::NoTicket), "{why}");
    }
    let mut mute = Terminal::open(&admin, id).await.unwrap();
    mute.send(TERMINAL_BYTES, b"reboot\r").await;
    assert_eq!(mute.end().await, Some(TerminalEnd::NoTicket), "no hello");
    let mut early = Terminal::open(&admin, id).await.unwrap();
    early.say(&FromTerminal::Trust { fingerprint: sim.fingerprint.clone() }).await;
    assert_eq!(early.end().await, Some(TerminalEnd::NoTicket), "something else first");
    assert_eq!((sim.connections(), other.connections()), (0, 1));
}

#[tokio::test]
async fn whoever_says_nothing_is_sent_away_after_ten_seconds() {
    let (_app, admin, sim, id) = trusted().await;
    let mut terminal = Terminal::open(&admin, id).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(10)).await;
    tokio::time::resume();
    assert_eq!(terminal.end().await, Some(TerminalEnd::NoTicket));
    assert_eq!(sim.connections(), 0);
}

#[tokio::test]
async fn a_viewer_gets_neither_ticket_nor_socket_and_a_token_no_more_than_its_scope() {
    let app = App::start().await;
    let (admin, viewer) = (app.admin().await, app.viewer().await);
    let sim = SshSim::start(1).await;
    let id = add_trusted(&admin, "edge-1", &sim).await;
    let purpose = format!("ssh:{id}");
    for (who, client) in [
        ("nobody", app.anonymous()),
        ("a viewer", viewer),
        ("an admin's token that reads", app.token(ADMIN, "read").await),
        ("a viewer's token", app.token(VIEWER, "write").await),
    ] {
        let status = if who == "nobody" { 401 } else { 403 };
        client.call("ticket", &[("purpose", &purpose)]).await.has_status(status);
        client.post("/ws-token", &json!({"purpose": "ssh", "device": id})).await.has_status(status);
        assert_eq!(Terminal::open(&client, id).await.err(), Some(status), "{who}");
    }
    let program = app.token(ADMIN, "write").await;
    let ticket = program.post("/ws-token", &json!({"purpose": "ssh", "device": id})).await.accepted().json();
    assert_eq!(sim.connections(), 0);
    let mut terminal = Terminal::open_as(&program, id, &[]).await.unwrap();
    terminal.hello(ticket["ticket"].as_str().unwrap()).await;
    terminal.until_open().await;
    for (purpose, status) in [("ssh:999999", 404), ("ssh:x", 400), ("telnet", 400)] {
        admin.call("ticket", &[("purpose", purpose)]).await.has_status(status);
    }
}

#[tokio::test]
async fn no_page_of_another_site_opens_a_terminal() {
    let (app, admin, sim, id) = trusted().await;
    let port = app.base.rsplit(':').next().unwrap();
    let subdomain = format!("http://evil.127.0.0.1:{port}");
    for said in [
        vec![],
        vec![("origin", "null")],
        vec![("origin", "http://evil.example")],
        vec![("origin", subdomain.as_str())],
        vec![("origin", "http://127.0.0.1:1")],
        vec![("origin", app.base.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(Terminal::open_as(&admin, id, &said).await.err(), Some(403), "{said:?}");
    }
    assert_eq!(sim.connections(), 0);
}

#[tokio::test]
async fn whoever_lost_the_right_between_ticket_and_hello_is_not_let_in() {
    let (app, admin, sim, id) = trusted().await;
    for (name, how) in [("anna", "logged out"), ("bert", "disabled"), ("carl", "no admin any more")] {
        let form = [("name", name), ("role", "admin"), ("password", PASSWORD)];
        let user = admin.call("create_user", &form).await.accepted().json()["id"].to_string();
        let leaving = app.logged_in(name).await;
        let ticket = Terminal::ticket(&leaving, id).await;
        let mut open = Terminal::open(&leaving, id).await.unwrap();
        match how {
            "logged out" => leaving.call("log_out", &[]).await.accepted(),
            "disabled" => {
                let form = [("id", user.as_str()), ("role", "admin"), ("enabled", "false")];
                admin.call("update_user", &form).await.accepted()
            }
            _ => {
                let form = [("id", user.as_str()), ("role", "viewer"), ("enabled", "true")];
                admin.call("update_user", &form).await.accepted()
            }
        };
        open.hello(&ticket).await;
        let end = open.end().await;
        assert!(matches!(end, Some(TerminalEnd::NotAllowed | TerminalEnd::NoTicket)), "{how}: {end:?}");
        assert_eq!(Terminal::open(&leaving, id).await.err(), Some(401), "{how}");
    }
    assert_eq!(sim.connections(), 0);
}

#[tokio::test]
async fn a_password_given_long_ago_is_asked_for_again() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let sim = SshSim::start(1).await;
    let id = add_trusted(&admin, "edge-1", &sim).await;
    clock.forward(Duration::from_secs(12 * 3600));
    let answer = admin.call("ticket", &[("purpose", &format!("ssh:{id}"))]).await.has_status(403);
    assert!(answer.text.contains("password_needed"), "{}", answer.text);
    assert_eq!(Terminal::open(&admin, id).await.err(), Some(403));
    assert_eq!(sim.connections(), 0);
    admin.call("confirm_password", &[("password", PASSWORD)]).await.accepted();
    Terminal::prompted(&admin, id).await;
}

#[tokio::test]
async fn over_plain_http_from_elsewhere_a_terminal_opens_by_explicit_setting_only() {
    for (allowed, environment) in [(false, vec![]), (true, vec![("ROUTEWARDEN_TERMINAL_OVER_HTTP", "true")])]
    {
        let app = App::with(&environment).await;
        app.with_accounts().await;
        let admin = app.admin().await;
        let sim = SshSim::start(1).await;
        let id = add_known(&admin, "edge-1", sim.port).await;
        // What a proxy adds makes it no visit from this machine.
        let forwarded = ("x-forwarded-for", "203.0.113.9");
        let ticket = admin
            .request(reqwest::Method::POST, "/ws-token")
            .header(forwarded.0, forwarded.1)
            .json(&json!({"purpose": "ssh", "device": id}));
        let answer = crate::fixture::Answer::of(ticket).await;
        assert_eq!(answer.status == 200, allowed, "{}", answer.text);
        let said = [("origin", app.base.as_str()), forwarded];
        let refused = Terminal::open_as(&admin, id, &said).await.err();
        assert_eq!(refused.is_none(), allowed, "{refused:?}");
        assert_eq!(sim.connections(), 0);
    }
}

#[tokio::test]
async fn an_account_opens_only_so_many_terminals() {
    let (_app, admin, sim, id) = trusted().await;
    let mut open = Vec::new();
    let refused = loop {
        match Terminal::open(&admin, id).await {
            Ok(terminal) => open.push(terminal),
            Err(status) => break status,
        }
        assert!(open.len() < 1000, "there is no end to it");
    };
    assert_eq!((refused, open.len()), (429, 16));
    assert_eq!(sim.connections(), 0);
}

#[tokio::test]
async fn each_login_that_a_device_refuses_is_audited_by_its_name_and_without_its_secret() {
    let (_app, admin, sim, id) = trusted().await;
    let mut terminal =
        greeted_as(&admin, id, json!({"username": "former", "password": "planted-1f3c", "port": sim.port}))
            .await;
    for name in ["nobody", "former"] {
        assert!(matches!(terminal.next_word().await, Some(ToTerminal::Ask { .. })));
        terminal.say(&FromTerminal::Answers(vec![name.to_owned(), "planted-2a7d".to_owned()])).await;
    }
    assert!(matches!(terminal.next_word().await, Some(ToTerminal::Ask { .. })));
    let log = admin.get("/api/audit?act=terminal_failed").await.accepted();
    let entries = log.json()["entries"].as_array().unwrap().clone();
    let told: Vec<_> = entries.iter().map(|entry| entry["detail"].as_str().unwrap()).collect();
    let refused =
        |name: &str, of: &str| format!("the login was refused: {name}@127.0.0.1:{}, {of}", sim.port);
    assert_eq!(told, [refused("former", "typed"), refused("nobody", "typed"), refused("former", "stored")]);
    assert!(
        entries.iter().all(|entry| entry["who"] == ADMIN && entry["subject"] == "edge-1"),
        "{}",
        log.text
    );
    assert!(!log.text.contains("planted"), "{}", log.text);
}
