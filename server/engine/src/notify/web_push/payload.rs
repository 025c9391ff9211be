//! What the page's service worker gets to show: as much of the message as one push holds.

use super::seal::PADDED_BYTES;
use crate::notify::{
    Message,
    text::{cut, line, lines},
};
use serde::Serialize;

/// One byte ends what is padded.
pub const BYTES_MAX: usize = PADDED_BYTES - 1;
/// Of the rest the title takes this much at most, in bytes of JSON.
const TITLE_BYTES_MAX: usize = 512;
const ID_BYTES_MAX: usize = 128;

#[derive(Serialize)]
struct Payload<'a> {
    id: &'a str,
    /// What is shown under the same tag before is replaced.
    tag: &'a str,
    title: &'a str,
    body: &'a str,
    /// A path: a browser knows where the program is that it subscribed to.
    url: &'a str,
    severity: &'static str,
}

/// JSON of at most [`BYTES_MAX`] bytes; the body is what is cut.
pub fn compose(message: &Message) -> Vec<u8> {
    let title = line(&message.title);
    let (id, title) = (line(&message.id), cut(&title, TITLE_BYTES_MAX, cost));
    let (tag, url) = (line(&message.thread), line(&message.path));
    let [id, tag, url] = [&id, &tag, &url].map(|text| cut(text, ID_BYTES_MAX, cost));
    let body = lines(&message.body);
    let written = |body| {
        let severity = message.severity.word();
        let payload = Payload { id: &id, tag: &tag, title: &title, body, url: &url, severity };
        // Texts and nothing else: this cannot fail.
        serde_json::to_vec(&payload).unwrap_or_default()
    };
    let room = BYTES_MAX.saturating_sub(written("").len());
    written(&cut(&body, room, cost))
}

/// What a character takes in JSON, once control characters other than line breaks are gone.
fn cost(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' => 2,
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::tests::message;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn a_message_that_fits_is_told_whole() {
        let mut message = message("edge-1 is \"down\"", "no answer\nsince 12:00");
        message.path = "/devices/1".into();
        let told: Value = serde_json::from_slice(&compose(&message)).unwrap();
        assert_eq!(
            told,
            serde_json::json!({ "id": "7", "tag": "incident-7", "title": "edge-1 is \"down\"",
                "body": "no answer\nsince 12:00", "url": "/devices/1", "severity": "critical" })
        );
    }

    #[test]
    fn a_long_body_is_filled_to_the_last_character() {
        for piece in ["x", "\"", "\n\\y", "😀"] {
            let told = compose(&message("t", &piece.repeat(4000)));
            assert!((BYTES_MAX - 5..=BYTES_MAX).contains(&told.len()), "{piece}: {}", told.len());
        }
    }

    proptest! {
        #[test]
        fn whatever_the_words_it_is_json_that_fits(
            title in any::<String>(),
            body in prop_oneof![any::<String>(), "[a\"\\\\😀\n\t\u{1}]{0,4000}"],
            path in ".{0,1500}",
            id in ".{0,300}",
        ) {
            let mut message = message(&title, &body);
            (message.path, message.id) = (path, id);
            let told = compose(&message);
            prop_assert!(told.len() <= BYTES_MAX);
            let told: Value = serde_json::from_slice(&told).unwrap();
            let said = told["body"].as_str().unwrap();
            prop_assert!(lines(&body).starts_with(said.trim_end_matches('…')));
        }
    }
}
