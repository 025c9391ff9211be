//! Where people find this program: what every link in a message begins with.

use std::sync::Arc;
use url::Url;

/// An origin such as `https://monitor.example`: the program is at its root. A clone shares the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Arc<str>);

impl PublicUrl {
    /// Nothing for what is more, or other, than `http:` or `https:` and a host.
    pub fn parse(text: &str) -> Option<Self> {
        // What the parser would quietly mend is not what somebody meant.
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return None;
        }
        let url = Url::parse(text).ok().filter(Url::has_host)?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && !text.contains("/.");
        is_plain.then(|| Self(url.origin().ascii_serialization().into()))
    }

    /// The link to a page, whose path begins with a slash.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Where the operator of a push service may look who sends (RFC 8292 2.1), which wants `https:`.
    pub fn contact(&self) -> Option<&str> {
        Some(&*self.0).filter(|url| url.starts_with("https:"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_and_whatever_else_an_address_can_hold_is_not() {
        let page = |text: &str| PublicUrl::parse(text).map(|url| url.page("/alerts"));
        for (text, link) in [
            ("https://monitor.example", "https://monitor.example/alerts"),
            ("https://monitor.example/", "https://monitor.example/alerts"),
            ("HTTP://Monitor.Example:8080/", "http://monitor.example:8080/alerts"),
            ("https://monitor.example:443", "https://monitor.example/alerts"),
            ("http://[2001:db8::1]:5000", "http://[2001:db8::1]:5000/alerts"),
        ] {
            assert_eq!(page(text).as_deref(), Some(link));
        }
        for text in [
            "",
            "monitor.example",
            "ftp://monitor.example",
            "javascript:alert(1)",
            "https://",
            "https://u:p@monitor.example",
            "https://u@monitor.example",
            "https://monitor.example/sub",
            "https://monitor.example/a/..",
            "https://monitor.example/.",
            "https://monitor.example?x",
            "https://monitor.example#x",
            "https://monitor.example\\@evil.example",
            "https://moni\ntor.example",
            " https://monitor.example",
        ] {
            assert_eq!(page(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_what_is_encrypted_is_a_contact() {
        let contact = |text| PublicUrl::parse(text).unwrap().contact().map(str::to_owned);
        assert_eq!(contact("https://monitor.example/").as_deref(), Some("https://monitor.example"));
        assert_eq!(contact("http://monitor.example"), None);
    }
}
