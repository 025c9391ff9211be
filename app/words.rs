//! Reads `locales/*.json`: which texts there are, in which order, and what they say in each language.
//!
//! For the build script, which makes methods of them, and for the build tool, which writes the files that browsers
//! fetch: both must see the same texts in the same order.
//!
//! A locale is one flat object, one key per line. `{name}` in a text is a placeholder and becomes an
//! argument; keys ending in `_one`, `_few`, `_many`, `_other` are the plural forms of one text (English
//! always has an `_other`), whose method takes the number. English says which texts and placeholders
//! there are; every other language must have exactly these.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

/// The languages and the plural forms each must give, English first. `Lang` in `src/i18n.rs` has the
/// same order.
pub const LANGUAGES: [(&str, &[&str]); 3] =
    [("en", &["one", "other"]), ("id", &["other"]), ("ru", &["one", "few", "many"])];
const FORMS: [&str; 4] = ["one", "few", "many", "other"];

type Texts = BTreeMap<String, String>;

/// Every text, in the order of the names; an error that lists all that is wrong with the files of `folder`.
pub fn words(folder: &Path) -> Result<Vec<Word>, String> {
    let locales =
        LANGUAGES.iter().map(|(language, _)| read(folder, language)).collect::<Result<Vec<_>, _>>()?;
    let mut faults = Vec::new();
    let words = merge(&locales, &mut faults);
    if faults.is_empty() {
        Ok(words)
    } else {
        Err(format!("the locales disagree:\n  {}", faults.join("\n  ")))
    }
}

/// Another one for other texts, or others in their order. FNV-1a: the same whichever compiler built this.
pub fn order(words: &[Word]) -> String {
    let names = words.iter().flat_map(|word| word.name.bytes().chain([b'\n', word.rows.len() as u8]));
    let hash = names
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

fn read(folder: &Path, language: &str) -> Result<Texts, String> {
    let file = folder.join(format!("{language}.json"));
    let path = file.display();
    let json = fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
    let texts: Texts = serde_json::from_str(&json).map_err(|error| format!("{path}: {error}"))?;
    // A key given twice would silently win over its twin, so each must have a line of its own.
    let lines = json.lines().filter(|line| line.trim_start().starts_with('"')).count();
    if lines != texts.len() {
        return Err(format!("{path}: {lines} lines hold {} keys: one is there twice", texts.len()));
    }
    Ok(texts)
}

/// Words that begin so are said by the server alone, and not sent to browsers.
const OF_SERVER: &str = "bot_";

/// One text in all languages.
pub struct Word {
    pub name: String,
    /// What is filled in, without the number of a plural.
    pub holes: Vec<String>,
    pub is_plural: bool,
    /// One row per form (a single one unless plural); one text per language in a row.
    pub rows: Vec<Vec<String>>,
}

impl Word {
    /// Whether a browser may ever show it.
    #[allow(dead_code)] // The build script makes methods of all.
    pub fn is_for_browsers(&self) -> bool {
        !self.name.starts_with(OF_SERVER)
    }
}

fn merge(locales: &[Texts], faults: &mut Vec<String>) -> Vec<Word> {
    let english = &locales[0];
    let names: BTreeSet<&str> = english.keys().map(|key| base(key, english)).collect();
    for ((language, _), texts) in LANGUAGES.iter().zip(locales) {
        for key in texts.keys().filter(|key| !names.contains(base(key, english))) {
            faults.push(format!("{language}: {key} is not in English"));
        }
    }
    names.into_iter().map(|name| word(name, locales, faults)).collect()
}

fn word(name: &str, locales: &[Texts], faults: &mut Vec<String>) -> Word {
    let is_plural = !locales[0].contains_key(name);
    let mut holes: BTreeSet<String> = BTreeSet::new();
    for (key, text) in locales[0].iter().filter(|(key, _)| base(key, &locales[0]) == name) {
        holes.extend(placeholders(key, text, faults));
    }
    let mut rows = vec![Vec::new(); if is_plural { FORMS.len() } else { 1 }];
    for ((language, required), texts) in LANGUAGES.iter().zip(locales) {
        for (row, form) in rows.iter_mut().zip(FORMS) {
            let key = if is_plural { format!("{name}_{form}") } else { name.to_owned() };
            let is_required = !is_plural || required.contains(&form);
            let text = texts.get(&key).cloned().unwrap_or_default();
            if text.contains('\n') {
                faults.push(format!("{language}: {key} is more than one line"));
            } else if text.is_empty() && is_required {
                faults.push(format!("{language}: {key} is missing"));
            } else if !text.is_empty() {
                let mut found = placeholders(&key, &text, faults);
                if is_plural {
                    found.extend(holes.contains("n").then(|| "n".to_owned()));
                }
                if found != holes {
                    faults.push(format!("{language}: {key} has {found:?} where English has {holes:?}"));
                }
            }
            row.push(text);
        }
    }
    holes.retain(|hole| !(is_plural && hole == "n"));
    Word { name: name.to_owned(), holes: holes.into_iter().collect(), is_plural, rows }
}

/// The key without its plural form: `error_too_many` is no plural, for there is no `error_too_other`.
fn base<'a>(key: &'a str, english: &Texts) -> &'a str {
    let stripped = FORMS.iter().find_map(|form| key.strip_suffix(form)?.strip_suffix('_'));
    stripped.filter(|name| english.contains_key(&format!("{name}_other"))).unwrap_or(key)
}

fn placeholders(key: &str, text: &str, faults: &mut Vec<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for piece in text.split('{').skip(1) {
        match piece.split_once('}') {
            Some((hole, _)) if hole.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
                found.insert(hole.to_owned());
            }
            _ => faults.push(format!("{key}: '{{{piece}' is no placeholder")),
        }
    }
    found
}
