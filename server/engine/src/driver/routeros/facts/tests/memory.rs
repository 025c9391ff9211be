//! What a round asks, and what it remembers: the slow group's turns, back-off, reboots, refusals.

use super::super::super::{AskError, Disconnect, Row, Stage};
use super::super::memory::{Heard, Memory};
use super::super::question::{INTERFACES, Question, RESOURCE, SLOW, Subject};
use super::row;
use crate::Facts;
use std::time::Duration;
use tokio::time::Instant;

/// A router whose answers are made up, and a clock that moves when told.
struct Bench {
    memory: Memory,
    start: Instant,
}

impl Bench {
    fn new() -> Self {
        Self { memory: Memory::default(), start: Instant::now() }
    }

    /// One round at `at_s`: what was asked beside the resource, and the facts afterwards.
    fn round(&mut self, at_s: u64, uptime: &str, cpu: &str) -> (Vec<Subject>, Facts) {
        self.round_with(at_s, uptime, cpu, |question| Ok(rows_of(question.subject, at_s)))
    }

    fn round_with(
        &mut self,
        at_s: u64,
        uptime: &str,
        cpu: &str,
        answer: impl Fn(&Question) -> Result<Vec<Row>, AskError>,
    ) -> (Vec<Subject>, Facts) {
        let now = self.start + Duration::from_secs(at_s);
        self.memory.begin();
        let resource = row(&[("uptime", uptime), ("cpu-load", cpu), ("board-name", "hEX")]);
        self.hear(&RESOURCE, Ok(vec![resource]), now);
        let plan = self.memory.plan(now, false);
        for question in &plan {
            self.hear(question, answer(question), now);
        }
        (plan.iter().map(|question| question.subject).collect(), self.memory.facts("192.0.2.1"))
    }

    fn hear(&mut self, question: &'static Question, result: Result<Vec<Row>, AskError>, now: Instant) {
        let heard = Heard { question, result, bytes: 100, took: Duration::from_millis(3) };
        self.memory.learn(heard, now);
    }
}

fn rows_of(subject: Subject, at_s: u64) -> Vec<Row> {
    match subject {
        Subject::Interfaces => {
            let bytes = (at_s * 1_000).to_string();
            vec![row(&[("name", "ether1"), ("type", "ether"), ("rx-byte", &bytes), ("tx-byte", "0")])]
        }
        Subject::Routes => vec![row(&[
            ("dst-address", "0.0.0.0/0"),
            ("active", "true"),
            ("gateway", "198.51.100.1"),
            ("immediate-gw", "198.51.100.1%ether1"),
        ])],
        Subject::Identity => vec![row(&[("name", "edge-1")])],
        _ => Vec::new(),
    }
}

fn all() -> Vec<Subject> {
    std::iter::once(INTERFACES.subject).chain(SLOW.iter().map(|question| question.subject)).collect()
}

fn refused(message: &str) -> AskError {
    AskError::Trap { category: None, message: message.into() }
}

#[test]
fn nothing_that_is_asked_changes_a_router_or_prints_every_column() {
    for question in [&RESOURCE, &INTERFACES].into_iter().chain(&SLOW) {
        assert!(question.path.ends_with("/print"), "{}", question.path);
        assert!(!question.columns.is_empty(), "{}", question.path);
    }
}

#[test]
fn the_slow_group_is_asked_every_five_minutes_and_the_counters_every_round() {
    let mut bench = Bench::new();
    let asked: Vec<_> = (0..=10).map(|n| bench.round(n * 30, "1d", "5").0).collect();
    assert_eq!(asked[0], all());
    for round in &asked[1..10] {
        assert_eq!(round, &[Subject::Interfaces]);
    }
    assert_eq!(asked[10], all());
}

#[test]
fn the_rate_of_the_wan_is_that_of_its_interface() {
    let mut bench = Bench::new();
    bench.round(0, "1d", "5");
    let (_, facts) = bench.round(30, "1d30s", "5");
    let wan = facts.metrics.wan.unwrap();
    assert_eq!((wan.interface.as_str(), wan.rx_bps, wan.tx_bps), ("ether1", Some(8_000), Some(0)));
    assert_eq!(facts.metrics.identity.as_deref(), Some("edge-1"), "slow facts stay between their rounds");
}

#[test]
fn a_busy_router_is_asked_less() {
    let mut bench = Bench::new();
    bench.round(0, "1d", "5");
    let asked: Vec<_> = (1..=62).map(|n| bench.round(n * 30, "1d", "97").0).collect();
    let slow = asked.iter().filter(|round| round.contains(&Subject::Identity)).count();
    let fast = asked.iter().filter(|round| round.contains(&Subject::Interfaces)).count();
    assert_eq!(slow, 1, "once in half an hour instead of six times");
    assert_eq!(fast, 31, "every other round");
    assert_eq!(bench.round(1_900, "1d", "20").0, [Subject::Interfaces]);
    assert_eq!(bench.round(2_200, "1d", "20").0, all(), "and as before once it has time again");
}

#[test]
fn a_busy_router_that_we_know_nothing_of_is_asked_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.round(0, "1d", "100").0, all());
}

#[test]
fn a_hurried_round_only_counts() {
    let mut memory = Memory::default();
    let plan = memory.plan(Instant::now(), true);
    assert_eq!(plan.iter().map(|question| question.subject).collect::<Vec<_>>(), [Subject::Interfaces]);
}

#[test]
fn an_uptime_that_went_back_is_a_reboot_told_once() {
    let mut bench = Bench::new();
    assert!(!bench.round(0, "10h", "5").1.has_rebooted);
    assert!(!bench.round(30, "10h30s", "5").1.has_rebooted);
    let (asked, facts) = bench.round(60, "20s", "5");
    assert!(facts.has_rebooted);
    assert_eq!(facts.interfaces[0].rx_bps, None, "its counters began anew");
    assert_eq!(asked, all(), "it may be another version now");
    assert!(!bench.round(90, "50s", "5").1.has_rebooted);
}

#[test]
fn a_reboot_right_after_our_last_look_is_seen_too() {
    let mut bench = Bench::new();
    bench.round(0, "10h", "5");
    assert!(bench.round(30, "29s", "5").1.has_rebooted);
}

#[test]
fn a_router_that_is_younger_than_our_last_look_has_rebooted() {
    let mut bench = Bench::new();
    bench.round(0, "10s", "5");
    assert!(bench.round(600, "5m", "5").1.has_rebooted, "it would be 10m10s old");
    let mut idle = Bench::new();
    idle.round(0, "10s", "5");
    assert!(!idle.round(600, "10m8s", "5").1.has_rebooted, "clocks never agree to the second");
}

#[test]
fn a_refusal_costs_its_field_and_names_the_policy() {
    let mut bench = Bench::new();
    let (_, facts) = bench.round_with(0, "1d", "5", |question| match question.subject {
        Subject::Health => Err(refused("not enough permissions (9)")),
        Subject::Routerboard => Err(refused("no such command or directory (routerboard)")),
        subject => Ok(rows_of(subject, 0)),
    });
    let missing =
        |feature: &str| facts.metrics.missing.iter().find(|missing| missing.feature == feature).unwrap();
    assert_eq!(facts.metrics.missing.len(), 2);
    assert_eq!(missing("feature_health").policy.as_deref(), Some("policy"));
    assert_eq!(missing("feature_health").command, "/system/health/print");
    assert_eq!(missing("feature_routerboard").policy, None, "no policy brings what is not there");
    assert_eq!(missing("feature_routerboard").why, "no such command or directory (routerboard)");
    assert_eq!(facts.metrics.model.as_deref(), Some("hEX"));
    assert!(facts.metrics.wan.is_some());
    assert_eq!(bench.round(300, "1d", "5").1.metrics.missing, [], "given later, it is there");
}

#[test]
fn silence_leaves_what_was_known_and_a_cut_off_question_is_asked_again() {
    let silent = |after| Err(AskError::Timeout { stage: Stage::Command, after });
    let mut bench = Bench::new();
    bench.round(0, "1d", "5");
    let (_, facts) = bench.round_with(300, "1d", "5", |question| match question.subject {
        Subject::Identity => silent(question.patience),
        Subject::Routes => silent(Duration::from_millis(7)),
        subject => Ok(rows_of(subject, 300)),
    });
    assert_eq!(facts.metrics.identity.as_deref(), Some("edge-1"));
    assert_eq!(facts.metrics.missing, []);
    assert_eq!(bench.round(330, "1d", "5").0, [Subject::Interfaces, Subject::Routes]);
}

#[test]
fn a_question_that_breaks_the_session_twice_waits_for_its_slow_turn_and_says_so() {
    for poison in [Subject::Routes, Subject::Interfaces] {
        let answer = |question: &Question| match question.subject {
            subject if subject == poison => Err(AskError::Disconnected(Disconnect::Closed)),
            subject => Ok(rows_of(subject, 0)),
        };
        let mut bench = Bench::new();
        let rounds: Vec<_> = (0..12).map(|n| bench.round_with(n * 30, "1d", "5", answer)).collect();
        let asked: Vec<_> = (0..12).filter(|n| rounds[*n].0.contains(&poison)).collect();
        assert_eq!(asked, [0, 1, 11], "{poison:?}");
        let missing = &rounds[2].1.metrics.missing;
        assert!(missing.len() == 1 && missing[0].why.contains("closed"), "{missing:?}");
        assert_eq!(bench.round(690, "1d", "5").1.metrics.missing, [], "and is forgiven when it answers");
    }
}

#[test]
fn of_a_router_that_never_stops_talking_little_is_kept() {
    let mut bench = Bench::new();
    let long = "ж".repeat(30_000);
    let interface = |number: u32| {
        let name = format!("{number}{long}");
        row(&[("name", &name), ("type", &long), ("comment", &long), ("mac-address", &long)])
    };
    let (_, facts) = bench.round_with(0, "1d", "5", |question| match question.subject {
        Subject::Identity => Ok(vec![row(&[("name", "edge-1")]); 1]),
        Subject::Interfaces => Ok((0..1_000).map(interface).collect()),
        _ => Ok(vec![row(&[("comment", &long)]); 500]),
    });
    assert!(facts.interfaces.len() > 100, "{}", facts.interfaces.len());
    assert!(bench.memory.kept_bytes() <= 2 * 1024 * 1024, "{}", bench.memory.kept_bytes());
}

#[test]
fn the_cost_of_a_round_is_that_of_its_fast_group() {
    let mut bench = Bench::new();
    let (_, facts) = bench.round(0, "1d", "5");
    let metrics = facts.metrics;
    assert_eq!((metrics.poll_commands, metrics.poll_bytes, metrics.poll_ms), (Some(2), Some(200), Some(6)));
}
