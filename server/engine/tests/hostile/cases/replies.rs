//! Answers that do not end, belong to nobody, or are too much.

use super::super::words::{done, row, sentence, word};
use super::{Case, act};
use std::time::Duration;
use tokio::time::sleep;

/// Lets in, and answers the first command as told, its tag at hand.
macro_rules! answers {
    ($name:literal, |$visit:ident, $tag:ident| $body:block, $told:literal) => {
        Case::plain(
            $name,
            act!(|$visit| {
                $visit.let_in().await;
                let $tag = $visit.tag().await;
                let _ = &$tag;
                $body
            }),
            $told,
        )
    };
}

pub fn cases() -> Vec<Case> {
    [without_an_end(), of_nobody(), too_much()].into_iter().flatten().collect()
}

fn without_an_end() -> Vec<Case> {
    vec![
        answers!(
            "half a sentence, then silence",
            |v, tag| {
                let row = row(&tag, &[b"=uptime=1h"]);
                v.say(&row[..row.len() - 4]).await;
                v.silence().await;
            },
            "no answer to the command"
        ),
        answers!(
            "closes in the middle of an answer",
            |v, tag| {
                v.say(&row(&tag, &[b"=uptime=1h"])[..9]).await;
            },
            "closed the connection"
        ),
        answers!(
            "one byte per tenth of a second",
            |v, tag| {
                for byte in row(&tag, &[b"=uptime=1h"]).into_iter().cycle() {
                    sleep(Duration::from_millis(100)).await;
                    if !v.say(&[byte]).await {
                        return;
                    }
                }
            },
            "no answer to the command"
        ),
        answers!(
            "a row per tenth of a second, without end",
            |v, tag| {
                while v.say(&row(&tag, &[b"=uptime=1h"])).await {
                    sleep(Duration::from_millis(100)).await;
                }
            },
            "no answer to the command"
        ),
        answers!("words without end", |v, tag| { v.storm(&word(b"=a=b")).await }, "more than 256 words"),
        answers!(
            "long words without end",
            |v, tag| { v.storm(&word(&[b'x'; 65_000])).await },
            "a sentence of more than"
        ),
        answers!(
            "long words to the last byte allowed, then silence",
            |v, tag| {
                v.say(&word(&[b'x'; 65_000]).repeat(4)).await;
                v.silence().await;
            },
            "no answer to the command"
        ),
    ]
}

fn of_nobody() -> Vec<Case> {
    vec![
        answers!("wrong tags", |v, tag| { v.storm(&row(b".tag=99", &[b"=a=b"])).await }, "no command"),
        answers!("no tags", |v, tag| { v.storm(&sentence(["!re", "=a=b"])).await }, "no command"),
        answers!("no tags at the end", |v, tag| { v.storm(&sentence(["!done"])).await }, "no command"),
        answers!(
            "tags that are no numbers",
            |v, tag| { v.storm(&sentence([&b"!re"[..], b".tag=\xff\xfe"])).await },
            "no command"
        ),
        answers!(
            "the tag of cancels",
            |v, tag| { v.storm(&sentence(["!done", ".tag=0"])).await },
            "no command"
        ),
        answers!(
            "answers to a question never asked, after a good one",
            |v, tag| {
                v.say(&[row(&tag, &[b"=uptime=1h"]), done(&tag)].concat()).await;
                v.storm(&row(b".tag=77", &[b"=uptime=9h"])).await;
            },
            "no command"
        ),
        answers!("the same end without end", |v, tag| { v.storm(&done(&tag)).await }, "no command"),
    ]
}

fn too_much() -> Vec<Case> {
    vec![
        answers!("rows without end", |v, tag| { v.storm(&row(&tag, &[&[b'x'; 1000]])).await }, "too large"),
        answers!("empty rows without end", |v, tag| { v.storm(&row(&tag, &[])).await }, "too large"),
        answers!(
            "rows of the longest sentences there may be",
            |v, tag| {
                let mut words = vec![b"!re".to_vec(), tag];
                words.resize(6, vec![b'x'; 65_000]);
                v.storm(&sentence(words)).await;
            },
            "too large"
        ),
        answers!(
            "60,000 rows and their end",
            |v, tag| {
                v.repeat(&row(&tag, &[b"=a=b"]).repeat(60), 1_000).await;
                v.say(&done(&tag)).await;
                v.silence().await;
            },
            "too large"
        ),
        answers!(
            "9 MiB and their end",
            |v, tag| {
                v.repeat(&row(&tag, &[&[b'x'; 9_000]]), 1_024).await;
                v.say(&done(&tag)).await;
                v.silence().await;
            },
            "too large"
        ),
        answers!(
            "traps without end",
            |v, tag| { v.storm(&sentence([b"!trap", &tag[..], b"=message=go away"])).await },
            "go away"
        ),
        answers!(
            "a fatal with 60 KiB of reason, again and again",
            |v, tag| {
                let reason = [&b"no "[..], &b"\xe2\x80\xae\x1b[2J".repeat(6_000)].concat();
                v.storm(&sentence([b"!fatal".to_vec(), reason])).await;
            },
            "ended the session: no "
        ),
        answers!(
            "words that RouterOS does not have, without end",
            |v, tag| { v.storm(&sentence([b"!news", &tag[..]])).await },
            "more than"
        ),
        answers!(
            "10,000 attributes",
            |v, tag| {
                let words =
                    [b"!re".to_vec(), tag].into_iter().chain((0..10_000).map(|n| format!("={n}=x").into()));
                v.say(&sentence(words)).await;
                v.silence().await;
            },
            "more than 256 words"
        ),
    ]
}
