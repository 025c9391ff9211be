//! A message as Telegram's HTML: whatever a device calls itself, it stays text.

use crate::notify::{
    Message,
    text::{cut, line, lines},
};
use reqwest::Url;

/// Telegram takes 4096 characters after the entities are parsed, and counts in UTF-16 as its entities do. Held
/// to by the whole text with its entities, so that nobody has to know who counts what.
pub const UNITS_MAX: usize = 4096;
/// A title is a line that fits on a phone's lock screen, escaped.
const TITLE_UNITS_MAX: usize = 512;
/// A longer address is left out rather than the words it would take the place of.
const URL_UNITS_MAX: usize = 1024;

/// A message: the title bold, and a link when there is a page; then the body.
pub fn compose(message: &Message) -> String {
    text(&message.title, &message.body, message.url.as_deref())
}

/// The same of anything that is said.
pub fn text(title: &str, body: &str, url: Option<&str>) -> String {
    let title = escape(&cut(&line(title), TITLE_UNITS_MAX, units));
    let head = match url.and_then(link) {
        Some(url) if !title.is_empty() => format!("<a href=\"{url}\"><b>{title}</b></a>"),
        _ if !title.is_empty() => format!("<b>{title}</b>"),
        _ => String::new(),
    };
    let body = lines(body);
    if body.is_empty() {
        return head;
    }
    let gap = if head.is_empty() { "" } else { "\n" };
    let room = UNITS_MAX.saturating_sub(head.encode_utf16().count() + gap.len());
    format!("{head}{gap}{}", escape(&cut(&body, room, units)))
}

/// What the character takes once it is escaped.
fn units(c: char) -> usize {
    entity(c).map_or(c.len_utf16(), str::len)
}

/// The four entities that Telegram knows by name.
fn entity(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match entity(c) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(c),
        }
    }
    escaped
}

/// The page's address, escaped, when it is one for browsers and of a length to send.
fn link(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let escaped = escape(url.as_str());
    (escaped.encode_utf16().count() <= URL_UNITS_MAX).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::tests::message;
    use proptest::prelude::*;

    /// What a reader sees, by a way of its own; nothing when a tag or an entity is broken.
    fn read(html: &str) -> Option<String> {
        let mut text = String::new();
        let mut open = Vec::new();
        let mut rest = html;
        while let Some(c) = rest.chars().next() {
            let end = match c {
                '<' => {
                    let end = rest.find('>')? + 1;
                    match &rest[1..end - 1] {
                        "/b" => (open.pop()? == 'b').then_some(())?,
                        "/a" => (open.pop()? == 'a').then_some(())?,
                        "b" => open.push('b'),
                        link if link.starts_with("a href=\"") && link.ends_with('"') => open.push('a'),
                        _ => return None,
                    }
                    end
                }
                '&' => {
                    let end = rest.find(';')? + 1;
                    let known = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"')];
                    text.push(known.iter().find(|(entity, _)| *entity == &rest[..end])?.1);
                    end
                }
                '>' | '"' => return None,
                c => {
                    text.push(c);
                    c.len_utf8()
                }
            };
            rest = &rest[end..];
        }
        open.is_empty().then_some(text)
    }

    #[test]
    fn a_title_is_a_bold_link_and_every_name_survives() {
        let mut message = message("<b>edge & \"1\"</b> is down", "cause: a < b\nsince: 12:00");
        message.url = Some("https://monitor.example/devices/1?a=1&b=\"2\"".into());
        assert_eq!(
            compose(&message),
            "<a href=\"https://monitor.example/devices/1?a=1&amp;b=%222%22\"><b>&lt;b&gt;edge &amp; \
             &quot;1&quot;&lt;/b&gt; is down</b></a>\ncause: a &lt; b\nsince: 12:00"
        );
    }

    #[test]
    fn what_is_no_page_is_no_link() {
        for url in
            ["javascript:alert(1)", "tg://resolve", "devices/1", &format!("http://a/{}", "x".repeat(2000))]
        {
            let mut message = message("t", "");
            message.url = Some(url.into());
            assert_eq!(compose(&message), "<b>t</b>");
        }
        assert_eq!(compose(&message(" \n", "only\n a body")), "only\n a body");
        assert_eq!(compose(&message("", "")), "");
    }

    #[test]
    fn a_long_body_is_filled_to_the_last_unit_and_no_entity_is_cut() {
        for piece in ["x", "&", "😀", "ы\"", "<>"] {
            let text = compose(&message("t", &piece.repeat(5000)));
            let units = text.encode_utf16().count();
            assert!((UNITS_MAX - 6..=UNITS_MAX).contains(&units), "{piece}: {units}");
            assert!(read(&text).is_some() && text.ends_with('…'), "{piece}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_words_the_html_is_whole_and_says_a_part_of_them(
            title in "[a-z&<>\"😀ы\n ]{0,600}",
            body in prop_oneof![any::<String>(), "[a&<>\"😀ы\n ]{0,6000}"],
            url in prop::option::of("https?://[a-z]{1,9}\\.example/[a-z?&\"<>=]{0,1200}"),
        ) {
            let mut message = message(&title, &body);
            message.url = url;
            let html = compose(&message);
            prop_assert!(html.encode_utf16().count() <= UNITS_MAX);
            let said = read(&html);
            prop_assert!(said.is_some(), "{html}");
            let (title, body) = (line(&title), lines(&body));
            let whole = match (title.is_empty(), body.is_empty()) {
                (true, _) => body.clone(),
                (_, true) => title.clone(),
                _ => format!("{title}\n{body}"),
            };
            let said = said.unwrap_or_default();
            if title.encode_utf16().count() <= TITLE_UNITS_MAX / 6 {
                prop_assert!(whole.starts_with(said.trim_end_matches('…')) || whole == said, "{said}");
            }
        }
    }
}
