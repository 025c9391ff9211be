//! A push service and a browser of the tests' own, which check and decrypt by a way of their own.

use super::*;
use crate::driver::resolve::Resolver;
use crate::notify::{
    Names,
    sim::{Asked, Play, Sim, answer},
    tests::{NOW, channel, later_after, message, names, refused, tools, tools_with},
};
use aes_gcm::{Aes128Gcm, KeyInit as _, Nonce, aead::Aead};
use hmac::{Hmac, Mac};
use model::Timestamp;
use p256::{
    SecretKey,
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
};
use serde_json::{Value, json};

/// The receiving side: what a browser keeps.
struct Browser {
    key: SecretKey,
    auth: [u8; 16],
}

fn bytes(text: &str) -> Vec<u8> {
    BASE64.decode(text).unwrap()
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn mac(key: &[u8], data: &[&[u8]]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).unwrap();
    data.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

impl Browser {
    fn new() -> Self {
        Self { key: SecretKey::from_slice(&[7; 32]).unwrap(), auth: *b"0123456789abcdef" }
    }

    fn p256dh(&self) -> String {
        text(seal::point(&self.key.public_key()))
    }

    /// RFC 8291 3.4 and RFC 8188 2, read from the receiver's end, with HKDF written out as RFC 5869 does it for
    /// outputs of one block.
    fn open(&self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        let (size, rest) = rest.split_at(4);
        assert_eq!(u32::from_be_bytes(size.try_into().unwrap()), 4096);
        let (length, rest) = rest.split_at(1);
        assert_eq!(length, [65]);
        let (sender, sealed) = rest.split_at(65);
        assert!(sealed.len() <= 4096, "one record");
        let shared = self.key.diffie_hellman(&PublicKey::from_sec1_bytes(sender).unwrap());
        let ours = seal::point(&self.key.public_key());
        let prk = mac(&self.auth, &[shared.raw_secret_bytes()]);
        let ikm = mac(&prk, &[b"WebPush: info\0", ours.as_bytes(), sender, &[1]]);
        let prk = mac(salt, &[&ikm]);
        let key = &mac(&prk, &[b"Content-Encoding: aes128gcm\0", &[1]])[..16];
        let nonce = &mac(&prk, &[b"Content-Encoding: nonce\0", &[1]])[..12];
        let cipher = Aes128Gcm::new_from_slice(key).unwrap();
        let nonce = Nonce::from(<[u8; 12]>::try_from(nonce).unwrap());
        let mut plain = cipher.decrypt(&nonce, sealed).unwrap();
        while plain.pop_if(|last| *last == 0).is_some() {}
        assert_eq!(plain.pop(), Some(2), "the last record");
        plain
    }
}

/// What RFC 8292 asks a push service to check; answers the claims.
fn claims(asked: &Asked) -> Value {
    let (token, key) = asked
        .header("authorization")
        .and_then(|value| value.strip_prefix("vapid t="))
        .and_then(|value| value.split_once(", k="))
        .unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = VerifyingKey::from_sec1_bytes(&bytes(key)).unwrap();
    key.verify(signed.as_bytes(), &Signature::from_slice(&bytes(signature)).unwrap()).unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let head: Value = serde_json::from_slice(&bytes(head)).unwrap();
    assert_eq!(head, json!({ "typ": "JWT", "alg": "ES256" }));
    serde_json::from_slice(&bytes(claims)).unwrap()
}

fn own_tools() -> Tools {
    tools_with(Names::of(Resolver::default()).allowing(&["127.0.0.0/8".parse().unwrap()]))
}

fn subscribe(endpoint: &str, key: &VapidKey, tools: &Tools) -> Result<Box<dyn Channel>, FieldError> {
    let (browser, vapid) = (Browser::new(), Vapid::new(key, Some("mailto:ops@example.net")));
    let (p256dh, auth) = (browser.p256dh(), text(browser.auth));
    let secrets = [("endpoint", endpoint), ("p256dh", &p256dh), ("auth", &auth)];
    channel(ChannelKind::WebPush, &[], &secrets, &tools.clone().with_vapid(vapid))
}

async fn told(
    plays: impl IntoIterator<Item = Play>,
    messages: &[Message],
) -> (Vec<Delivery>, Vec<Asked>, String) {
    let sim = Sim::start(plays).await;
    let key = VapidKey::generate().unwrap();
    let push = subscribe(&sim.url("/push/secret-path"), &key, &own_tools()).unwrap();
    let mut all = Vec::new();
    for message in messages {
        all.push(push.deliver(message).await);
    }
    (all, sim.asked(), sim.url(""))
}

#[test]
fn the_example_of_rfc_8291_comes_out_to_the_byte() {
    let receiver = Receiver {
        key: PublicKey::from_sec1_bytes(&bytes(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        ))
        .unwrap(),
        auth: bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap(),
    };
    let fresh = Fresh {
        key: SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap(),
        salt: bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap(),
    };
    let plain = b"When I grow up, I want to be a watermelon";
    let body = seal(&receiver, &fresh, plain, plain.len() + 1).unwrap();
    assert_eq!(
        text(&body),
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz\
         AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    );
    let browser = Browser {
        key: SecretKey::from_slice(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap(),
        auth: receiver.auth,
    };
    assert_eq!(browser.open(&body), plain, "the tests' own browser reads it too");
    assert_eq!(seal(&receiver, &fresh, plain, plain.len()), Err(SealError::TooLong));
}

#[tokio::test]
async fn a_browser_reads_what_no_push_service_can() {
    let created = || answer("201 Created", &["location: https://push.example/m/1"], "");
    let long = message("edge-1 is down", &"since 12:00 ".repeat(1000));
    let (told, asked, origin) = told([created(), created()], &[message("роутер", "b"), long]).await;
    assert_eq!(told, [Delivery::Delivered, Delivery::Delivered]);
    let read: Value = serde_json::from_slice(&Browser::new().open(&asked[0].body)).unwrap();
    assert_eq!(
        read,
        json!({ "id": "7", "tag": "incident-7", "title": "роутер", "body": "b", "url": "/alerts", "severity": "critical" })
    );
    assert_eq!(asked[0].body.len(), asked[1].body.len(), "lengths tell nothing");
    assert!(asked[0].body.len() <= 4096);
    assert_ne!(asked[0].body[..16], asked[1].body[..16], "a salt is used once");
    assert_ne!(asked[0].body[21..86], asked[1].body[21..86], "so is a key");
    assert_eq!(asked[0].line, "POST /push/secret-path");
    assert_eq!(asked[0].header("content-encoding"), Some("aes128gcm"));
    assert_eq!((asked[0].header("ttl"), asked[0].header("urgency")), (Some("43200"), Some("high")));
    let claims = claims(&asked[0]);
    assert_eq!(
        claims,
        json!({ "aud": origin, "exp": NOW.0 / 1000 + 12 * 3600, "sub": "mailto:ops@example.net" })
    );
    assert_eq!(asked[0].header("authorization"), asked[1].header("authorization"), "signed once");
}

#[tokio::test]
async fn a_repetition_has_the_topic_of_its_first_try_and_no_other_message_has() {
    let mut other = message("t", "b");
    other.id = "8".into();
    let all = [message("t", "b"), message("t", "b"), other];
    let (_, asked, _) = told(vec![answer("201 Created", &[], ""); 3], &all).await;
    let topics: Vec<_> = asked.iter().map(|asked| asked.header("topic").unwrap()).collect();
    assert_eq!(topics[0], topics[1]);
    assert_ne!(topics[0], topics[2]);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    assert!(topics[0].len() == 32 && topics[0].chars().all(fits), "{topics:?}");
}

#[tokio::test]
async fn a_subscription_that_ended_is_told_apart_from_what_is_refused() {
    for (status, expected) in [
        ("404 Not Found", Delivery::Gone { why: "HTTP 404 Not Found".into() }),
        ("410 Gone", Delivery::Gone { why: "HTTP 410 Gone".into() }),
        ("400 Bad Request", refused("HTTP 400 Bad Request")),
        ("403 Forbidden", refused("HTTP 403 Forbidden")),
        ("413 Payload Too Large", refused("HTTP 413 Payload Too Large")),
        ("429 Too Many Requests", later_after("HTTP 429 Too Many Requests", 9)),
        ("503 Service Unavailable", later_after("HTTP 503 Service Unavailable", 9)),
    ] {
        let (told, ..) = told([answer(status, &["retry-after: 9"], "")], &[message("t", "b")]).await;
        assert_eq!(told, [expected]);
    }
    let echo = answer("400 Bad Request", &[], "cannot POST /push/secret-path");
    let (told, ..) = told([echo], &[message("t", "b")]).await;
    assert_eq!(told, [refused("HTTP 400 Bad Request: cannot POST ***")]);
}

#[tokio::test]
async fn a_browser_cannot_make_us_ask_inside_the_house() {
    let key = VapidKey::generate().unwrap();
    for endpoint in ["http://push.example/1", "https://u:p@push.example/1", "ftp://push.example", "push"] {
        let Err(error) = subscribe(endpoint, &key, &tools()) else { panic!("{endpoint}") };
        assert_eq!(error.field, "secrets.endpoint");
    }
    for (endpoint, answers) in [
        ("https://127.0.0.1:9/", &["127.0.0.1"]),
        ("https://[::1]:9/", &["::1"]),
        ("https://192.168.88.1/", &["192.168.88.1"]),
        ("https://push.example/", &["10.0.0.1"]),
        ("https://push.example/", &["169.254.169.254"]),
    ] {
        let push = subscribe(endpoint, &key, &tools_with(names(&[answers]))).unwrap();
        let why = format!("the address {} is not one to send to", answers[0]);
        assert_eq!(push.deliver(&message("t", "b")).await, refused(&why));
    }
}

#[test]
fn what_is_no_subscription_is_refused_at_its_field() {
    let tools = own_tools();
    let vapid = Arc::new(Vapid::new(&VapidKey::generate().unwrap(), Some("https://monitor.example")));
    let (p256dh, auth) = (Browser::new().p256dh(), text([0; 16]));
    let short = text([4; 65]);
    let padded = format!("{auth}==");
    let check = |p256dh: &str, auth: &str| {
        let subscription = Subscription { endpoint: "https://push.example/1", p256dh, auth };
        WebPush::new(subscription, vapid.clone(), &tools).err().map(|error| error.field)
    };
    assert_eq!(check(&p256dh, &auth), None);
    assert_eq!(check(&p256dh, &padded), None, "some libraries pad");
    for wrong in ["", "BA", "no base64!", short.as_str()] {
        assert_eq!(check(wrong, &auth).as_deref(), Some("secrets.p256dh"), "{wrong}");
    }
    for wrong in ["", "AAAA", "no base64!"] {
        assert_eq!(check(&p256dh, wrong).as_deref(), Some("secrets.auth"), "{wrong}");
    }
}

#[test]
fn a_contact_that_push_services_would_refuse_is_not_given() {
    let given = |contact| {
        let vapid = Vapid::new(&VapidKey::generate().unwrap(), contact);
        let token = vapid.authorization("https://push.example", NOW).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice::<Value>(&bytes(claims)).unwrap()["sub"].clone()
    };
    assert_eq!(given(Some("https://monitor.example")), "https://monitor.example");
    for contact in ["ops@example.net", "mailto:", "https://", "http://monitor.example", ""] {
        assert_eq!(given(Some(contact)), Value::Null, "{contact}");
    }
    assert_eq!(given(None), Value::Null);
}

#[test]
fn a_key_is_kept_as_text_and_its_public_half_is_a_point() {
    let key = VapidKey::generate().unwrap();
    let again = VapidKey::from_text(key.to_text().expose()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!((bytes(&key.public()).len(), bytes(&key.public())[0]), (65, 4));
    assert_ne!(VapidKey::generate().unwrap().public(), key.public());
    for wrong in ["", "AAAA", &text([0; 32]), &text([255; 32]), &text([1; 33])] {
        assert!(VapidKey::from_text(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn a_token_is_used_until_shortly_before_its_end_and_by_one_push_service() {
    let vapid = Vapid::new(&VapidKey::generate().unwrap(), Some("mailto:ops@example.net"));
    let after = |hours: f64| {
        let at = Timestamp(NOW.0 + (hours * 3_600_000.0) as i64);
        vapid.authorization("https://push.example", at).unwrap()
    };
    let first = after(0.0);
    assert_eq!(after(11.4), first);
    assert_ne!(vapid.authorization("https://other.example", NOW).unwrap(), first);
    let second = after(11.6);
    assert_ne!(second, first);
    assert_ne!(after(0.0), second, "a clock that was set back must not leave a token that is valid too long");
}
