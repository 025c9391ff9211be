//! Routers that keep to the protocol and tell nonsense: they are up, and nothing absurd is taken over.

use super::super::{
    villain::Visit,
    words::{done, row},
};
use super::{Case, act};
use engine::Facts;
use std::collections::HashMap;

/// As many weeks as an uptime may have.
const UPTIME_MAX_W: u64 = 30_500;

/// Nothing that would change how a page or a terminal reads what stands beside it.
fn is_plain(text: &str) -> bool {
    text.chars().count() <= 256 && !text.chars().any(|c| c.is_control() || model::is_bidi_control(c))
}

fn has_plain_identity(facts: &Facts) -> bool {
    facts.metrics.identity.as_deref().is_some_and(is_plain)
}

/// Receiving and sending, as the interface shows it; nothing when there is none of this name.
fn rates_of(facts: &Facts, name: &str) -> Option<(Option<u64>, Option<u64>)> {
    let port = facts.interfaces.iter().find(|port| port.name == name)?;
    Some((port.rx_bps, port.tx_bps))
}

/// An interface that counted so many bytes each way, on a router that runs for so many weeks.
fn port(name: &str, bytes: u64, uptime_w: u64) -> [String; 4] {
    [
        format!("=name={name}"),
        format!("=rx-byte={bytes}"),
        format!("=tx-byte={bytes}"),
        format!("=uptime={uptime_w}w"),
    ]
}

/// Answers every command with rows made of how often this one was heard before.
async fn answer_by_turn(visit: &mut Visit, told: fn(u64) -> Vec<[String; 4]>) {
    let mut turns = HashMap::new();
    while let Some(words) = visit.hear().await {
        let Some(tag) = words.iter().find(|word| word.starts_with(b".tag=")) else { continue };
        let turn: &mut u64 = turns.entry(words[0].clone()).or_default();
        let rows =
            told(*turn).into_iter().flat_map(|words| row(tag, &words.each_ref().map(|w| w.as_bytes())));
        let answer: Vec<u8> = rows.chain(done(tag)).collect();
        *turn += 1;
        if !visit.say(&answer).await {
            return;
        }
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::nonsense(
            "an identity of 64 KiB with control and bidi characters",
            act!(|v| {
                v.let_in().await;
                let identity = [&b"=name="[..], &b"a\x1b[2J\xe2\x80\xaeb\x00\r\n".repeat(4_000)].concat();
                v.answer_all(&[&identity]).await;
            }),
            has_plain_identity,
        ),
        Case::nonsense(
            "bytes that are no text, everywhere",
            act!(|v| {
                v.let_in().await;
                v.answer_all(&[
                    b"=name=\xff\xfe\x80",
                    b"=\xc3\x28=\xf0\x9f",
                    b"=board-name=\xed\xa0\x80",
                    b"=version=\x9b31m7",
                    b"=uptime=\xff",
                    b"=cpu-load=\xe9",
                ])
                .await;
            }),
            |facts| {
                let metrics = &facts.metrics;
                let texts = [&metrics.identity, &metrics.model, &metrics.routeros_version];
                texts.iter().all(|text| text.as_deref().is_none_or(is_plain))
                    && (metrics.uptime_s, metrics.cpu_percent) == (None, None)
            },
        ),
        Case::nonsense(
            "the same keys again and again",
            act!(|v| {
                v.let_in().await;
                let keys: Vec<&[u8]> = [&b"=cpu-load=7"[..], b"=name=first"]
                    .into_iter()
                    .chain([&b"=cpu-load=99"[..], b"=name=last"].into_iter().cycle().take(200))
                    .collect();
                v.answer_all(&keys).await;
            }),
            |facts| {
                (facts.metrics.cpu_percent, facts.metrics.identity.as_deref()) == (Some(7.0), Some("first"))
            },
        ),
        Case::nonsense(
            "absurd numbers",
            act!(|v| {
                v.let_in().await;
                v.answer_all(&[
                    b"=name=ether1",
                    b"=uptime=-1w2d",
                    b"=cpu-load=NaN",
                    b"=cpu-count=99999999999999999999",
                    b"=free-memory=18446744073709551616",
                    b"=total-memory=1",
                    b"=total-hdd-space=inf",
                    b"=rx-byte=18446744073709551615",
                    b"=tx-byte=-1",
                    b"=mtu=1e9",
                    b"=value=1e999",
                    b"=type=C",
                ])
                .await;
            }),
            |facts| {
                let metrics = &facts.metrics;
                let numbers = [metrics.cpu_percent, metrics.memory_percent, metrics.disk_percent];
                metrics.uptime_s.is_none()
                    && metrics.cpu_count.is_none()
                    && numbers.iter().flatten().all(|number| (0.0..=100.0).contains(number))
                    && metrics.temperature_celsius.is_none_or(f32::is_finite)
            },
        ),
        Case::nonsense(
            "counters that jump from end to end, up and down",
            act!(|v| {
                v.let_in().await;
                answer_by_turn(&mut v, |turn| {
                    let [here, there] = if turn % 2 == 0 { [0, u64::MAX] } else { [u64::MAX, 0] };
                    let ports = [("even", here), ("odd", there), ("calm", 1_000 * turn)];
                    Vec::from(ports.map(|(name, bytes)| port(name, bytes, UPTIME_MAX_W)))
                })
                .await;
            }),
            // In every round one of them went up by more than any rate can say, and the other went back.
            |facts| {
                let is_plausible = |rate| matches!(rate, Some(1..=8_000));
                !facts.has_rebooted
                    && rates_of(facts, "even") == Some((None, None))
                    && rates_of(facts, "odd") == Some((None, None))
                    && rates_of(facts, "calm").is_some_and(|(rx, tx)| is_plausible(rx) && is_plausible(tx))
            },
        ),
        Case::nonsense(
            "an uptime that goes back every time, while counters go on",
            act!(|v| {
                v.let_in().await;
                answer_by_turn(&mut v, |turn| {
                    let uptime_w = UPTIME_MAX_W.saturating_sub(500 * turn);
                    vec![port("calm", 1_000 * turn, uptime_w)]
                })
                .await;
            }),
            // Whatever was counted before a reboot is no measure of what was counted since.
            |facts| facts.has_rebooted && rates_of(facts, "calm") == Some((None, None)),
        ),
        Case::nonsense(
            "2,000 interfaces with long names and comments",
            act!(|v| {
                v.let_in().await;
                while let Some(words) = v.hear().await {
                    let Some(tag) = words.iter().find(|word| word.starts_with(b".tag=")) else { continue };
                    let comment = [b"=comment=", &[b'c'; 150][..]].concat();
                    for number in 0..2_000 {
                        v.say(&row(tag, &[format!("=name={number:0>120}").as_bytes(), &comment])).await;
                    }
                    if !v.say(&done(tag)).await {
                        return;
                    }
                }
            }),
            // With so much to say of each, fewer are kept than there may be.
            |facts| (500..1_024).contains(&facts.interfaces.len()),
        ),
    ]
}
