//! What channels are told when nothing can be written down, so that no message could be accepted; and when it can again.

use super::{Lines, utc};
use crate::{
    format,
    i18n::{Lang, Words},
};
use model::Timestamp;

/// Title and text while nothing can be written since then, for this reason.
pub fn unwritten(language: &str, since: Timestamp, why: &str) -> (String, String) {
    let words = Words(Lang::from_code(language));
    let mut lines = Lines(String::new());
    lines.add(words.told_at(&utc(since)));
    if !why.is_empty() {
        lines.add(words.told_cause(&why));
    }
    lines.add(words.told_unwritten_text());
    (words.told_unwritten().to_owned(), lines.0)
}

/// Title and text once it can be written again.
pub fn written_again(language: &str, since: Timestamp, until: Timestamp) -> (String, String) {
    let words = Words(Lang::from_code(language));
    let span = format::span(words, until.since_ms(since) / 1_000);
    (words.told_written_again(&span), format!("{}\n", words.told_written_again_text()))
}
