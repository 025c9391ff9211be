//! Words on their way out, and what far ends say on its way in: no control characters, no secret, no more than fits.

use std::borrow::Cow;

/// Longest reason that is kept, in characters.
pub const WHY_CHARS_MAX: usize = 300;
/// Stands for what was left out.
const ELLIPSIS: char = '…';
/// Stands for a secret that somebody repeated to us.
const HIDDEN: &str = "***";

/// One line for people: what breaks lines or moves the cursor becomes a space, what turns the direction of
/// writing unseen becomes visible.
pub fn line(text: &str) -> String {
    let clean = |c: char| match c {
        '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => ' ',
        c if model::is_bidi_control(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(clean).collect::<String>().trim().to_owned()
}

/// Several lines for people: the same, and lines stay lines.
pub fn lines(text: &str) -> String {
    let clean: Vec<_> = text.lines().map(line_inside).collect();
    clean.join("\n").trim_end().to_owned()
}

/// Spaces at the beginning of a line may mean something.
fn line_inside(text: &str) -> String {
    let indent = text.len() - text.trim_start_matches(' ').len();
    " ".repeat(indent) + &line(text)
}

/// A reason as it may be stored and shown: one line of [`WHY_CHARS_MAX`] without any of the secrets.
pub fn why(text: &str, secrets: &[&str]) -> String {
    // Once more, for a secret that was written with a tab in the place of its space.
    let clean = hide(&line(&hide(text, secrets)), secrets);
    cut(&clean, WHY_CHARS_MAX, |_| 1).into_owned()
}

/// The text without the secrets. To be done before anything is cut off, since half a secret is not found.
pub fn hide(text: &str, secrets: &[&str]) -> String {
    let secrets = secrets.iter().filter(|secret| !secret.is_empty());
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
}

/// The text without what may be the beginning of a secret at its end, where somebody stopped reading.
pub fn without_begun<'a>(text: &'a str, secrets: &[&str]) -> &'a str {
    let begun = |secret: &&str| {
        let ends = secret.char_indices().map(|(at, _)| at).skip(1);
        ends.filter(|end| secret.get(..*end).is_some_and(|begun| text.ends_with(begun))).max()
    };
    let longest = secrets.iter().filter_map(begun).max().unwrap_or_default();
    text.get(..text.len() - longest).unwrap_or_default()
}

/// The text when it costs no more than `budget`, else as much of it as leaves room for the ellipsis behind it.
pub fn cut(text: &str, budget: usize, cost: impl Fn(char) -> usize) -> Cow<'_, str> {
    let room = budget.checked_sub(cost(ELLIPSIS));
    let (mut spent, mut end) = (0, 0);
    for (at, c) in text.char_indices() {
        if room.is_some_and(|room| spent <= room) {
            end = at;
        }
        spent += cost(c);
        if spent > budget {
            return match (room, text.get(..end)) {
                (Some(_), Some(kept)) => format!("{kept}{ELLIPSIS}").into(),
                _ => "".into(),
            };
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reason_is_one_short_line_without_secrets() {
        let said = "no\r\n\u{1b}[31mway,\u{2028}0815:abc\u{202e} and abc";
        assert_eq!(why(said, &["0815:abc", "abc", ""]), "no   [31mway, ***\u{fffd} and ***");
        assert_eq!(why(&"ы".repeat(400), &[]).chars().count(), WHY_CHARS_MAX);
    }

    #[test]
    fn a_secret_is_found_behind_other_spaces_and_when_only_its_beginning_was_read() {
        assert_eq!(why("not pass\tword", &["pass word"]), "not ***");
        assert_eq!(without_begun("at /hook/se", &["/hook/secret", "k=1"]), "at ");
        assert_eq!(without_begun("at /hook/secret", &["/hook/secret"]), "at /hook/secret");
        assert_eq!(without_begun("ы", &["ыы", ""]), "");
        assert_eq!(without_begun("all of it", &["/x"]), "all of it");
    }

    #[test]
    fn no_indent_is_too_deep() {
        assert_eq!(lines(&" ".repeat(100_000)), "");
        assert_eq!(lines(&format!("{}x", " ".repeat(100_000))).len(), 100_001);
    }

    #[test]
    fn lines_stay_lines_and_keep_their_indent() {
        assert_eq!(lines("a\r\n  b\u{7}c \nd\te\n\n"), "a\n  b c\nd e");
    }

    #[test]
    fn what_fits_exactly_is_not_cut() {
        let units = |text, budget| cut(text, budget, char::len_utf16).into_owned();
        assert_eq!(units("abc", 3), "abc");
        assert_eq!(units("abcd", 3), "ab…");
        assert_eq!(units("a😀b", 3), "a…");
        assert_eq!(
            (units("ab", 1), units("ab", 0), units("", 0)),
            ("…".into(), String::new(), String::new())
        );
    }

    proptest! {
        #[test]
        fn what_is_cut_costs_no_more_than_it_may_and_begins_as_before(
            text in ".{0,40}",
            budget in 0_usize..60,
        ) {
            let cost = |text: &str| text.chars().map(char::len_utf8).sum::<usize>();
            let kept = cut(&text, budget, char::len_utf8);
            prop_assert!(cost(&kept) <= budget);
            if kept != text {
                prop_assert!(cost(&text) > budget);
                prop_assert!(kept.is_empty() || text.starts_with(kept.trim_end_matches(ELLIPSIS)));
            }
        }

        #[test]
        fn whatever_is_said_a_reason_is_clean(text in any::<String>(), secret in "[a-z]{3,9}") {
            let said = why(&format!("{text}{secret}{text}"), &[&secret]);
            prop_assert!(said.chars().count() <= WHY_CHARS_MAX);
            prop_assert!(!said.chars().any(char::is_control));
            prop_assert!(!said.contains(&secret));
        }
    }
}
