//! What a caller may rely on while the router behaves.

use super::super::sim::{LoginStyle, SimUser, Version};
use super::*;

#[tokio::test]
async fn many_commands_cost_one_connection_and_one_login() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    for _ in 0..50 {
        assert_eq!(name(&session).await.unwrap(), "sim-0001");
    }
    let together: Vec<_> = (0..30).map(|_| name(&session)).collect();
    for answer in futures::future::join_all(together).await {
        assert_eq!(answer.unwrap(), "sim-0001");
    }
    assert_eq!((router.logins(), router.connections()), (1, 1));
    assert_eq!(session.losses(), 0);
}

#[tokio::test]
async fn nothing_connects_before_the_first_command() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    assert_eq!(router.connections(), 0);
    name(&session).await.unwrap();
    assert_eq!(router.connections(), 1);
}

#[tokio::test]
async fn a_router_older_than_6_43_is_logged_in_to_by_its_challenge() {
    let options = SimOptions { login: LoginStyle::Challenge, ..SimOptions::default() };
    let router = router_with(options).await;
    assert_eq!(name(&session(&router)).await.unwrap(), "sim-0001");
}

#[tokio::test]
async fn the_version_and_columns_asked_for_arrive_in_the_routers_order() {
    for (personality, version) in
        [(Personality::V6_49, "6.49.10 (long-term)"), (Personality::V7, "7.14.3 (stable)")]
    {
        let router = router(personality).await;
        let command = Command::new("/system/resource/print").proplist(&["board-name", "version", "uptime"]);
        let answer = session(&router).ask(command, WITHIN).await.unwrap();
        let row = &answer.rows[0];
        let keys: Vec<_> = row.pairs().map(|(key, _)| key.into_owned()).collect();
        assert_eq!(keys, ["uptime", "version", "board-name"]);
        assert_eq!(row.text("version").unwrap(), version);
        assert!(answer.bytes > 20);
    }
}

#[tokio::test]
async fn queries_choose_rows_on_the_router() {
    let router = router(Personality::V7).await;
    let command =
        Command::new("/interface/print").proplist(&["name"]).query("?type=ether").query("?running=true");
    let answer = session(&router).ask(command, WITHIN).await.unwrap();
    let names: Vec<_> = answer.rows.iter().map(|row| row.text("name").unwrap().into_owned()).collect();
    assert_eq!(names, ["ether1", "ether2", "ether3"]);
}

#[tokio::test]
async fn what_done_carries_is_kept() {
    let options = SimOptions { users: vec![SimUser::full("a", "b")], ..SimOptions::default() };
    let router = router_with(options).await;
    let session = session(&router);
    let add = Command::new("/ip/firewall/address-list/add")
        .attribute("list", "blocked")
        .attribute("address", "192.0.2.9")
        .attribute("comment", "a=b, \u{0}\n=c");
    let added = session.ask(add, WITHIN).await.unwrap();
    assert!(added.ret.unwrap().starts_with('*'));
    let count = Command::new("/ip/firewall/address-list/print").attribute("count-only", "");
    assert_eq!(session.ask(count, WITHIN).await.unwrap().ret.unwrap(), "1");
    let print = Command::new("/ip/firewall/address-list/print").proplist(&["comment"]);
    let rows = session.ask(print, WITHIN).await.unwrap().rows;
    assert_eq!(rows[0].text("comment").unwrap(), "a=b, \u{0}\n=c");
}

#[tokio::test]
async fn an_empty_menu_is_an_answer_with_and_without_the_empty_word() {
    for personality in [Personality::V6_49, Personality::V7, Personality::V7_20] {
        let router = router(personality).await;
        let says_empty = personality.version == Version::V7_20;
        let command = Command::new("/interface/print").query("?name=none");
        let answer = session(&router).ask(command, WITHIN).await.unwrap();
        assert_eq!((answer.rows.len(), answer.bytes > 20), (0, says_empty));
    }
}

#[tokio::test]
async fn a_refused_command_costs_the_command_and_not_the_session() {
    let router = router(Personality::CHR).await;
    let session = session(&router);
    let missing = session.ask(Command::new("/system/routerboard/print"), WITHIN).await.unwrap_err();
    assert!(missing.to_string().contains("no such command"), "{missing}");
    let forbidden =
        session.ask(Command::new("/system/identity/set").attribute("name", "x"), WITHIN).await.unwrap_err();
    assert!(forbidden.is_no_permission() && !forbidden.is_about_the_session(), "{forbidden}");
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
    assert_eq!((router.logins(), session.losses()), (1, 0));
}

#[tokio::test]
async fn a_command_that_is_none_is_not_sent() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    for command in [
        Command::new(""),
        Command::new("/"),
        Command::new("print"),
        Command::new("/log/print").attribute("x", &"y".repeat(70_000)),
    ] {
        assert_eq!(session.ask(command, WITHIN).await.unwrap_err(), AskError::Unsendable);
    }
    assert_eq!(router.connections(), 0);
}

#[tokio::test]
async fn a_session_ends_with_its_last_handle_and_with_the_program() {
    let router = router(Personality::V7).await;
    let runtime = runtime();
    let session = Session::new(endpoint(&router), runtime.clone());
    name(&session).await.unwrap();
    let other = Session::new(endpoint(&router), runtime.clone());
    name(&other).await.unwrap();
    runtime.tracker.close();
    drop(session);
    runtime.stop.cancel();
    timeout(WITHIN, runtime.tracker.wait()).await.expect("the tasks end");
    assert_eq!(why(name(&other).await.unwrap_err()), Disconnect::Stopped);
}

#[tokio::test]
async fn hundreds_of_routers_cost_one_login_each() {
    let spread = super::super::sim::Spread::Ports(ANYWHERE);
    let fleet = super::super::sim::SimFleet::start(300, spread, SimOptions::default()).await.unwrap();
    let sessions: Vec<_> = fleet.routers.iter().map(session).collect();
    for _ in 0..3 {
        let names = futures::future::join_all(sessions.iter().map(name)).await;
        assert!(names.iter().zip(&fleet.routers).all(|(name, router)| *name == Ok(router.identity())));
    }
    assert_eq!(fleet.logins(), 300);
}

#[tokio::test]
async fn a_sessions_task_is_small() {
    let router = router(Personality::V7).await;
    let size = session(&router).task_size();
    assert!(size < 8 * 1024, "{size} bytes");
}
