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

/// The plural forms each language needs.
const FORMS: &[(&str, &[&str])] =
    &[("en", &["one", "other"]), ("id", &["other"]), ("ru", &["one", "few", "many"])];

/// The key without its plural form, when English counts with it; else the key itself.
fn stem<'a>(key: &'a str, english: &Words) -> &'a str {
    let cut = key.rsplit_once('_').filter(|(_, form)| ["one", "few", "many", "other"].contains(form));
    cut.map(|(stem, _)| stem).filter(|stem| english.contains_key(&format!("{stem}_other"))).unwrap_or(key)
}

#[test]
fn every_language_has_every_word() {
    let english = words("en");
    let mut offences = Vec::new();
    for (language, forms) in FORMS {
        let translated = words(language);
        let mut wanted = BTreeMap::new();
        for (key, sentence) in &english {
            match stem(key, &english) {
                stem if stem == key => drop(wanted.insert(key.clone(), places(sentence))),
                stem => wanted.extend(forms.iter().map(|form| (format!("{stem}_{form}"), places(sentence)))),
            }
        }
        for (key, places_wanted) in &wanted {
            match translated.get(key) {
                None => offences.push(format!("{language}: {key} is missing")),
                Some(said) if said.trim().is_empty() => offences.push(format!("{language}: {key} is empty")),
                Some(said) if !places(said).is_subset(places_wanted) => {
                    offences.push(format!("{language}: {key} fills other places than in English"));
                }
                Some(_) => {}
            }
        }
        let unknown = translated.keys().filter(|key| !wanted.contains_key(*key));
        offences.extend(unknown.map(|key| format!("{language}: {key} is not in English")));
    }
    none(offences, "the three locale files say the same");
}
