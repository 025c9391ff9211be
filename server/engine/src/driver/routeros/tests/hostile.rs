//! Routers that mean harm: each case ends within its deadline, with an error that says what happened, and
//! neither the process nor the next command suffers.

use super::super::sim::Fault;
use super::super::sim::codec::put_word;
use super::super::wire::WireError;
use super::*;
use std::time::Instant;

/// For what is never answered; connecting and logging in beside thirty others come first.
const DEADLINE: Duration = Duration::from_secs(3);

fn sentence(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    words.iter().for_each(|word| put_word(word, &mut bytes));
    bytes.push(0);
    bytes
}

/// What a router says to the second command (whose tag is 2), and a part of what we make of it.
fn replies() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let row = sentence(&[b"!re", b".tag=2", b"=name=x"]);
    let done = sentence(&[b"!done", b".tag=2"]);
    vec![
        ("nothing at all", vec![], "no answer"),
        ("a length of 4 GiB", b"\xf0\xff\xff\xff\xff".to_vec(), "word of 4294967295 bytes"),
        ("a length of 256 MiB", b"\xf0\x10\x00\x00\x00".to_vec(), "word of 268435456 bytes"),
        ("a length just too long", b"\xc1\x00\x01".to_vec(), "word of 65537 bytes"),
        ("a length prefix that is none", b"\xff".to_vec(), "length prefix"),
        ("half a length", b"\xe0\x00".to_vec(), "no answer"),
        ("half a word", b"\x20!re".to_vec(), "no answer"),
        ("half a sentence", row[..row.len() - 1].to_vec(), "no answer"),
        ("a sentence without words", b"\x00".to_vec(), "sentence without words"),
        ("endless words", [b"\x03!re".to_vec(), b"\x04=a=b".repeat(400)].concat(), "more than 256 words"),
        (
            "endless long words",
            {
                let mut bytes = Vec::new();
                (0..40).for_each(|_| put_word(&[b'x'; 60_000], &mut bytes));
                bytes
            },
            "sentence of more than",
        ),
        ("rows without an end", row.repeat(300), "no answer"),
        ("rows for other tags", sentence(&[b"!re", b".tag=99"]).repeat(100), "belong to no command"),
        ("rows without a tag", sentence(&[b"!re", b"=name=x"]).repeat(100), "belong to no command"),
        ("rows for the tag of cancels", sentence(&[b"!re", b".tag=0"]).repeat(100), "belong to no command"),
        ("ends for the tag of cancels", sentence(&[b"!done", b".tag=0"]).repeat(100), "belong to no command"),
        ("a tag that is no number", sentence(&[b"!done", b".tag=\xff\xff"]), "no answer"),
        ("a tag beyond all numbers", sentence(&[b"!done", b".tag=99999999999999999999"]), "no answer"),
        ("the same end twice", done.repeat(2), ""),
        ("an end before the row", [done.clone(), row.clone()].concat(), ""),
        ("only an empty word", sentence(&[b"!empty", b".tag=2"]), "no answer"),
        ("an unknown reply word", [sentence(&[b"!news", b".tag=2"]), done.clone()].concat(), ""),
        (
            "a trap with strange attributes",
            sentence(&[b"!trap", b".tag=2", b"=a=b", b"=category=999"]),
            "a=b",
        ),
        ("a trap without a done", sentence(&[b"!trap", b".tag=2", b"=message=go away"]), "go away"),
        ("a trap after a trap", sentence(&[b"!trap", b".tag=2", b"=message=one"]).repeat(9), "one"),
        ("fatal without a reason", sentence(&[b"!fatal"]), "ended the session"),
        ("fatal with a tag", sentence(&[b"!fatal", b".tag=2", b"no"]), "ended the session: no"),
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "no answer"),
        ("an SSH banner", b"SSH-2.0-ROSSSH\r\n".to_vec(), "no answer"),
        ("bytes from a different protocol", (0..=255).collect(), "word"),
        (
            "attributes without values",
            [sentence(&[b"!re", b".tag=2", b"=", b"==", b"==="]), done].concat(),
            "",
        ),
    ]
}

#[tokio::test]
async fn a_hostile_reply_ends_in_time_with_its_cause_and_the_next_command_works() {
    let cases = replies().into_iter().map(async |(case, bytes, expected)| {
        let router = router(Personality::V7).await;
        let session = session(&router);
        name(&session).await.unwrap();
        router.script(Fault::Say(bytes));
        let begun = Instant::now();
        let outcome = session.ask(identity(), DEADLINE).await;
        assert!(begun.elapsed() < DEADLINE * 4, "{case}");
        match outcome {
            Ok(_) => assert_eq!(expected, "", "{case} is an answer"),
            Err(error) => {
                let error = error.to_string();
                assert!(!expected.is_empty() && error.contains(expected), "{case}: {error}");
            }
        }
        assert_eq!(name(&session).await.unwrap_or_else(|error| panic!("after {case}: {error}")), "sim-0001");
    });
    futures::future::join_all(cases).await;
}

#[tokio::test]
async fn hostility_before_the_login_is_bounded_and_not_a_lost_session() {
    let trap = sentence(&[b"!trap", b"=message=not today"]);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("rows without an end", sentence(&[b"!re", &[b'x'; 1000]]).repeat(200), "before the login"),
        ("a giant word", b"\xf0\x00\x00\xff\xff\xff".repeat(2), "before the login"),
        ("a longer word", b"\xf0\x00\x01\x00\x01".to_vec(), "word of 65537"),
        (
            "two challenges",
            {
                let challenge = sentence(&[b"!done", b"=ret=00112233445566778899aabbccddeeff"]);
                challenge.repeat(2)
            },
            "second challenge",
        ),
        ("a challenge that is none", sentence(&[b"!done", b"=ret=hello"]), "not hexadecimal"),
        ("a trap and its end", [trap.clone(), sentence(&[b"!done"])].concat(), "not today"),
        ("a trap without its end", trap, "connected, but no answer to the login"),
        ("fatal", sentence(&[b"!fatal", b"too many sessions"]), "too many sessions"),
        ("silence", vec![], "connected, but no answer to the login"),
    ];
    let cases = cases.into_iter().map(async |(case, bytes, expected)| {
        let router = router(Personality::V7).await;
        let session = session(&router);
        router.script(Fault::SayAtLogin(bytes));
        let error = session.ask(identity(), DEADLINE).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{case}: {error}");
        assert_eq!(session.losses(), 0, "{case}");
    });
    futures::future::join_all(cases).await;
}

#[tokio::test]
async fn rows_without_an_end_are_stopped_and_the_session_is_given_up_when_the_router_does_not_stop() {
    let router = router(Personality::V7).await;
    let session = session(&router);
    router.script(Fault::EndlessRows { bytes_per_row: 1_000 });
    let error = session.ask(identity(), WITHIN).await.unwrap_err();
    assert_eq!(error, AskError::TooLarge("over 768 KiB held at once"));
    let loss = ended(&session, |ended| ended.is_loss).await;
    assert_eq!(loss.why, Disconnect::Violation(WireError::ReplyTooLong));
    assert_eq!(name(&session).await.unwrap(), "sim-0001");
}
