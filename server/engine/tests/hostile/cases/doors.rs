//! Trouble before anybody is logged in.

use super::super::{
    villain::Door,
    words::{row, sentence, word},
};
use super::{Case, act};

pub fn cases() -> Vec<Case> {
    let plain = vec![
        Case::plain("accepts and never answers", act!(|v| { v.silence().await }), "no answer to the login"),
        Case::plain("closes at once", act!(|v| {}), "the connection"),
        Case::plain(
            "closes after hearing the login",
            act!(|v| {
                v.hear().await;
            }),
            "closed the connection",
        ),
        Case::plain(
            "closes in the middle of the login's answer",
            act!(|v| {
                v.hear().await;
                v.say(b"\x05!do").await;
            }),
            "closed the connection",
        ),
        Case::plain(
            "ends a login that nobody asked for",
            act!(|v| {
                v.say(&sentence(["!done"])).await;
                v.silence().await;
            }),
            "no answer to the command",
        ),
        Case::plain(
            "rows without end before the login",
            act!(|v| { v.storm(&row(b".tag=1", &[&[b'x'; 1000]])).await }),
            "before the login was accepted",
        ),
        Case::plain(
            "traps without end at the login",
            act!(|v| { v.storm(&sentence(["!trap", "=message=go away"])).await }),
            "before the login was accepted",
        ),
        Case::plain(
            "fatals without end at the login",
            act!(|v| { v.storm(&sentence(["!fatal", "not for you"])).await }),
            "ended the session: not for you",
        ),
        Case::plain(
            "challenges without end",
            act!(|v| { v.storm(&sentence(["!done", "=ret=00112233445566778899aabbccddeeff"])).await }),
            "second challenge",
        ),
        Case::plain(
            "a challenge of 60 KiB",
            act!(|v| {
                v.say(&sentence([b"!done".to_vec(), [&b"=ret="[..], &[b'a'; 60_001]].concat()])).await;
                v.silence().await;
            }),
            "not hexadecimal",
        ),
        Case::plain(
            "refuses the login with 60 KiB of reason",
            act!(|v| {
                let why = [&b"=message="[..], &b"\x1b]0;owned\x07".repeat(6_000)].concat();
                v.say(&[sentence([b"!trap".to_vec(), why]), sentence(["!done"])].concat()).await;
                v.silence().await;
            }),
            "refused the login: ]0;owned]0;owned",
        ),
        Case::plain(
            "speaks HTTP",
            act!(|v| { v.storm(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await }),
            "broke the protocol",
        ),
        Case::plain("speaks SSH", act!(|v| { v.storm(b"SSH-2.0-ROSSSH\r\n").await }), "broke the protocol"),
        Case::plain(
            "lets in and leaves, for ever",
            act!(|v| {
                v.let_in().await;
            }),
            "closed the connection",
        ),
        Case::plain(
            "one byte of the login's answer per tenth of a second",
            act!(|v| {
                v.hear().await;
                let answer = [&word(b"!done")[..], &word(&[b'='; 4_000])].concat();
                for byte in answer {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    if !v.say(&[byte]).await {
                        return;
                    }
                }
            }),
            "no answer to the login",
        ),
    ];
    let tls = vec![
        Case::plain(
            "plain text at the port for TLS",
            act!(|v| { v.storm(&sentence(["!fatal", "not logged in"])).await }),
            "does not speak TLS",
        )
        .entered_by(Door::Faked),
        Case::plain(
            "TLS records of rubbish",
            act!(|v| { v.storm(&[&[0x16, 0x03, 0x03, 0x40, 0x00][..], &[0xa5; 0x4000]].concat()).await }),
            "TLS failed",
        )
        .entered_by(Door::Faked),
        Case::plain(
            "a handshake message of 16 MiB",
            act!(|v| {
                v.say(&[0x16, 0x03, 0x03, 0x40, 0x00, 0x02, 0xff, 0xff, 0xff]).await;
                v.storm(&[&[0x16, 0x03, 0x03, 0x40, 0x00][..], &[0; 0x4000]].concat()).await;
            }),
            "TLS failed",
        )
        .entered_by(Door::Faked),
        Case::plain(
            "TLS warnings without end",
            act!(|v| { v.storm(&[0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x5a]).await }),
            "TLS failed",
        )
        .entered_by(Door::Faked),
        Case::plain("no answer to the handshake", act!(|v| { v.silence().await }), "no answer to the TLS")
            .entered_by(Door::Faked),
        Case::plain(
            "one byte of the handshake per tenth of a second",
            act!(|v| {
                while v.say(&[0x16]).await {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }),
            "TLS failed",
        )
        .entered_by(Door::Faked),
        Case::plain("closes in the handshake", act!(|v| {}), "the connection").entered_by(Door::Faked),
        Case::plain("a certificate of 100 KiB", act!(|v| { v.silence().await }), "TLS failed")
            .entered_by(Door::Huge),
        Case::plain(
            "another certificate at the second visit",
            act!(|v| {
                v.let_in().await;
            }),
            "certificate changed",
        )
        .entered_by(Door::Changing),
        Case::plain(
            "rows without end by TLS",
            act!(|v| {
                v.let_in().await;
                let tag = v.tag().await;
                v.storm(&row(&tag, &[&[b'x'; 1000]])).await;
            }),
            "too large",
        )
        .entered_by(Door::Tls),
    ];
    plain.into_iter().chain(tls).collect()
}
