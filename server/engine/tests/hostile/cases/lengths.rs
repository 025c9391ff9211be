//! Length prefixes that promise what never comes, or mean nothing.

use super::{Case, act};

pub fn cases() -> Vec<Case> {
    /// The answer to the first command begins with these bytes; nothing follows, or the same for ever.
    macro_rules! begins {
        ($name:literal, $bytes:literal, $told:literal) => {
            Case::plain(
                $name,
                act!(|v| {
                    v.let_in().await;
                    v.tag().await;
                    v.say($bytes).await;
                    v.silence().await;
                }),
                $told,
            )
        };
    }
    vec![
        begins!("a word of 127 bytes that never comes", b"\x7f", "no answer to the command"),
        begins!("a word of 16,383 bytes that never comes", b"\xbf\xff", "no answer to the command"),
        begins!("a word of 2 MiB", b"\xdf\xff\xff", "word of 2097151 bytes"),
        begins!("a word of 256 MiB", b"\xef\xff\xff\xff", "word of 268435455 bytes"),
        begins!("a word of 4 GiB", b"\xf0\xff\xff\xff\xff", "word of 4294967295 bytes"),
        begins!("half a length", b"\xf0\xff\xff", "no answer to the command"),
        begins!("a control byte 0xf8", b"\xf8", "length prefix that does not exist (0xf8)"),
        begins!("a control byte 0xff", b"\xff\xff\xff\xff\xff", "length prefix that does not exist (0xff)"),
        begins!(
            "a length five bytes long for three letters",
            b"\xf0\x00\x00\x00\x03!re\xf0\x00\x00\x00\x00",
            "no answer to the command"
        ),
        Case::plain(
            "an endless word",
            act!(|v| {
                v.let_in().await;
                v.tag().await;
                v.say(b"\xf0\xff\xff\xff\xff").await;
                v.storm(b"x").await;
            }),
            "word of 4294967295 bytes",
        ),
        Case::plain(
            "sentences without words, without end",
            act!(|v| {
                v.let_in().await;
                v.tag().await;
                v.storm(&[0]).await;
            }),
            "sentence without words",
        ),
    ]
}
