//! What is wished for, as it stands in the page's address.

use crate::format;
use leptos_router::params::ParamsMap;
use model::{DeviceId, LogLevel, LogPlace, LogWish, Timestamp};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

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
        let word = |name: &str| query.get_str(name).unwrap_or_default().trim().to_owned();
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
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        let topics = self.topics.split([',', ' ']).filter(|topic| !topic.is_empty());
        LogWish {
            device: self.device,
            name: filled(&self.name),
            text: filled(&self.text),
            topics: topics.map(str::to_owned).collect(),
            level: LogLevel::from_word(&self.severity),
            from: format::day(&self.from).map(Timestamp),
            to: format::day(&self.to).map(|day| Timestamp(day + DAY_MS)),
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
        let mut query = self.query();
        if let Some(before) = before {
            query.insert("before", before.to_string());
        }
        format!("/logs{}", query.to_query_string())
    }

    /// What is found, as a file.
    pub fn file(&self) -> String {
        let mut query = self.query();
        let wish = self.wish();
        for (name, at) in [("from", wish.from), ("to", wish.to)] {
            query.remove(name);
            if let Some(at) = at {
                query.insert(name, format::iso(at));
            }
        }
        if wish.level.is_none() {
            query.remove("severity");
        }
        format!("/api/logs.csv{}", query.to_query_string())
    }

    fn query(&self) -> ParamsMap {
        let words = [
            ("device", self.device.map(|device| device.to_string()).unwrap_or_default()),
            ("name", self.name.clone()),
            ("search", self.text.clone()),
            ("severity", self.severity.clone()),
            ("topics", self.topics.clone()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
        ];
        words.into_iter().filter(|(_, word)| !word.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(wish.to.zip(wish.from).map(|(to, from)| to.since_ms(from)), Some(DAY_MS));
        assert!(wanted.file().contains("from=2026%2D11%2D01T00"), "{}", wanted.file());
        let place = LogPlace { at: Timestamp(5), id: 6 };
        assert!(wanted.href(Some(place)).contains("before=5%2E6"), "{}", wanted.href(Some(place)));
        let odd = Wanted { severity: "loud".to_owned(), from: "tomorrow".to_owned(), ..Wanted::default() };
        assert!(odd.is_plain() && !odd.file().contains("loud"));
    }
}
