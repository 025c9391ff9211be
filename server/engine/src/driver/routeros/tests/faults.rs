//! What is told apart when a session ends, and what each ending costs.

use super::super::Stage;
use super::super::sim::Fault;
use super::*;
use std::time::Instant;

#[tokio::test]
async fn a_reset_connection_is_a_loss_with_its_time_and_the_next_command_reconnects() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(Fault::Drop);
    let loss = ended(&session, |ended| ended.is_loss).await;
    assert_eq!((loss.why, loss.times), (Disconnect::Reset, 1));
    assert!(loss.at.0 > 1_600_000_000_000);
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
    assert_eq!((session.losses(), router.logins()), (1, 2));
}

#[tokio::test]
async fn an_idle_session_that_the_router_closed_and_the_next_command_reopened_is_no_loss() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(Fault::Close);
    ended(&session, |ended| ended.why == Disconnect::IdleClosed).await;
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
    assert_eq!((session.losses(), router.logins()), (0, 2));
}

#[tokio::test]
async fn an_idle_session_that_was_closed_for_good_is_a_loss_after_all() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(Fault::Close);
    ended(&session, |ended| ended.why == Disconnect::IdleClosed).await;
    router.script(Fault::Refuse);
    assert!(name(&session).await.is_err());
    assert_eq!(session.losses(), 1);
    // Failed attempts during the outage are no further losses, and share one place in the list.
    for _ in 0..40 {
        assert!(name(&session).await.is_err());
    }
    assert_eq!(session.losses(), 1);
    let endings = session.endings();
    assert!(endings.len() <= 3 && endings.last().unwrap().times >= 30, "{endings:?}");
    router.heal().await.unwrap();
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
}

#[tokio::test]
async fn a_connection_lost_under_a_command_gives_every_waiting_caller_the_cause() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(Fault::Swallow);
    router.script(Fault::SayAndClose(Vec::new()));
    let (a, b) = tokio::join!(name(&session), name(&session));
    assert_eq!((why(a.unwrap_err()), why(b.unwrap_err())), (Disconnect::Closed, Disconnect::Closed));
    assert_eq!(session.losses(), 1);
}

#[tokio::test]
async fn a_fatal_ends_the_session_and_its_reason_is_kept() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    router.script(Fault::Fatal("shutting down".into()));
    assert_eq!(why(name(&session).await.unwrap_err()), Disconnect::Fatal("shutting down".into()));
    assert_eq!(ended(&session, |ended| ended.is_loss).await.why, Disconnect::Fatal("shutting down".into()));
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
}

#[tokio::test]
async fn a_refused_login_is_not_tried_again_for_a_minute_and_says_so() {
    let router = router(Personality::V7).await;
    let mut wrong = endpoint(&router);
    wrong.login.password = crate::Secret::new("wrong".into());
    let session = Session::new(wrong, runtime());
    for _ in 0..20 {
        let error = why(name(&session).await.unwrap_err());
        let Disconnect::LoginRefused { message, retry_in_s } = error else { panic!("{error}") };
        assert_eq!(message, "invalid user name or password (6)");
        assert!((50..=60).contains(&retry_in_s), "{retry_in_s}");
    }
    assert_eq!((router.refused_logins(), router.connections(), session.losses()), (1, 1, 0));
}

#[tokio::test]
async fn a_refused_port_says_what_may_be_wrong() {
    let router = router(Personality::V7).await;
    router.script(Fault::Refuse);
    tokio::task::yield_now().await;
    let error = why(name(&session(&router)).await.unwrap_err());
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_not_the_routers_fault() {
    let router = router(Personality::V7).await;
    let endpoint = Endpoint { host: "router.invalid".into(), login: router.login() };
    let error = why(name(&Session::new(endpoint, runtime())).await.unwrap_err());
    assert!(matches!(error, Disconnect::Unresolved(_)), "{error:?}");
}

#[tokio::test]
async fn a_router_that_accepts_and_never_answers_costs_the_deadline_and_names_the_stage() {
    let router = router(Personality::V7).await;
    router.script(Fault::NeverAnswer);
    let session = session(&router);
    let begun = Instant::now();
    let within = Duration::from_secs(2);
    let error = session.ask(identity(), within).await.unwrap_err();
    assert_eq!(error, AskError::Timeout { stage: Stage::Login, after: within });
    assert!(begun.elapsed() < WITHIN);
}

#[tokio::test]
async fn a_command_that_is_never_answered_is_cancelled_and_the_session_goes_on() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(Fault::Swallow);
    let within = Duration::from_millis(200);
    let error = session.ask(identity(), within).await.unwrap_err();
    assert_eq!(error, AskError::Timeout { stage: Stage::Command, after: within });
    for _ in 0..5 {
        assert_eq!(name(&session).await.unwrap(), "sim-0001");
    }
    assert_eq!((router.logins(), session.losses()), (1, 0));
}

#[tokio::test]
async fn a_session_gone_silent_is_given_up_and_the_next_one_works() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(Fault::NeverAnswer);
    assert!(session.ask(identity(), Duration::from_millis(100)).await.is_err());
    let loss = ended(&session, |ended| ended.is_loss).await;
    assert!(matches!(loss.why, Disconnect::Silent { stage: Stage::Command, .. }), "{loss:?}");
    router.heal().await.unwrap();
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
}

#[tokio::test]
async fn a_connection_that_died_without_a_word_costs_one_try_and_the_next_has_a_new_one() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    name(&session).await.unwrap();
    router.script(Fault::MuteOld);
    assert!(session.ask(identity(), Duration::from_millis(100)).await.is_err());
    // Sent into the dead connection too, and taken along to the new one well within its time.
    let second = session.ask(identity(), Duration::from_secs(4)).await;
    assert!(second.is_ok(), "{second:?}");
    assert_eq!((router.logins(), session.losses()), (2, 1));
}

#[tokio::test]
async fn a_reply_beyond_its_limits_costs_the_command_only() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    // Small rows hold memory too.
    for (rows, bytes_per_row) in [(3_000, 1_000), (60_000, 1)] {
        router.script(Fault::ManyRows { rows, bytes_per_row });
        let error = session.ask(identity(), WITHIN).await.unwrap_err();
        assert_eq!(error, AskError::TooLarge("over 768 KiB held at once"));
        assert_eq!(name(&session).await.unwrap(), "sim-0001");
    }
    assert_eq!((router.logins(), session.losses()), (1, 0));
}

#[tokio::test]
async fn delays_and_single_bytes_are_only_slow() {
    let router = router(Personality::V7).await;
    router.script(Fault::Delay(Duration::from_millis(20)));
    router.script(Fault::SlowBytes(Duration::from_millis(1)));
    assert_eq!(name(&session(&router)).await.unwrap(), "sim-0001");
}

#[tokio::test]
async fn comments_in_an_old_code_page_are_readable() {
    let router = router(Personality::V7).await;
    router.script(Fault::Latin1);
    let command = Command::new("/interface/print").proplist(&["comment"]).query("?name=ether3");
    let answer = session(&router).ask(command, WITHIN).await.unwrap();
    assert_eq!(answer.rows[0].text("comment").unwrap(), "Außenstelle Süd, café");
    assert!(std::str::from_utf8(answer.rows[0].raw("comment").unwrap()).is_err());
}

#[tokio::test]
async fn a_reboot_shows_in_the_uptime_and_counters_start_again() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    let read = async |path: &str, column: &str| {
        let answer = session.ask(Command::new(path).proplist(&[column]), WITHIN).await.unwrap();
        answer.rows[0].text(column).unwrap().into_owned()
    };
    let (uptime, bytes) =
        (read("/system/resource/print", "uptime").await, read("/interface/print", "rx-byte").await);
    router.script(Fault::Reboot);
    ended(&session, |_| true).await;
    assert!(uptime.contains('d') || uptime.contains('h'), "{uptime}");
    let again = read("/system/resource/print", "uptime").await;
    assert!(!again.contains(['d', 'h', 'm']), "{again}");
    let fewer: u64 = read("/interface/print", "rx-byte").await.parse().unwrap();
    assert!(fewer < bytes.parse::<u64>().unwrap());
}

#[tokio::test]
async fn a_menu_may_be_denied_or_missing_by_script() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    router.script(Fault::Deny("/system/health".into()));
    router.script(Fault::Absent("/ip/cloud".into()));
    let denied = session.ask(Command::new("/system/health/print"), WITHIN).await.unwrap_err();
    assert!(denied.is_no_permission(), "{denied}");
    let missing = session.ask(Command::new("/ip/cloud/print"), WITHIN).await.unwrap_err();
    assert!(missing.to_string().contains("no such command"), "{missing}");
}
