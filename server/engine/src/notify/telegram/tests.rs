//! Deliveries to a Bot API server that answers as it is told.

use super::*;
use crate::{
    Secret,
    notify::{
        sim::{Asked, Play, Sim, answer},
        tests::{channel, deliver_to_silence, later, later_after, message, refused, tools},
    },
};
use serde_json::json;
use std::time::Duration;

const TOKEN_TEXT: &str = "123456:AAE-secret_half";
const OK: &str = r#"{"ok":true,"result":{"message_id":5}}"#;

fn telegram(sim: &Sim, settings: &[(&str, &str)]) -> Box<dyn Channel> {
    let api = sim.url("/");
    let settings = [&[("api_url", api.as_str())], settings].concat();
    channel(ChannelKind::Telegram, &settings, &[("token", TOKEN_TEXT)], &tools()).unwrap()
}

async fn told(plays: impl IntoIterator<Item = Play>) -> (Delivery, Vec<Asked>) {
    let sim = Sim::start(plays).await;
    let delivery = telegram(&sim, &[("chat_id", "-1001")]).deliver(&message("edge <1>", "is down")).await;
    (delivery, sim.asked())
}

fn bot(sim: &Sim) -> Bot {
    let api = server(&sim.url("/prefix/")).unwrap();
    Bot::new(api, Secret::new(TOKEN_TEXT.into()), &tools()).unwrap()
}

#[tokio::test]
async fn a_message_goes_to_its_chat_as_html_without_a_preview() {
    let (delivery, asked) = told([answer("200 OK", &[], OK)]).await;
    assert_eq!(delivery, Delivery::Delivered);
    assert_eq!(asked[0].line, format!("POST /bot{TOKEN_TEXT}/sendMessage"));
    assert_eq!(asked[0].header("content-type"), Some("application/json"));
    assert_eq!(
        asked[0].json(),
        json!({ "chat_id": -1001, "text": "<b>edge &lt;1&gt;</b>\nis down", "parse_mode": "HTML",
            "disable_notification": false, "link_preview_options": { "is_disabled": true } })
    );
}

#[tokio::test]
async fn a_name_a_thread_and_silence_are_passed_on() {
    let sim = Sim::start([answer("200 OK", &[], r#"{"ok":true}"#)]).await;
    let settings = [("chat_id", "@ops_room"), ("thread_id", "42"), ("silent", "true")];
    assert_eq!(telegram(&sim, &settings).deliver(&message("t", "")).await, Delivery::Delivered);
    let asked = sim.asked()[0].json();
    assert_eq!((&asked["chat_id"], &asked["message_thread_id"]), (&json!("@ops_room"), &json!(42)));
    assert_eq!(asked["disable_notification"], json!(true));
}

#[tokio::test]
async fn what_cannot_mend_itself_is_refused_with_telegrams_own_words() {
    for (code, said, why) in [
        (400, "Bad Request: chat not found", "Telegram answered 400: Bad Request: chat not found"),
        (403, "Forbidden: bot was blocked", "Telegram answered 403: Forbidden: bot was blocked"),
        (401, "Unauthorized", "the bot's token is not accepted; Telegram answered 401: Unauthorized"),
        (404, "Not Found", "the bot's token is not accepted; Telegram answered 404: Not Found"),
    ] {
        let body = json!({ "ok": false, "error_code": code, "description": said }).to_string();
        let (delivery, _) = told([answer(&format!("{code} Whatever"), &[], &body)]).await;
        assert_eq!(delivery, refused(why));
    }
    let (delivery, _) = told([answer("404 Not Found", &[], "<html>nothing here</html>")]).await;
    assert_eq!(delivery, refused("HTTP 404 Not Found from no Bot API"));
}

#[tokio::test]
async fn a_flood_is_waited_out_for_as_long_as_telegram_says() {
    let body = |after: &str| {
        format!(r#"{{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{after}}}"#)
    };
    let why = "Telegram answered 429: Too Many Requests";
    let busy = "429 Too Many Requests";
    let (delivery, _) = told([answer(busy, &["retry-after: 3"], &body(r#"{"retry_after":17}"#))]).await;
    assert_eq!(delivery, later_after(why, 17));
    let (delivery, _) = told([answer(busy, &["retry-after: 3"], &body("{}"))]).await;
    assert_eq!(delivery, later_after(why, 3));
    let (delivery, _) = told([answer(busy, &[], &body(r#"{"retry_after":99999999}"#))]).await;
    assert_eq!(delivery, later_after(why, 3600));
    let (delivery, _) = told([answer(busy, &[], "slow down")]).await;
    assert_eq!(delivery, later("HTTP 429 Too Many Requests without an answer of a Bot API"));
}

#[tokio::test]
async fn what_is_no_answer_of_telegrams_is_tried_again() {
    for (status, body) in [
        ("200 OK", "<html>log in to the hotel's network</html>"),
        ("200 OK", r#"{"ok":tru"#),
        ("200 OK", ""),
        ("200 OK", "null"),
        ("502 Bad Gateway", "<html>"),
        ("500 Internal Server Error", OK),
        ("500 Internal Server Error", r#"{"ok":false,"error_code":500,"description":"oh"}"#),
    ] {
        let (delivery, _) = told([answer(status, &[], body)]).await;
        assert!(matches!(delivery, Delivery::Later { after: None, .. }), "{status} {body}: {delivery:?}");
    }
    let giant = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{\"ok\":true,\"result\":\"";
    let (delivery, _) = told([Play::Flood(giant.into())]).await;
    assert_eq!(delivery, later("the answer is longer than 65536 bytes"));
    let (delivery, _) =
        told([Play::Say("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"ok\":true".into())]).await;
    assert!(matches!(delivery, Delivery::Later { .. }), "{delivery:?}");
}

#[tokio::test]
async fn an_answer_that_drips_ends_at_the_deadline() {
    let drip = "HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n{\"ok\":true,\"result\":\"";
    let sim = Sim::start([Play::Drip(drip.into())]).await;
    let (told, took) = deliver_to_silence(&*telegram(&sim, &[("chat_id", "1")]), &sim).await;
    assert_eq!(told, later("no answer within 10 s"));
    assert!(took < Duration::from_secs(11), "{took:?}");
}

#[tokio::test]
async fn a_group_that_moved_is_followed_once() {
    let moved = |to: i64| {
        let body = json!({ "ok": false, "error_code": 400, "description": "Bad Request: group upgraded",
            "parameters": { "migrate_to_chat_id": to } });
        answer("400 Bad Request", &[], &body.to_string())
    };
    let (delivery, asked) = told([moved(-100_777), answer("200 OK", &[], OK)]).await;
    assert_eq!(delivery, Delivery::Delivered);
    assert_eq!(
        (asked[0].json()["chat_id"].clone(), asked[1].json()["chat_id"].clone()),
        (json!(-1001), json!(-100_777))
    );
    let (delivery, asked) = told([moved(-1), moved(-2), moved(-3)]).await;
    assert_eq!((delivery, asked.len()), (refused("Telegram sends us from one chat to the next"), 2));
}

#[tokio::test]
async fn the_token_is_never_repeated() {
    let half = "AAE-secret_half";
    for said in [format!("bad path /bot{TOKEN_TEXT}/x"), format!("bad path /bot123456%3A{half}/x\n\u{1b}[2J")]
    {
        let body = json!({ "ok": false, "error_code": 400, "description": said }).to_string();
        let (delivery, _) = told([answer("400 Bad Request", &[], &body)]).await;
        let Delivery::Refused { why } = delivery else { panic!() };
        assert!(why.contains("***") && !why.contains(half) && !why.chars().any(char::is_control), "{why}");
    }
    for play in [Play::Reset, Play::Say(String::new()), Play::Say("HTTP/1.1 302 Found\r\n\r\n".into())] {
        let (delivery, _) = told([play]).await;
        assert!(!format!("{delivery:?}").contains(half), "{delivery:?}");
    }
}

#[tokio::test]
async fn a_bot_knows_its_name() {
    let me = r#"{"ok":true,"result":{"id":123456,"is_bot":true,"first_name":"R","username":"r_bot"}}"#;
    let no = r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#;
    let sim = Sim::start([answer("200 OK", &[], me), answer("401 Unauthorized", &[], no)]).await;
    assert_eq!(bot(&sim).me().await, Ok(Me { id: 123_456, username: Some("r_bot".into()) }));
    assert_eq!(sim.asked()[0].line, format!("POST /prefix/bot{TOKEN_TEXT}/getMe"));
    let why = "the bot's token is not accepted; Telegram answered 401: Unauthorized";
    assert_eq!(bot(&sim).me().await, Err(Trouble::refused(why)));
}

#[tokio::test]
async fn updates_are_fetched_from_a_number_on_and_waited_for() {
    let body =
        r#"{"ok":true,"result":[{"update_id":8,"message":{"chat":{"id":1},"from":{"id":2},"text":"hi"}}]}"#;
    let conflict = r#"{"ok":false,"error_code":409,"description":"Conflict: other getUpdates"}"#;
    let sim = Sim::start([
        answer("200 OK", &[], body),
        answer("409 Conflict", &[], conflict),
        Play::Hang(String::new()),
    ])
    .await;
    let bot = bot(&sim);
    let incoming = Incoming {
        place: Place { chat: 1, is_private: false, thread: None },
        sender: Some(Sender { id: 2, is_bot: false, name: String::new() }),
        sent_at: None,
        text: "hi".into(),
    };
    let wait = Duration::from_secs(25);
    assert_eq!(bot.updates(8, wait).await, Ok(vec![Update { id: 8, event: Some(Event::Said(incoming)) }]));
    assert_eq!(
        sim.asked()[0].json(),
        json!({ "offset": 8, "limit": 10, "timeout": 25, "allowed_updates": ["message", "callback_query"] })
    );
    sim.heard().await;
    let Err(Trouble::Later { why, .. }) = bot.updates(9, wait).await else { panic!() };
    assert!(why.contains("a bot of its own"), "{why}");
    sim.heard().await;
    let pausing = async {
        sim.heard().await;
        tokio::time::pause();
    };
    let (late, ()) = tokio::join!(bot.updates(9, wait), pausing);
    assert_eq!(late, Err(Trouble::later("no answer within 35 s")));
}

#[tokio::test]
async fn an_answer_is_said_where_it_was_asked_for_with_its_buttons() {
    let sim =
        Sim::start([answer("200 OK", &[], OK), answer("200 OK", &[], r#"{"ok":true,"result":true}"#)]).await;
    let place = Place { chat: -5, is_private: false, thread: Some(7) };
    let buttons = [Pressable { text: "Acknowledge".into(), data: "ack 5".into() }];
    let said = Answer { title: "<1>", body: "a & b", buttons: &buttons };
    assert_eq!(bot(&sim).say(&place, &said).await, Ok(()));
    assert_eq!(
        sim.asked()[0].json(),
        json!({ "chat_id": -5, "message_thread_id": 7, "text": "<b>&lt;1&gt;</b>\na &amp; b", "parse_mode": "HTML",
            "disable_notification": false, "link_preview_options": { "is_disabled": true },
            "reply_markup": { "inline_keyboard": [[{ "text": "Acknowledge", "callback_data": "ack 5" }]] } })
    );
    assert_eq!(bot(&sim).answer_press("77", "done").await, Ok(()));
    assert_eq!(sim.asked()[1].json(), json!({ "callback_query_id": "77", "text": "done" }));
    assert_eq!(bot(&sim).name(), format!("123456@{}", sim.at));
}

/// Somebody else's Bot API server, when the environment names one in `ROUTEWARDEN_BOT_API`.
#[tokio::test]
async fn a_bot_api_server_of_others_takes_a_message() {
    let Ok(api) = std::env::var("ROUTEWARDEN_BOT_API") else {
        println!("skipped: ROUTEWARDEN_BOT_API does not name a Bot API server");
        return;
    };
    let bot = Bot::new(server(&api).unwrap(), Secret::new("1:sample".into()), &tools()).unwrap();
    bot.me().await.unwrap();
    let settings = [("api_url", api.as_str()), ("chat_id", "1")];
    let telegram = channel(ChannelKind::Telegram, &settings, &[("token", "1:sample")], &tools()).unwrap();
    assert_eq!(telegram.deliver(&message("edge <1>", "is down")).await, Delivery::Delivered);
    bot.updates(0, Duration::ZERO).await.unwrap();
}
