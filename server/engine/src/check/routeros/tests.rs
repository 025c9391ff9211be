//! The check against simulated routers: facts, faults, and whose fault it is.

use super::KIND;
use crate::{
    Facts, Login, Observation, Verdict, Watched, Workers,
    check::{
        BuildArgs, Check, Tools,
        tests::{tools, watched},
    },
    driver::routeros::{
        AskError, Disconnect, Stage,
        sim::{Fault, Personality, SimOptions, SimRouter, Way},
    },
};
use model::{CheckKind, FieldError, Settings, WanKind};
use std::{net::SocketAddr, time::Duration};
use tokio::time;

/// A simulated router and the check that watches it.
struct Scene {
    router: SimRouter,
    check: Box<dyn Check>,
    tools: Tools,
    _workers: Workers,
}

impl Scene {
    async fn of(personality: Personality) -> Self {
        Self::with(personality, SimOptions::default()).await
    }

    async fn with(personality: Personality, options: SimOptions) -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let router = SimRouter::start_with(personality, loopback, options).await.unwrap();
        let (tools, workers) = tools();
        let check = build(Some(router.login()), &tools).unwrap();
        Self { router, check, tools, _workers: workers }
    }

    async fn probe(&self) -> Observation {
        self.check.probe(Duration::from_secs(5)).await
    }

    async fn facts(&self) -> Facts {
        match self.probe().await {
            Observation { verdict: Verdict::Up { time_ms }, facts: Some(facts), .. } => {
                assert!(time_ms > 0.0 && time_ms < 5_000.0);
                *facts
            }
            other => panic!("{other:?}"),
        }
    }
}

fn build(login: Option<Login>, tools: &Tools) -> Result<Box<dyn Check>, FieldError> {
    let watched = Watched { routeros: login, ..watched("127.0.0.1", CheckKind::Routeros, Settings::new()) };
    (KIND.build)(&BuildArgs { watched: &watched, check: &watched.device.checks[0], tools })
}

/// Lets time pass for us and for the router, without waiting for it.
async fn later(seconds: u64) {
    time::pause();
    time::advance(Duration::from_secs(seconds)).await;
    time::resume();
}

async fn check_facts(personality: Personality, way: WanKind, is_behind_nat: bool) {
    let scene = Scene::of(personality).await;
    let facts = scene.facts().await;
    let metrics = facts.metrics;
    assert_eq!(metrics.model.as_deref(), Some(personality.board()), "{personality:?}");
    assert_eq!(metrics.routeros_version.as_deref(), Some(personality.version_text()));
    assert_eq!(metrics.identity, Some(scene.router.identity()));
    assert!(metrics.cpu_percent.is_some_and(|load| load > 0.0 && load <= 100.0));
    assert!(metrics.memory_percent.is_some_and(|percent| percent > 0.0 && percent < 100.0));
    assert!(metrics.uptime_s.is_some_and(|uptime| uptime >= 3_600));
    let wan = metrics.wan.unwrap();
    assert_eq!(
        (wan.interface.as_str(), wan.kind),
        (personality.wan_interface(), Some(way)),
        "{personality:?}"
    );
    assert_eq!(metrics.is_behind_nat, Some(is_behind_nat), "{personality:?}");
    let gateway = wan.gateway;
    assert!(metrics.external_ip.as_ref() != gateway.as_ref(), "never the gateway");
    if !is_behind_nat {
        assert_eq!(metrics.external_ip, wan.address, "{personality:?}");
    }
    assert!(metrics.webfig_url.is_some_and(|url| url.contains("//127.0.0.1")));
    assert!(facts.interfaces.iter().any(|interface| interface.name == "ether1"));
    assert!((Some(2), true) == (metrics.poll_commands, metrics.poll_bytes.is_some_and(|bytes| bytes > 100)));
}

#[tokio::test]
async fn routers_of_both_versions_tell_their_facts_whatever_their_way_out() {
    check_facts(Personality::V6_49, WanKind::Pppoe, false).await;
    check_facts(Personality::V6_49.by(Way::Dhcp), WanKind::Dhcp, false).await;
    check_facts(Personality::V6_49.by(Way::Lte), WanKind::Lte, true).await;
    check_facts(Personality::V7, WanKind::Dhcp, false).await;
    check_facts(Personality::V7.by(Way::Lte), WanKind::Lte, true).await;
    check_facts(Personality::V7_20.by(Way::Pppoe), WanKind::Pppoe, false).await;
    check_facts(Personality::CHR, WanKind::Static, false).await;
}

#[tokio::test]
async fn hardware_has_sensors_and_papers_and_a_virtual_router_has_neither() {
    for personality in [Personality::V6_49, Personality::V7] {
        let metrics = Scene::of(personality).await.facts().await.metrics;
        assert!(metrics.temperature_celsius.is_some_and(|celsius| celsius > 20.0 && celsius < 90.0));
        assert!(metrics.voltage_volts.is_some_and(|volts| volts > 20.0 && volts < 30.0));
        assert!(metrics.serial.is_some() && metrics.firmware.is_some());
        assert_eq!(metrics.missing, []);
    }
    let metrics = Scene::of(Personality::CHR).await.facts().await.metrics;
    assert_eq!((metrics.temperature_celsius, metrics.serial), (None, None));
    let missing: Vec<_> = metrics.missing.iter().map(|missing| missing.feature.as_str()).collect();
    assert_eq!(missing, ["feature_routerboard"]);
}

#[tokio::test]
async fn rates_come_from_the_counters_over_the_time_that_passed() {
    let scene = Scene::of(Personality::V7).await;
    assert_eq!(scene.facts().await.metrics.wan.unwrap().rx_bps, None, "one reading is no rate");
    later(30).await;
    let facts = scene.facts().await;
    let rate = facts.metrics.wan.unwrap().rx_bps.unwrap();
    assert!(rate > 0);
    scene.router.script(Fault::ResetCounters);
    later(30).await;
    let facts = scene.facts().await;
    assert_eq!(facts.metrics.wan.unwrap().rx_bps, None, "a gap and not a spike");
    assert!(!facts.has_rebooted);
    later(30).await;
    assert!(scene.facts().await.metrics.wan.unwrap().rx_bps.is_some());
}

#[tokio::test]
async fn a_reboot_is_told_once_and_is_no_outage() {
    let scene = Scene::of(Personality::V6_49).await;
    assert!(!scene.facts().await.has_rebooted);
    later(30).await;
    scene.router.script(Fault::Reboot);
    later(30).await;
    let facts = scene.facts().await;
    assert!(facts.has_rebooted);
    assert!(facts.metrics.uptime_s.is_some_and(|uptime| uptime <= 31));
    assert_eq!(facts.metrics.wan.unwrap().rx_bps, None);
    later(30).await;
    assert!(!scene.facts().await.has_rebooted);
}

#[tokio::test]
async fn a_missing_permission_costs_its_field_and_never_the_device() {
    let scene = Scene::of(Personality::V7).await;
    scene.router.script(Fault::Deny("/system/health".into()));
    scene.router.script(Fault::Absent("/ip/cloud".into()));
    let metrics = scene.facts().await.metrics;
    let missing = |feature: &str| metrics.missing.iter().find(|missing| missing.feature == feature).unwrap();
    assert_eq!(missing("feature_health").policy.as_deref(), Some("policy"));
    assert_eq!(missing("feature_external_ip").policy, None);
    assert_eq!((metrics.missing.len(), metrics.temperature_celsius), (2, None));
    assert!(metrics.model.is_some() && metrics.external_ip.is_some(), "the WAN's own address is public");
    scene.router.heal().await.unwrap();
    later(300).await;
    let metrics = scene.facts().await.metrics;
    assert!(metrics.missing.is_empty() && metrics.temperature_celsius.is_some());
}

#[tokio::test]
async fn even_a_login_that_may_read_nothing_finds_the_router_up() {
    let scene = Scene::of(Personality::V7).await;
    for menu in ["/system", "/interface", "/ip"] {
        scene.router.script(Fault::Deny(menu.into()));
    }
    let facts = scene.facts().await;
    assert_eq!((facts.metrics.model, facts.interfaces.len()), (None, 0));
    let read = facts.metrics.missing.iter().filter(|missing| missing.policy.as_deref() == Some("read"));
    assert_eq!((facts.metrics.missing.len(), read.count()), (11, 10));
}

#[tokio::test]
async fn one_login_serves_every_round_and_the_slow_group_has_its_own_pace() {
    let scene = Scene::of(Personality::V7).await;
    assert!(!scene.check.is_connected());
    scene.facts().await;
    assert!(scene.check.is_connected(), "the next round opens no connection");
    let first = scene.router.commands();
    for _ in 0..5 {
        later(30).await;
        scene.facts().await;
    }
    assert_eq!(scene.router.logins(), 1);
    assert_eq!((first, scene.router.commands() - first), (11, 10));
    later(150).await;
    let before = scene.router.commands();
    scene.facts().await;
    assert_eq!(scene.router.commands() - before, 11);
}

#[tokio::test]
async fn a_busy_router_is_left_alone_and_caught_up_with_later() {
    let scene = Scene::of(Personality::V6_49).await;
    scene.facts().await;
    scene.router.script(Fault::Busy(97));
    let mut before = scene.router.commands();
    let mut asked = Vec::new();
    for _ in 0..12 {
        later(30).await;
        let facts = scene.facts().await;
        assert!(facts.metrics.wan.is_some(), "what was known stays");
        asked.push(scene.router.commands() - before);
        before = scene.router.commands();
    }
    assert_eq!(asked, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2], "no slow group in six minutes");
    scene.router.heal().await.unwrap();
    later(30).await;
    scene.facts().await;
    assert_eq!(scene.router.commands() - before, 11);
}

#[tokio::test]
async fn a_try_in_a_hurry_asks_only_what_tells_up_from_down() {
    let scene = Scene::of(Personality::V7).await;
    let seen = scene.check.probe(Duration::from_secs(2)).await;
    assert!(matches!(seen.verdict, Verdict::Up { .. }));
    assert_eq!(scene.router.commands(), 2);
}

#[tokio::test]
async fn a_router_that_refuses_is_down_and_its_lost_session_is_told_when_it_is_back() {
    let scene = Scene::of(Personality::V7).await;
    scene.facts().await;
    scene.router.script(Fault::Refuse);
    // The first try may still find the old connection, and learn that it was reset.
    assert!(matches!(scene.probe().await.verdict, Verdict::Down { .. }));
    assert!(!scene.check.is_connected());
    for _ in 0..2 {
        let Verdict::Down { why } = scene.probe().await.verdict else { panic!("not down") };
        assert!(why.contains("refused"), "{why}");
    }
    scene.router.heal().await.unwrap();
    let facts = scene.facts().await;
    assert_eq!(facts.sessions_lost, 1);
    let reasons: Vec<_> =
        facts.metrics.endings.iter().map(|ending| (ending.reason.as_str(), ending.times)).collect();
    assert!(
        matches!(reasons[..], [(refused, 2), ("the router reset the connection", 1)] if refused.contains("refused")),
        "{reasons:?}"
    );
    assert_eq!(scene.facts().await.sessions_lost, 0);
}

#[tokio::test]
async fn a_router_that_says_nothing_is_down_with_the_time_it_was_given() {
    let scene = Scene::of(Personality::V7).await;
    scene.facts().await;
    scene.router.script(Fault::NeverAnswer);
    let started = time::Instant::now();
    let verdict = scene.check.probe(Duration::from_millis(200)).await.verdict;
    assert_eq!(verdict, Verdict::Down { why: "logged in, but no answer to the command within 0.2 s".into() });
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_wrong_password_is_our_mistake_and_not_the_routers() {
    let scene = Scene::of(Personality::V7).await;
    scene.router.script(Fault::WrongPassword);
    let verdict = scene.probe().await.verdict;
    assert!(matches!(&verdict, Verdict::Unknown { why } if why.contains("refused the login")), "{verdict:?}");
}

#[tokio::test]
async fn the_first_certificate_is_told_and_another_one_is_not_trusted() {
    let scene = Scene::with(Personality::V7, SimOptions { tls: true, ..SimOptions::default() }).await;
    let seen = scene.facts().await.first_seen_certificate;
    assert_eq!(seen, scene.router.fingerprint());
    let login = Login { pinned: Some("ab".repeat(32)), ..scene.router.login() };
    let pinned = build(Some(login), &scene.tools).unwrap();
    let verdict = pinned.probe(Duration::from_secs(5)).await.verdict;
    let expected = scene.router.fingerprint().unwrap();
    assert!(matches!(&verdict, Verdict::Unknown { why } if why.contains(&expected)), "{verdict:?}");
}

#[tokio::test]
async fn a_device_without_a_login_has_no_such_check() {
    let (tools, _workers) = tools();
    assert_eq!(build(None, &tools).err().map(|error| error.code), Some("error_needs_login".into()));
}

#[tokio::test]
async fn who_asks_for_it_does_not_wait_until_a_refused_login_is_tried_again() {
    let scene = Scene::of(Personality::V7).await;
    scene.router.script(Fault::WrongPassword);
    assert!(matches!(scene.probe().await.verdict, Verdict::Unknown { .. }));
    scene.router.heal().await.unwrap();
    assert!(matches!(scene.probe().await.verdict, Verdict::Unknown { .. }), "not tried again for a minute");
    scene.check.hurry();
    assert!(matches!(scene.probe().await.verdict, Verdict::Up { .. }));
}

/// The check of a router at this address and port.
fn check_at(address: &str, login: Login, tools: &Tools) -> Box<dyn Check> {
    let watched = watched(address, CheckKind::Routeros, Settings::new());
    let watched = Watched { routeros: Some(login), ..watched };
    (KIND.build)(&BuildArgs { watched: &watched, check: &watched.device.checks[0], tools }).unwrap()
}

#[tokio::test]
async fn a_door_that_opens_and_shuts_at_once_is_a_dead_router_with_tls_and_without() {
    for tls in [false, true] {
        let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let login = Login {
            username: "monitor".into(),
            password: crate::Secret::new("look-only".into()),
            port: Some(door.local_addr().unwrap().port()),
            tls,
            pinned: None,
        };
        let (tools, _workers) = tools();
        let check = check_at("127.0.0.1", login, &tools);
        let shut = async {
            let (stream, _) = door.accept().await.unwrap();
            drop(stream);
        };
        let (seen, ()) = tokio::join!(check.probe(Duration::from_secs(5)), shut);
        assert!(matches!(seen.verdict, Verdict::Down { .. }), "tls {tls}: {:?}", seen.verdict);
    }
}

#[test]
fn our_own_failures_are_never_the_routers() {
    let timeout = |stage| AskError::Timeout { stage, after: Duration::from_secs(2) };
    let silent = |stage| Disconnect::Silent { stage, after: Duration::from_secs(5) }.into();
    let unreachable = |is_ours| Disconnect::Unreachable { is_ours, message: "no way".into() }.into();
    let ours = [timeout(Stage::Resolve), silent(Stage::Resolve), unreachable(true)];
    for error in ours {
        assert!(matches!(super::judge(&error), Verdict::Unknown { .. }), "{error:?}");
    }
    for error in [timeout(Stage::Connect), silent(Stage::Login), unreachable(false)] {
        assert!(matches!(super::judge(&error), Verdict::Down { .. }), "{error:?}");
    }
}
