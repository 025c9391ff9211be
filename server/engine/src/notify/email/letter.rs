//! A message as a letter: whatever a device calls itself, it stays in its place.

use crate::notify::{
    Message,
    text::{cut, line, lines},
};
use lettre::{
    Address,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write,
    time::{Duration, UNIX_EPOCH},
};

/// Longer subjects are cut by those who show them.
const SUBJECT_CHARS_MAX: usize = 200;
/// A letter is for reading.
const BODY_CHARS_MAX: usize = 64 * 1024;
/// The last second that the header can say: the year 9999.
const DATE_S_MAX: u64 = 253_402_300_799;

/// The letter's bytes, ASCII but for addresses that are not.
pub fn compose(message: &Message, from: &Mailbox, to: &[Address]) -> Result<Vec<u8>, lettre::error::Error> {
    let title = line(&message.title);
    let mut body = lines(&message.body);
    if body.is_empty() {
        body.clone_from(&title);
    }
    let mut body = cut(&body, BODY_CHARS_MAX, |_| 1).into_owned();
    if let Some(url) = message.url.as_deref().map(line) {
        let _ = write!(body, "\n\n{url}");
    }
    body.push('\n');
    let at_s = u64::try_from(message.at.0 / 1000).unwrap_or_default().min(DATE_S_MAX);
    let letter = to.iter().fold(lettre::Message::builder().from(from.clone()), |letter, to| {
        letter.to(Mailbox::new(None, to.clone()))
    });
    // RFC 3834 5: nobody's holiday notice answers this.
    let automatic =
        HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    let letter = letter
        .subject(cut(&title, SUBJECT_CHARS_MAX, |_| 1))
        .date(UNIX_EPOCH + Duration::from_secs(at_s))
        .message_id(Some(message_id(message, from)))
        .raw_header(automatic)
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(body)?;
    Ok(letter.formatted())
}

/// The same at every try of one delivery, so that mail systems drop a repetition; another one for every other
/// delivery, also of a program that counts from the beginning again.
fn message_id(message: &Message, from: &Mailbox) -> String {
    let hash = Sha256::digest(format!("{} {}", message.at.0, message.id));
    let mut id = "<".to_owned();
    for byte in hash.iter().take(16) {
        let _ = write!(id, "{byte:02x}");
    }
    let domain = from.email.domain();
    let domain = if domain.is_ascii() { domain } else { "routewarden.invalid" };
    format!("{id}@{domain}>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::tests::message;
    use model::Timestamp;
    use proptest::prelude::*;

    fn letter(message: &Message) -> String {
        let from = Mailbox::new(Some("Routewarden".into()), "watch@example.net".parse().unwrap());
        let to = ["a@example.net", "b@example.net"].map(|to| to.parse().unwrap());
        String::from_utf8(compose(message, &from, &to).unwrap()).unwrap()
    }

    #[test]
    fn a_letter_says_what_it_is_about_and_that_a_program_wrote_it() {
        let mut message = message("edge-1 is down", "no answer\nsince 12:00\n");
        message.url = Some("https://monitor.example/devices/1".into());
        let written = letter(&message);
        let (head, body) = written.split_once("\r\n\r\n").unwrap();
        let mut head: Vec<_> = head.lines().collect();
        let id = head.iter().position(|line| line.starts_with("Message-ID: ")).unwrap();
        let id = head.remove(id);
        assert!(id.ends_with("@example.net>") && id.len() == 12 + 46, "{id}");
        assert_eq!(
            head,
            [
                "From: Routewarden <watch@example.net>",
                "To: a@example.net, b@example.net",
                "Subject: edge-1 is down",
                "Date: Tue, 14 Nov 2023 22:13:20 +0000",
                "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 7bit",
            ]
        );
        assert_eq!(body, "no answer\r\nsince 12:00\r\n\r\nhttps://monitor.example/devices/1\r\n");
    }

    #[test]
    fn a_repetition_is_the_same_letter_and_another_delivery_another() {
        let first = message("t", "b");
        let (mut number, mut time) = (first.clone(), first.clone());
        number.id = "8".into();
        time.at = Timestamp(1_800_000_000_000);
        let from = Mailbox::new(None, "watch@example.net".parse().unwrap());
        let id = |message| message_id(message, &from);
        assert_eq!(letter(&first), letter(&first.clone()));
        assert!(id(&first) != id(&number) && id(&first) != id(&time));
    }

    #[test]
    fn no_time_is_too_early_or_too_late_for_a_letter() {
        for at in [i64::MIN, -1, 0, i64::MAX] {
            let mut message = message("t", "b");
            message.at = Timestamp(at);
            assert!(letter(&message).contains("\r\nDate: "));
        }
    }

    proptest! {
        #[test]
        fn whatever_the_words_there_is_no_header_more_and_no_line_too_long(
            title in prop_oneof![any::<String>(), "[a\r\nы:B ]{0,400}"],
            body in prop_oneof![any::<String>(), "[.a\r\nы😀]{0,3000}"],
        ) {
            let written = letter(&message(&title, &body));
            prop_assert!(written.is_ascii());
            let (head, _) = written.split_once("\r\n\r\n").unwrap();
            let names: Vec<_> = head
                .split("\r\n")
                .filter(|line| !line.starts_with(' '))
                .map(|line| line.split_once(':').unwrap_or((line, "")).0)
                .collect();
            let known = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
                "Content-Type", "Content-Transfer-Encoding"];
            prop_assert!(names.iter().all(|name| known.contains(name)) && names.len() == known.len(), "{head}");
            // RFC 5322 2.1.1 and 2.3.
            for line in written.split("\r\n") {
                prop_assert!(line.len() <= 998, "{line}");
                prop_assert!(!line.contains(['\r', '\n']), "{line:?}");
            }
        }
    }
}
