//! Ping checks against loopback, and their settings.

use super::*;
use crate::check::tests::{tools, watched};
use model::Settings;

async fn ask(address: &str) -> Verdict {
    let watched = watched(address, CheckKind::Icmp, Settings::new());
    let (tools, _workers) = tools();
    let check =
        build(&BuildArgs { watched: &watched, check: &watched.device.checks[0], tools: &tools }).unwrap();
    check.probe(Duration::from_secs(5)).await.verdict
}

#[tokio::test]
async fn a_host_that_answers_is_up_with_its_time() {
    let (tools, _workers) = tools();
    match (ask("127.0.0.1").await, tools.pinger.trouble()) {
        (Verdict::Up { time_ms }, None) => assert!(time_ms > 0.0 && time_ms < 5000.0),
        (Verdict::Unknown { why }, Some(trouble)) => assert_eq!(*why, *trouble),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_our_trouble() {
    assert!(matches!(ask("no-such-host.invalid").await, Verdict::Unknown { .. }));
}
