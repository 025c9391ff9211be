//! What far ends and the way to them can do to a request, shown with a webhook, which adds least to it.

use crate::notify::{
    Channel, Delivery, Names, Tools,
    sim::{Play, Sim, answer, tls},
    tests::{
        channel, deliver_to_silence, later, later_after, message, names, refused, tools, tools_that_trust,
        tools_with,
    },
};
use model::ChannelKind;
use std::time::Duration;
use tokio::net::TcpListener;

fn webhook(url: &str, tools: &Tools) -> Box<dyn Channel> {
    channel(ChannelKind::Webhook, &[("url", url)], &[], tools).unwrap()
}

/// How the delivery to a server that plays this goes.
async fn told(play: Play) -> Delivery {
    let sim = Sim::start([play]).await;
    webhook(&sim.url("/hook"), &tools()).deliver(&message("t", "b")).await
}

/// With a name service of the test's own.
async fn told_by(names: Names, url: &str) -> Delivery {
    webhook(url, &tools_with(names)).deliver(&message("t", "b")).await
}

#[tokio::test]
async fn only_success_counts_as_delivered() {
    for status in ["200 OK", "201 Created", "202 Accepted", "204 No Content"] {
        assert_eq!(told(answer(status, &[], "")).await, Delivery::Delivered, "{status}");
    }
    for status in ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"] {
        assert_eq!(told(answer(status, &[], "")).await, refused(&format!("HTTP {status}")));
    }
    for status in ["408 Request Timeout", "500 Internal Server Error", "503 Service Unavailable"] {
        assert_eq!(told(answer(status, &[], "")).await, later(&format!("HTTP {status}")));
    }
}

#[tokio::test]
async fn what_is_said_beside_a_refusal_is_told_without_the_address_and_cut() {
    let said = format!("no such\nhook: /hook {}", "x".repeat(5000));
    let Delivery::Refused { why } = told(answer("404 Not Found", &[], &said)).await else { panic!() };
    assert!(why.starts_with("HTTP 404 Not Found: no such hook: *** xxx"), "{why}");
    assert!(why.chars().count() < 200 && why.ends_with('…'), "{why}");
}

#[tokio::test]
async fn not_even_half_of_the_address_is_repeated_where_an_excerpt_ends() {
    let path = "/hook/0123456789abcdef0123456789abcdef";
    for length in (100..170).chain(980..1024) {
        let said = format!("{}{path}{path}{path}", "-".repeat(length));
        let sim = Sim::start([answer("403 Forbidden", &[], &said)]).await;
        let hook = webhook(&sim.url(path), &tools());
        let Delivery::Refused { why } = hook.deliver(&message("t", "b")).await else { panic!() };
        assert!(!why.contains("/ho"), "{length}: {why}");
    }
    let said = format!("{}/hook", path.repeat(27));
    let sim = Sim::start([answer("403 Forbidden", &[], &said)]).await;
    let told = webhook(&sim.url(path), &tools()).deliver(&message("t", "b")).await;
    assert_eq!(told, refused(&format!("HTTP 403 Forbidden: {}", "***".repeat(26))));
}

#[tokio::test]
async fn whoever_asks_for_time_gets_it_up_to_an_hour() {
    let ask = async |after: &str| {
        told(answer("429 Too Many Requests", &[&format!("retry-after: {after}")], "")).await
    };
    let why = "HTTP 429 Too Many Requests";
    assert_eq!(ask("17").await, later_after(why, 17));
    assert_eq!(ask("999999999999").await, later_after(why, 3600));
    assert_eq!(ask("Tue, 14 Nov 2023 22:00:00 GMT").await, later_after(why, 0));
    assert_eq!(ask("Sat, 14 Nov 2099 22:13:50 GMT").await, later_after(why, 3600));
    for odd in ["-5", "soon", "1e3", ""] {
        assert_eq!(ask(odd).await, later(why), "{odd}");
    }
    assert_eq!(ask("Tue, 14 Nov 2023 22:13:50 GMT").await, later_after(why, 30));
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed() {
    let elsewhere = Sim::start([answer("200 OK", &[], "")]).await;
    let to = elsewhere.url("/path?token=1");
    let told = told(answer("307 Temporary Redirect", &[&format!("location: {to}")], "")).await;
    let to = elsewhere.url("");
    assert_eq!(told, refused(&format!("HTTP 307 Temporary Redirect to {to}: redirects are not followed")));
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn whoever_is_not_there_may_be_there_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let told_of = webhook(&url, &tools()).deliver(&message("t", "b")).await;
    assert_eq!(told_of, later("connection refused"));
    let reset = told(Play::Reset).await;
    assert!(matches!(reset, Delivery::Later { .. }), "{reset:?}");
    assert_eq!(
        told(Play::Say(String::new())).await,
        later("the connection broke off: connection closed before message completed")
    );
    let broken = told(Play::Say("HTTP/1.1 200 OK\r\nserver: x".into())).await;
    assert!(matches!(broken, Delivery::Later { .. }), "{broken:?}");
    let odd = told(Play::Say("SSH-2.0-OpenSSH_9.2\r\n".into())).await;
    assert!(matches!(odd, Delivery::Later { .. }), "{odd:?}");
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    for play in [
        Play::Hang(String::new()),
        Play::Hang("HTTP/1.1 200 OK\r\n".into()),
        Play::Drip("HTTP/1.1 200 OK\r\nx: ".into()),
    ] {
        let sim = Sim::start([play]).await;
        let (told, took) = deliver_to_silence(&*webhook(&sim.url("/"), &tools()), &sim).await;
        assert_eq!(told, later("no answer within 10 s"));
        assert!(took < Duration::from_secs(11), "{took:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn what_follows_the_head_of_an_answer_neither_delays_nor_fills_us() {
    let head = |status: &str| format!("HTTP/1.1 {status}\r\ncontent-length: 99999999999\r\n\r\n");
    assert_eq!(told(Play::Flood(head("200 OK"))).await, Delivery::Delivered);
    assert_eq!(told(Play::Drip(head("200 OK"))).await, Delivery::Delivered);
    let Delivery::Refused { why } = told(Play::Flood(head("403 Forbidden"))).await else { panic!() };
    assert!(why.len() < 200, "{why}");
    let sim = Sim::start([Play::Drip(head("403 Forbidden"))]).await;
    let (told, took) = deliver_to_silence(&*webhook(&sim.url("/"), &tools()), &sim).await;
    assert_eq!(told, refused("HTTP 403 Forbidden"));
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn endless_headers_are_no_answer() {
    let told = told(Play::Flood("HTTP/1.1 200 OK\r\nx: ".into())).await;
    assert!(matches!(told, Delivery::Later { .. }), "{told:?}");
    let many = "x: y\r\n".repeat(5000);
    let told = self::told(Play::Say(format!("HTTP/1.1 200 OK\r\n{many}\r\n"))).await;
    assert!(matches!(told, Delivery::Later { .. }), "{told:?}");
}

#[tokio::test]
async fn addresses_that_nobody_should_be_at_are_refused_however_they_are_written() {
    for host in [
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "0.0.0.0",
        "0",
        "[::]",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        let told = webhook(&format!("http://{host}:9/"), &tools()).deliver(&message("t", "b")).await;
        let Delivery::Refused { why } = told else { panic!("{host}") };
        assert!(why.ends_with("is not one to send to"), "{host}: {why}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_leads_nowhere_new() {
    let sim = Sim::start([answer("200 OK", &[], ""), answer("200 OK", &[], "")]).await;
    let url = format!("http://rebound.example:{}/", sim.at.port());
    let hook = webhook(&url, &tools_with(names(&[&["127.0.0.1"], &["169.254.169.254"]])));
    assert_eq!(hook.deliver(&message("t", "b")).await, Delivery::Delivered);
    assert_eq!(
        hook.deliver(&message("t", "b")).await,
        refused("the address 169.254.169.254 is not one to send to")
    );
    let both = names(&[&["169.254.169.254", "127.0.0.1"]]);
    assert_eq!(told_by(both, &url).await, Delivery::Delivered);
    assert_eq!(sim.asked().len(), 2);
    assert_eq!(sim.asked()[0].header("host"), Some(format!("rebound.example:{}", sim.at.port()).as_str()));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_spoken_to() {
    let (acceptor, root) = tls();
    let sim = Sim::start_tls([answer("200 OK", &[], ""), answer("200 OK", &[], "")], acceptor).await;
    let url = format!("https://localhost:{}/", sim.at.port());
    let Delivery::Later { why, .. } = webhook(&url, &tools()).deliver(&message("t", "b")).await else {
        panic!()
    };
    assert!(why.starts_with("TLS failed: invalid peer certificate"), "{why}");
    assert!(sim.asked().is_empty());
    let trusting = webhook(&url, &tools_that_trust(root));
    assert_eq!(trusting.deliver(&message("t", "b")).await, Delivery::Delivered);
}
