//! Which entries the address asks for: `/admin/audit?who=ani&act=logged_in&from=2026-11-01&before=7`.

use crate::format;
use leptos_router::params::ParamsMap;
use model::{Act, AuditWish, Timestamp};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

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
        let word = |name: &str| query.get_str(name).unwrap_or_default().trim().to_owned();
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
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        AuditWish {
            who: filled(&self.who),
            act: Act::from_word(&self.act),
            subject: None,
            text: filled(&self.text),
            from: format::day(&self.from).map(Timestamp),
            to: format::day(&self.to).map(|day| Timestamp(day + DAY_MS)),
            before: self.before,
        }
    }

    /// The page further back.
    pub fn href(&self, before: Option<i64>) -> String {
        let mut query = self.query();
        if let Some(before) = before {
            query.insert("before", before.to_string());
        }
        format!("/admin/audit{}", query.to_query_string())
    }

    /// All that is found, as a file.
    pub fn file(&self, ending: &str) -> String {
        let mut query = self.query();
        let wish = self.wish();
        for (name, at) in [("from", wish.from), ("to", wish.to)] {
            query.remove(name);
            if let Some(at) = at {
                query.insert(name, format::iso(at));
            }
        }
        format!("/api/audit.{ending}{}", query.to_query_string())
    }

    fn query(&self) -> ParamsMap {
        let words = [
            ("who", &self.who),
            ("act", &self.act),
            ("text", &self.text),
            ("from", &self.from),
            ("to", &self.to),
        ];
        words
            .into_iter()
            .filter(|(_, word)| !word.is_empty())
            .map(|(name, word)| (name, word.clone()))
            .collect()
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
        assert_eq!(length, Some(DAY_MS));
        assert!(wanted.file("csv").contains("from=2026%2D11%2D01T00"), "{}", wanted.file("csv"));
        let odd = Wanted { act: "danced".to_owned(), from: "tomorrow".to_owned(), ..Wanted::default() };
        assert_eq!(odd.wish(), AuditWish::default());
    }
}
