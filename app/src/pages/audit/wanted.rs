//! Which entries the address asks for: `/admin/audit?who=ani&act=logged_in&from=2026-11-01&before=7`.

use crate::parts::query::{asked_word, asking, days, file, filled, further};
use leptos_router::params::ParamsMap;
use model::{Act, AuditWish};
use serde::{Deserialize, Serialize};

/// Where the page is.
pub const HOME: &str = "/admin/audit";

/// As it is typed. It travels inside the page with what was loaded for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wanted {
    pub who: String,
    pub act: String,
    pub text: String,
    /// Days in UTC, both of them included.
    pub from: String,
    pub to: String,
    pub before: Option<i64>,
}

impl Wanted {
    pub fn of(query: &ParamsMap) -> Self {
        let word = |name: &str| asked_word(query, name);
        Self {
            who: word("who"),
            act: word("act"),
            text: word("text"),
            from: word("from"),
            to: word("to"),
            before: query.get_str("before").and_then(|before| before.parse().ok()),
        }
    }

    pub fn wish(&self) -> AuditWish {
        let (from, to) = days(&self.from, &self.to);
        AuditWish {
            who: filled(&self.who),
            act: Act::from_word(&self.act),
            subject: None,
            text: filled(&self.text),
            from,
            to,
            before: self.before,
        }
    }

    /// The page further back.
    pub fn href(&self, before: Option<i64>) -> String {
        further(HOME, self.query(), before.map(|before| before.to_string()))
    }

    /// All that is found, as a file.
    pub fn file(&self, ending: &str) -> String {
        file(&format!("/api/audit.{ending}"), self.query(), days(&self.from, &self.to))
    }

    fn query(&self) -> ParamsMap {
        asking([
            ("who", self.who.as_str()),
            ("act", &self.act),
            ("text", &self.text),
            ("from", &self.from),
            ("to", &self.to),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_back_and_nonsense_asks_for_nothing_special() {
        let wanted = Wanted {
            who: "ani & co".to_owned(),
            act: "logged_in".to_owned(),
            text: "50%".to_owned(),
            from: "2026-11-01".to_owned(),
            to: "2026-11-01".to_owned(),
            before: None,
        };
        assert_eq!(Wanted::of(&wanted.query()), wanted);
        let wish = wanted.wish();
        assert_eq!(wish.act, Some(Act::LoggedIn));
        let length = wish.to.zip(wish.from).map(|(to, from)| to.since_ms(from));
        assert_eq!(length, Some(24 * 3_600 * 1_000));
        assert!(wanted.file("csv").contains("from=2026%2D11%2D01T00"), "{}", wanted.file("csv"));
        let odd = Wanted { act: "danced".to_owned(), from: "tomorrow".to_owned(), ..Wanted::default() };
        assert_eq!(odd.wish(), AuditWish::default());
    }
}
