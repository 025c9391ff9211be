//! The words of a page's address.

use crate::format;
use leptos_router::params::ParamsMap;
use model::Timestamp;

const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// What stands at `name`; nothing is empty.
pub fn asked_word(query: &ParamsMap, name: &str) -> String {
    query.get_str(name).unwrap_or_default().trim().to_owned()
}

/// What was typed, if anything was.
pub fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// From the first moment of one day to the last of another, in UTC; a day that is none says nothing.
pub fn days(from: &str, to: &str) -> (Option<Timestamp>, Option<Timestamp>) {
    (format::day(from).map(Timestamp), format::day(to).map(|day| Timestamp(day + DAY_MS)))
}

/// The words that say something.
pub fn asking<'a>(words: impl IntoIterator<Item = (&'static str, &'a str)>) -> ParamsMap {
    words.into_iter().filter_map(|(name, word)| Some((name, filled(word)?))).collect()
}

/// The page of a list that is `before` something.
pub fn further(home: &str, mut query: ParamsMap, before: Option<String>) -> String {
    if let Some(before) = before {
        query.insert("before", before);
    }
    format!("{home}{}", query.to_query_string())
}

/// The file of what `query` asks for: programs want moments where people gave days.
pub fn file(home: &str, mut query: ParamsMap, days: (Option<Timestamp>, Option<Timestamp>)) -> String {
    for (name, at) in [("from", days.0), ("to", days.1)] {
        query.remove(name);
        if let Some(at) = at {
            query.insert(name, format::iso(at));
        }
    }
    further(home, query, None)
}
