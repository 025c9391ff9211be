//! Assembles what the browser gets: `pkg/` (script, wasm, style) beside the files of `public/` and `vendor/`.

mod css;
mod shrink;
mod vendor;
// The app's own: its build script and this must see the same texts in the same order.
#[allow(dead_code, reason = "what only makes methods is not needed here")]
#[path = "../../../app/words.rs"]
mod words;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

pub use shrink::{files, transferred_bytes};
pub use vendor::FOLDER as VENDOR;

use crate::packages::Consent;
use crate::wasm;
use crate::workspace::{Profile, Workspace};

/// Builds the whole site of a profile.
pub fn build(workspace: &Workspace, profile: Profile, consent: Consent) -> Result<()> {
    let site = workspace.site(profile);
    let package = site.join("pkg");
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(&package)?;
    copy(&workspace.root.join("public"), &site).context("while copying public/")?;
    vendor::copy(workspace, consent, &site).context("while fetching what others wrote")?;
    let style = css::bundle(&workspace.root.join("style/main.css"))?;
    fs::write(package.join("app.css"), style)?;
    speak(workspace, &package)?;
    wasm::build(workspace, profile, consent, &package)?;
    if profile == Profile::Release {
        shrink::code(workspace, &package)?;
        shrink::compress(&site)?;
    }
    eprintln!("The site lies in {}", site.display());
    Ok(())
}

/// Writes the words of each language, which the browser fetches beside the script: a line that names the order of the
/// texts, then a line for each.
fn speak(workspace: &Workspace, package: &Path) -> Result<()> {
    let words = words::words(&workspace.root.join("app/locales")).map_err(anyhow::Error::msg)?;
    for (number, (language, _)) in words::LANGUAGES.iter().enumerate() {
        let text = |word: &words::Word, row: &[String]| {
            if word.is_for_browsers() { row[number].clone() } else { String::new() }
        };
        let texts = words.iter().flat_map(|word| word.rows.iter().map(move |row| text(word, row)));
        let lines: Vec<String> = std::iter::once(words::order(&words)).chain(texts).collect();
        fs::write(package.join(format!("words-{language}.txt")), lines.join("\n"))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
