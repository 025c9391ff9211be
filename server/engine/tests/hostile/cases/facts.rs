//! Routers that keep to the protocol and tell nonsense: they are up, and nothing absurd is taken over.

use super::super::words::{done, row};
use super::{Case, act};
use engine::Facts;

/// Nothing that would change how a page or a terminal reads what stands beside it.
fn is_plain(text: &str) -> bool {
    text.chars().count() <= 256 && !text.chars().any(|c| c.is_control() || model::is_bidi_control(c))
}

fn has_plain_identity(facts: &Facts) -> bool {
    facts.metrics.identity.as_deref().is_some_and(is_plain)
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
            "counters and an uptime that jump from end to end",
            act!(|v| {
                v.let_in().await;
                let mut is_late = false;
                while let Some(words) = v.hear().await {
                    let Some(tag) = words.iter().find(|word| word.starts_with(b".tag=")) else { continue };
                    is_late = !is_late;
                    let row = match is_late {
                        true => row(
                            tag,
                            &[b"=name=e", b"=uptime=30500w", b"=rx-byte=18446744073709551615", b"=tx-byte=0"],
                        ),
                        false => row(
                            tag,
                            &[b"=name=e", b"=uptime=0s", b"=rx-byte=0", b"=tx-byte=18446744073709551615"],
                        ),
                    };
                    if !v.say(&[row, done(tag)].concat()).await {
                        return;
                    }
                }
            }),
            |facts| facts.interfaces.len() == 1,
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
            |facts| facts.interfaces.len() <= 1_024,
        ),
    ]
}
