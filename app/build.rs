//! Turns `locales/*.json` into methods of `Words`, one per text, so that a missing word cannot compile.

mod words;

use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};
use words::{LANGUAGES, Word};

/// Texts that are also found by their key, because the key arrives as data.
const BY_KEY: [&str; 10] = [
    "act_",
    "audit_via_",
    "channel_",
    "check_",
    "day_",
    "error_",
    "feature_",
    "month_",
    "recording_end_",
    "worker_does_",
];

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=words.rs");
    name_the_wire().map_err(|error| format!("while reading the words that travel: {error}"))?;
    let words = words::words(Path::new("locales"))?;
    let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    fs::write(Path::new(&folder).join("words.rs"), generate(&words)).map_err(|error| error.to_string())
}

/// Server and page understand each other when both were built from the same words.
fn name_the_wire() -> std::io::Result<()> {
    // FNV-1a: the same whichever compiler built this script.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for folder in ["model/src", "src/api"] {
        println!("cargo::rerun-if-changed={folder}");
        let mut files = Vec::new();
        add_files(Path::new(folder), &mut files)?;
        files.sort();
        for byte in files.iter().map(fs::read).collect::<std::io::Result<Vec<_>>>()?.concat() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    println!("cargo::rustc-env=WORDS_HASH={hash:016x}");
    Ok(())
}

fn add_files(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { add_files(&path, files)? } else { files.push(path) }
    }
    Ok(())
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
        // As many as the sentence has places.
        let _ = writeln!(methods, "#[allow(clippy::too_many_arguments)]");
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
         #[cfg(not(target_arch = \"wasm32\"))]\nstatic TEXTS: [[&str; {count}]; {index}] = [\n{rows}];\n\
         #[cfg(target_arch = \"wasm32\")]\nconst ORDER: &str = \"{order}\";\n\
         static BY_KEY: &[(&str, usize)] = &[\n{by_key}];\n\
         #[allow(dead_code)]\nimpl Words {{\n{methods}}}\n",
        count = LANGUAGES.len(),
        order = words::order(words),
    )
}
