//! What is wished for, as it stands in the page's address.

use crate::parts::query::{asked_word, asking, days, file, filled, further};
use leptos_router::params::ParamsMap;
use model::{DeviceId, LogLevel, LogPlace, LogWish};
use serde::{Deserialize, Serialize};

/// Where the page is.
pub const HOME: &str = "/logs";

/// As it is typed. It travels inside the page with what was loaded for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wanted {
    pub device: Option<DeviceId>,
    pub name: String,
    pub text: String,
    pub severity: String,
    pub topics: String,
    /// Days in UTC, both of them included.
    pub from: String,
    pub to: String,
    pub before: Option<LogPlace>,
}

impl Wanted {
    pub fn of(query: &ParamsMap) -> Self {
        let word = |name: &str| asked_word(query, name);
        Self {
            device: query.get_str("device").and_then(|device| device.parse().ok()),
            name: word("name"),
            text: word("search"),
            severity: word("severity"),
            topics: word("topics"),
            from: word("from"),
            to: word("to"),
            before: query.get_str("before").and_then(|before| before.parse().ok()),
        }
    }

    pub fn wish(&self) -> LogWish {
        let (from, to) = days(&self.from, &self.to);
        let topics = self.topics.split([',', ' ']).filter(|topic| !topic.is_empty());
        LogWish {
            device: self.device,
            name: filled(&self.name),
            text: filled(&self.text),
            topics: topics.map(str::to_owned).collect(),
            level: LogLevel::from_word(&self.severity),
            from,
            to,
            before: self.before,
            after: None,
        }
    }

    /// Nothing special: whoever finds nothing then has no lines at all.
    pub fn is_plain(&self) -> bool {
        self.wish() == LogWish { device: self.device, ..LogWish::default() }
    }

    /// The page further back.
    pub fn href(&self, before: Option<LogPlace>) -> String {
        further(HOME, self.query(), before.map(|before| before.to_string()))
    }

    /// What is found, as a file.
    pub fn file(&self) -> String {
        let mut query = self.query();
        if LogLevel::from_word(&self.severity).is_none() {
            query.remove("severity");
        }
        file("/api/logs.csv", query, days(&self.from, &self.to))
    }

    fn query(&self) -> ParamsMap {
        let device = self.device.map(|device| device.to_string()).unwrap_or_default();
        asking([
            ("device", device.as_str()),
            ("name", &self.name),
            ("search", &self.text),
            ("severity", &self.severity),
            ("topics", &self.topics),
            ("from", &self.from),
            ("to", &self.to),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    #[test]
    fn an_address_is_read_back_and_nonsense_asks_for_nothing_special() {
        let wanted = Wanted {
            device: Some(DeviceId(7)),
            name: "edge & co".to_owned(),
            text: "50%".to_owned(),
            severity: "warning".to_owned(),
            topics: "firewall, dhcp".to_owned(),
            from: "2026-11-01".to_owned(),
            to: "2026-11-01".to_owned(),
            before: None,
        };
        assert_eq!(Wanted::of(&wanted.query()), wanted);
        let wish = wanted.wish();
        assert_eq!((wish.level, wish.topics.len(), wanted.is_plain()), (Some(LogLevel::Warning), 2, false));
        assert_eq!(wish.to.zip(wish.from).map(|(to, from)| to.since_ms(from)), Some(24 * 3_600 * 1_000));
        assert!(wanted.file().contains("from=2026%2D11%2D01T00"), "{}", wanted.file());
        let place = LogPlace { at: Timestamp(5), id: 6 };
        assert!(wanted.href(Some(place)).contains("before=5%2E6"), "{}", wanted.href(Some(place)));
        let odd = Wanted { severity: "loud".to_owned(), from: "tomorrow".to_owned(), ..Wanted::default() };
        assert!(odd.is_plain() && !odd.file().contains("loud"));
    }
}
