//! The permission probe and the live rate against routers of the simulator.

use super::super::super::sim::{Fault, Personality, SimOptions, SimRouter};
use super::super::super::{Endpoint, Session};
use super::super::{Gatherer, probe_permissions, watch_rate};
use crate::{
    Login, Secret,
    check::{Tools, tests::tools},
};
use model::ProbeReport;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    time::timeout,
};

async fn start(personality: Personality) -> SimRouter {
    SimRouter::start(personality, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
}

async fn probe(login: Login) -> ProbeReport {
    let (tools, _workers) = tools();
    probe_permissions("127.0.0.1", login, tools.runtime()).await
}

/// The report of a login that did not get in: its words.
async fn refusal(login: Login) -> String {
    let report = probe(login).await;
    assert!(!report.is_connected && report.available.is_empty() && report.missing.is_empty());
    report.error.unwrap()
}

#[tokio::test]
async fn a_login_made_by_the_onboarding_text_has_everything() {
    for personality in [Personality::V6_49, Personality::V7, Personality::V7_20] {
        let router = start(personality).await;
        let report = probe(router.login()).await;
        assert!(report.is_connected && report.error.is_none());
        assert_eq!(report.missing, [], "{personality:?}");
        assert_eq!(
            report.available,
            [
                "feature_resource",
                "feature_interfaces",
                "feature_identity",
                "feature_wan",
                "feature_external_ip",
                "feature_health",
                "feature_routerboard",
                "feature_webfig",
                "feature_update",
                "feature_live_rate",
            ]
        );
        assert_eq!(report.identity, Some(router.identity()));
        assert_eq!(report.model.as_deref(), Some(personality.board()));
        assert_eq!(report.routeros_version.as_deref(), Some(personality.version_text()));
        assert_eq!((router.logins(), router.refused_logins()), (1, 0));
    }
}

#[tokio::test]
async fn what_is_missing_is_named_with_the_policy_that_would_give_it() {
    let router = start(Personality::V7).await;
    router.script(Fault::Deny("/system/health".into()));
    router.script(Fault::Deny("/ip/address".into()));
    router.script(Fault::Absent("/system/routerboard".into()));
    let report = probe(router.login()).await;
    let missing: Vec<_> =
        report.missing.iter().map(|one| (one.feature.as_str(), one.policy.as_deref())).collect();
    assert_eq!(
        missing,
        [("feature_wan", Some("read")), ("feature_health", Some("policy")), ("feature_routerboard", None)]
    );
    assert!(!report.available.iter().any(|feature| feature == "feature_wan"), "half a feature does not work");
}

#[tokio::test]
async fn a_wrong_password_is_said_with_what_to_look_at() {
    let router = start(Personality::V7).await;
    let words = refusal(Login { password: Secret::new("wrong".into()), ..router.login() }).await;
    assert!(words.contains("refused the login") && words.contains("Check the user name"), "{words}");
    assert!(!words.contains("wrong"), "never the password");
}

#[tokio::test]
async fn a_refused_connection_is_said_with_what_to_look_at() {
    let router = start(Personality::V7).await;
    let login = router.login();
    router.script(Fault::Refuse);
    let words = refusal(login).await;
    assert!(words.contains("refused") && words.contains("service"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_router_is_given_up_after_a_while() {
    let router = start(Personality::V7).await;
    router.script(Fault::NeverAnswer);
    let words = refusal(router.login()).await;
    assert!(words.starts_with("Connected, but no answer to the login within"), "{words}");
}

#[tokio::test]
async fn a_service_without_a_certificate_is_said_with_what_to_do() {
    // What api-ssl says to everyone who wants a certificate and gets none: the alert `handshake_failure`.
    const NO_CERTIFICATE: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let login = Login {
        username: "monitor".into(),
        password: Secret::new("look-only".into()),
        port: Some(listener.local_addr().unwrap().port()),
        tls: true,
        pinned: None,
    };
    let router = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 1024];
        assert!(stream.read(&mut hello).await.unwrap() > 0);
        stream.write_all(&NO_CERTIFICATE).await.unwrap();
    };
    let (words, ()) = tokio::join!(refusal(login), router);
    assert!(words.starts_with("TLS failed") && words.contains("certificate"), "{words}");
}

#[tokio::test]
async fn a_changed_certificate_is_shown_beside_the_pinned_one() {
    let options = SimOptions { tls: true, ..SimOptions::default() };
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let router = SimRouter::start_with(Personality::V7, loopback, options).await.unwrap();
    let first = probe(router.login()).await;
    assert_eq!((first.is_connected, first.fingerprint), (true, router.fingerprint()));
    let pinned = Login { pinned: Some("ab".repeat(32)), ..router.login() };
    let report = probe(pinned).await;
    assert!(
        !report.is_connected && report.error.is_some_and(|words| words.contains("The certificate changed"))
    );
    assert_eq!(report.fingerprint, router.fingerprint());
    assert_eq!(router.logins(), 1, "nothing was sent");
}

fn session(router: &SimRouter, tools: &Tools) -> Session {
    Session::new(Endpoint { host: "127.0.0.1".into(), login: router.login() }, tools.runtime())
}

#[tokio::test]
async fn a_watched_rate_comes_at_once_and_ends_with_its_viewer() {
    let router = start(Personality::V7).await;
    let (tools, _workers) = tools();
    let (tx, mut rx) = mpsc::channel(1);
    let watching = watch_rate(session(&router, &tools), "ether1".into(), tools.clock.clone(), tx);
    let look = async {
        let rate = rx.recv().await.unwrap();
        drop(rx);
        rate
    };
    let (ended, rate) = tokio::join!(timeout(Duration::from_secs(5), watching), look);
    assert_eq!(ended, Ok(()), "nobody looks any more");
    assert_eq!(rate.interface, "ether1");
    assert!(rate.rx_bps > 0 && rate.tx_bps > 0);
    assert_eq!(router.commands(), 1);
}

#[tokio::test]
async fn a_rate_that_the_router_refuses_ends_by_itself() {
    let router = start(Personality::V6_49).await;
    let (tools, _workers) = tools();
    let (tx, mut rx) = mpsc::channel(1);
    let watching = watch_rate(session(&router, &tools), "ether99".into(), tools.clock.clone(), tx);
    assert_eq!(timeout(Duration::from_secs(5), watching).await, Ok(()));
    assert_eq!(rx.recv().await, None);
}

#[tokio::test]
async fn a_check_with_a_short_timeout_learns_the_slow_facts_too() {
    let router = start(Personality::V7).await;
    let (tools, _workers) = tools();
    let endpoint = Endpoint { host: "127.0.0.1".to_owned(), login: router.login() };
    let gatherer = Gatherer::new(Session::new(endpoint, tools.runtime()), "127.0.0.1");
    let mut identities = Vec::new();
    for _ in 0..3 {
        let round = gatherer.round(Duration::from_secs(2)).await.unwrap();
        identities.push(round.facts.metrics.identity);
    }
    assert_eq!(
        identities,
        [None, None, Some(router.identity())],
        "two may be a confirmation, the third is not"
    );
}
