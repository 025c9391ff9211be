//! What a receiver gets, and how it can tell that it is from us.

use super::*;
use crate::notify::{
    sim::{Asked, Sim, answer},
    tests::{channel, message, tools},
};
use sha2::Digest;

async fn asked(message: &Message, secrets: &[(&str, &str)]) -> Asked {
    let sim = Sim::start([answer("204 No Content", &[], "")]).await;
    let url = sim.url("/hook?key=1");
    let hook = channel(ChannelKind::Webhook, &[("url", &url)], secrets, &tools()).unwrap();
    assert_eq!(hook.deliver(message).await, Delivery::Delivered);
    sim.asked().remove(0)
}

/// HMAC as RFC 2104 spells it, for a secret of at most one block.
fn hmac(secret: &[u8], text: &[u8]) -> String {
    let pad = |with: u8| {
        let mut block = [with; 64];
        secret.iter().zip(&mut block).for_each(|(byte, place)| *place ^= byte);
        block
    };
    let inner = Sha256::digest([&pad(0x36), text].concat());
    let outer = Sha256::digest([pad(0x5c).as_slice(), &inner].concat());
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_message_is_told_as_json_with_what_programs_read_beside_it() {
    let mut message = message("edge-1 is down", "no answer\nsince 12:00");
    message.url = Some("https://monitor.example/devices/1".into());
    message.data = json!({ "device": { "id": 1 }, "id": "theirs" });
    let asked = asked(&message, &[]).await;
    assert_eq!(asked.line, "POST /hook?key=1");
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("x-routewarden-id"), Some("7"));
    assert_eq!(asked.header("x-routewarden-timestamp"), Some("1700000000"));
    assert_eq!(asked.header("x-routewarden-signature"), None);
    assert_eq!(
        asked.json(),
        json!({ "id": "7", "title": "edge-1 is down", "body": "no answer\nsince 12:00",
            "url": "https://monitor.example/devices/1", "severity": "critical",
            "at": "2023-11-14T22:13:20.123Z", "device": { "id": 1 } })
    );
}

#[tokio::test]
async fn a_receiver_with_the_secret_computes_the_same_signature() {
    let secret = "correct horse";
    let asked = asked(&message("t", "роутер"), &[("secret", secret)]).await;
    let signed = [asked.header("x-routewarden-timestamp").unwrap().as_bytes(), b".", &asked.body].concat();
    let expected = format!("sha256={}", hmac(secret.as_bytes(), &signed));
    assert_eq!(asked.header("x-routewarden-signature"), Some(expected.as_str()));
}

#[test]
fn hmac_is_the_one_of_rfc_4231() {
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(hmac(b"Jefe", b"what do ya want for nothing?"), expected);
}

#[test]
fn what_is_no_object_lies_under_a_name_of_its_own() {
    let mut message = message("t", "b");
    message.data = json!([1, 2]);
    let read: Value = serde_json::from_slice(&body(&message)).unwrap();
    assert_eq!((&read["data"], &read["url"]), (&json!([1, 2]), &Value::Null));
}

#[tokio::test]
async fn a_number_that_would_break_a_header_is_refused() {
    let mut message = message("t", "b");
    message.id = "1\r\nx: y".into();
    let hook = channel(ChannelKind::Webhook, &[("url", "http://127.0.0.1:9/")], &[], &tools()).unwrap();
    assert!(matches!(hook.deliver(&message).await, Delivery::Refused { .. }));
}
