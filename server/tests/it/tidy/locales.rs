//! Rules for the words people read.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{self, none};

type Words = BTreeMap<String, String>;

fn words(language: &str) -> Words {
    let path = tree::root().join(format!("app/locales/{language}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a locale file maps keys to words")
}

/// The names between braces, in no order.
fn places(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_language_has_every_word() {
    let english = words("en");
    let mut offences = Vec::new();
    for language in ["id", "ru"] {
        let translated = words(language);
        for (key, sentence) in &english {
            match translated.get(key) {
                None => offences.push(format!("{language}: {key} is missing")),
                Some(said) if said.trim().is_empty() => offences.push(format!("{language}: {key} is empty")),
                Some(said) if places(said) != places(sentence) => {
                    offences.push(format!("{language}: {key} fills other places than in English"));
                }
                Some(_) => {}
            }
        }
        let unknown = translated.keys().filter(|key| !english.contains_key(*key));
        offences.extend(unknown.map(|key| format!("{language}: {key} is not in English")));
    }
    none(offences, "the three locale files say the same");
}
