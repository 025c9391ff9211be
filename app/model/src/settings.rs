//! Texts by name, of which there are few: a list of pairs, a tenth of what a tree takes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Settings of a check by field name, as text; the kind's `build` in the engine gives them meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Settings(
    /// Sorted by name; no name twice.
    Vec<(String, String)>,
);

impl Settings {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn get(&self, name: &str) -> Option<&String> {
        let place = self.place(name).ok()?;
        Some(&self.0.get(place)?.1)
    }

    /// Answers what stood there before.
    pub fn insert(&mut self, name: String, text: String) -> Option<String> {
        match self.place(&name) {
            Ok(place) => self.0.get_mut(place).map(|(_, old)| std::mem::replace(old, text)),
            Err(place) => {
                self.0.insert(place, (name, text));
                None
            }
        }
    }

    /// By name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().map(|(name, text)| (name, text))
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_str().cmp(name))
    }
}

impl From<BTreeMap<String, String>> for Settings {
    fn from(sorted: BTreeMap<String, String>) -> Self {
        Self(sorted.into_iter().collect())
    }
}

impl From<Settings> for BTreeMap<String, String> {
    fn from(settings: Settings) -> Self {
        settings.0.into_iter().collect()
    }
}

impl FromIterator<(String, String)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        BTreeMap::from_iter(pairs).into()
    }
}

impl<const N: usize> From<[(String, String); N]> for Settings {
    fn from(pairs: [(String, String); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl IntoIterator for Settings {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_order_in_which_they_were_written_does_not_matter_and_the_last_counts() {
        let mut written = settings(&[("port", "1"), ("count", "3"), ("port", "2")]);
        assert_eq!(written, settings(&[("count", "3"), ("port", "2")]));
        assert_eq!(written.insert("port".to_owned(), "4".to_owned()), Some("2".to_owned()));
        assert_eq!(written.insert("a".to_owned(), "5".to_owned()), None);
        assert_eq!(written, settings(&[("a", "5"), ("count", "3"), ("port", "4")]));
        assert_eq!((written.get("count"), written.get("b")), (Some(&"3".to_owned()), None));
    }

    #[test]
    fn outside_they_are_an_object() {
        let text = r#"{"count":"3","port":"2"}"#;
        let read: Settings = serde_json::from_str(text).unwrap();
        assert_eq!(read, settings(&[("port", "2"), ("count", "3")]));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
