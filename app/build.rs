//! Turns `locales/*.json` into methods of `Words`, one per text, so that a missing word cannot compile.
//!
//! A locale is one flat object, one key per line. `{name}` in a text is a placeholder and becomes an
//! argument; keys ending in `_one`, `_few`, `_many`, `_other` are the plural forms of one text (English
//! always has an `_other`), whose method takes the number. English says which texts and placeholders
//! there are; every other language must have exactly these.

use std::collections::{BTreeMap, BTreeSet};
use std::{env, fmt::Write, fs, path::Path};

/// The languages and the plural forms each must give, English first. `Lang` in `src/i18n.rs` has the
/// same order.
const LANGUAGES: [(&str, &[&str]); 3] =
    [("en", &["one", "other"]), ("id", &["other"]), ("ru", &["one", "few", "many"])];
const FORMS: [&str; 4] = ["one", "few", "many", "other"];
/// Texts that are also found by their key, because the key arrives as data.
const BY_KEY: [&str; 4] = ["error_", "feature_", "check_", "worker_does_"];

type Texts = BTreeMap<String, String>;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    name_the_wire().map_err(|error| format!("while reading the words that travel: {error}"))?;
    let locales = LANGUAGES.iter().map(|(language, _)| read(language)).collect::<Result<Vec<_>, _>>()?;
    let mut faults = Vec::new();
    let words = merge(&locales, &mut faults);
    if !faults.is_empty() {
        return Err(format!("the locales disagree:\n  {}", faults.join("\n  ")));
    }
    let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&folder).join("words.rs"), generate(&words)).map_err(|error| error.to_string())
}

/// Server and page understand each other when both were built from the same words.
fn name_the_wire() -> std::io::Result<()> {
    // FNV-1a: the same whichever compiler built this script.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for folder in ["model/src", "src/api"] {
        println!("cargo::rerun-if-changed={folder}");
        let mut files: Vec<_> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        files.sort();
        for byte in files.iter().map(fs::read).collect::<std::io::Result<Vec<_>>>()?.concat() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    println!("cargo::rustc-env=WORDS_HASH={hash:016x}");
    Ok(())
}

fn read(language: &str) -> Result<Texts, String> {
    let path = format!("locales/{language}.json");
    let json = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let texts: Texts = serde_json::from_str(&json).map_err(|error| format!("{path}: {error}"))?;
    // A key given twice would silently win over its twin, so each must have a line of its own.
    let lines = json.lines().filter(|line| line.trim_start().starts_with('"')).count();
    if lines != texts.len() {
        return Err(format!("{path}: {lines} lines hold {} keys: one is there twice", texts.len()));
    }
    Ok(texts)
}

/// One text in all languages.
struct Word {
    name: String,
    /// What is filled in, without the number of a plural.
    holes: Vec<String>,
    is_plural: bool,
    /// One row per form (a single one unless plural); one text per language in a row.
    rows: Vec<Vec<String>>,
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
            if text.is_empty() && is_required {
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

fn generate(words: &[Word]) -> String {
    let mut methods = String::new();
    let mut rows = String::new();
    let mut by_key = String::new();
    let mut index = 0;
    for word in words {
        let Word { name, holes, is_plural, .. } = word;
        let number = if *is_plural { ", n: u64" } else { "" };
        let arguments: String =
            holes.iter().map(|hole| format!(", {hole}: &dyn std::fmt::Display")).collect();
        let values: String = holes.iter().map(|hole| format!("(\"{hole}\", {hole}), ")).collect();
        let (answer, body) = match (is_plural, holes.is_empty()) {
            (true, _) => ("String", format!("self.count({index}, n, &[{values}])")),
            (false, true) => ("&'static str", format!("self.text({index})")),
            (false, false) => ("String", format!("self.fill({index}, &[{values}])")),
        };
        let english = word.rows.iter().rev().find_map(|row| row.first().filter(|text| !text.is_empty()));
        let doc = english.map(String::as_str).unwrap_or_default();
        let _ = writeln!(methods, "#[doc = {doc:?}]");
        let _ = writeln!(methods, "pub fn {name}(self{number}{arguments}) -> {answer} {{ {body} }}");
        if !is_plural && holes.is_empty() && BY_KEY.iter().any(|prefix| name.starts_with(prefix)) {
            let _ = writeln!(by_key, "({name:?}, {index}),");
        }
        for row in &word.rows {
            let _ = writeln!(rows, "{row:?},");
            index += 1;
        }
    }
    let languages: Vec<_> = LANGUAGES.iter().map(|(language, _)| language).collect();
    format!(
        "const LANGUAGES: [&str; {count}] = {languages:?};\n\
         static TEXTS: [[&str; {count}]; {index}] = [\n{rows}];\n\
         static BY_KEY: &[(&str, usize)] = &[\n{by_key}];\n\
         #[allow(dead_code)]\nimpl Words {{\n{methods}}}\n",
        count = LANGUAGES.len(),
    )
}
