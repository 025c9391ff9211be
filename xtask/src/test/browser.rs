//! The pages as people get them: the release bundle, in Chromium, against the real server.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Tally, rust};
use crate::packages::{self, Consent};
use crate::site;
use crate::workspace::{Profile, Workspace};
use crate::{exec, npm};

/// Where the first page is to arrive, and where it stands, so that it does not grow unnoticed. The limits may only
/// shrink: all of them are in bytes as they travel.
const FIRST_GOAL: u64 = 250_000;
const FIRST_MAX: u64 = 373_000;
/// The largest file that is fetched later.
const PART_MAX: u64 = 112_500;
/// All that is fetched later, should somebody see every page.
const PARTS_MAX: u64 = 1_052_000;
/// What others wrote, which only the terminal fetches.
const VENDOR_MAX: u64 = 104_000;
const CHROMIUM: &str = "chromium";
/// What the terminal's tests sign in to, and run there.
const IN_TERMINALS: [(&str, &str); 4] =
    [packages::SSH_SERVER, ("vim", "vim"), ("tmux", "tmux"), ("top", "procps")];
/// Names a browser elsewhere than on the path.
const CHROMIUM_AT: &str = "CHROMIUM";

/// Builds the release bundle and refuses one that takes too long over a slow line.
pub fn bundle(workspace: &Workspace, consent: Consent) -> Result<Tally> {
    npm::set_up(consent)?;
    site::build(workspace, Profile::Release, consent)?;
    let Bundle { first, part, parts, vendor } = measure(workspace)?;
    println!(
        "first page: {first} bytes of script, wasm and words in brotli (goal {FIRST_GOAL}, at most {FIRST_MAX})"
    );
    println!(
        "parts of other pages: {parts} bytes (at most {PARTS_MAX}), the largest {part} (at most {PART_MAX})"
    );
    println!("for the terminal: {vendor} bytes (at most {VENDOR_MAX})");
    let is_small = first <= FIRST_MAX && part <= PART_MAX && parts <= PARTS_MAX && vendor <= VENDOR_MAX;
    Ok(Tally::gate(is_small))
}

/// What the browser fetches, in bytes.
struct Bundle {
    /// For the first page: script, wasm, and words in the wordiest language.
    first: u64,
    /// The largest of what other pages need.
    part: u64,
    /// All of what other pages need.
    parts: u64,
    /// What others wrote.
    vendor: u64,
}

fn measure(workspace: &Workspace) -> Result<Bundle> {
    let site = workspace.site(Profile::Release);
    let package = site.join("pkg");
    let mut bundle = Bundle { first: 0, part: 0, parts: 0, vendor: 0 };
    for file in site::files(&site.join(site::VENDOR))? {
        if matches!(file.extension().and_then(OsStr::to_str), Some("mjs" | "css")) {
            bundle.vendor += site::transferred_bytes(&file)?;
        }
    }
    for file in site::files(&package)? {
        let is_part = file.parent() != Some(&package);
        match file.extension().and_then(OsStr::to_str) {
            Some("wasm") if is_part => {
                let bytes = site::transferred_bytes(&file)?;
                bundle.part = bundle.part.max(bytes);
                bundle.parts += bytes;
            }
            Some("wasm" | "js") => bundle.first += site::transferred_bytes(&file)?,
            _ => {}
        }
    }
    bundle.first += site::transferred_bytes(&package.join("words-ru.txt"))?;
    Ok(bundle)
}

/// What a first visit fetches of script, wasm and words.
pub fn bundle_bytes(workspace: &Workspace) -> Result<u64> {
    Ok(measure(workspace)?.first)
}

pub fn run(workspace: &Workspace, consent: Consent) -> Result<Tally> {
    let results = workspace.target.join("browser-tests");
    fs::create_dir_all(&results)?;
    packages::install_at_rest(&packages::missing(&IN_TERMINALS), consent)?;
    let report = results.join("report.json");
    let mut playwright = node(workspace, consent, "node_modules/.bin/playwright")?;
    playwright
        .arg("test")
        .arg("--output")
        .arg(results.join("failures"))
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    let succeeded = exec::run(&mut playwright).inspect_err(|error| println!("{error:#}")).is_ok();
    let report = fs::read_to_string(&report).context("Playwright writes a report")?;
    Ok(read(&report)?.judged(succeeded))
}

/// Takes the pictures for the README.
pub fn screenshots(workspace: &Workspace, consent: Consent) -> Result<()> {
    bundle(workspace, consent)?;
    exec::run(node(workspace, consent, "node")?.arg("screenshots.js"))
}

/// A program of `end2end`, told where the real server and the release site are.
fn node(workspace: &Workspace, consent: Consent, program: &str) -> Result<Command> {
    let mut command = in_browser(workspace, consent, program)?;
    rust::build(workspace)?;
    command
        .env("ROUTEWARDEN_BIN", workspace.server_binary(Profile::Dev))
        .env("ROUTEWARDEN_SITE_DIR", workspace.site(Profile::Release));
    Ok(command)
}

/// A program of `end2end`, with the browser and the packages it needs.
pub fn in_browser(workspace: &Workspace, consent: Consent, program: &str) -> Result<Command> {
    npm::set_up(consent)?;
    let chromium = chromium(consent)?;
    let folder = workspace.root.join("end2end");
    npm::install(&folder)?;
    let mut command = exec::clean(program);
    command.current_dir(&folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env(CHROMIUM_AT, chromium);
    Ok(command)
}

/// The browser that the caller names, or the one on the path.
fn chromium(consent: Consent) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(CHROMIUM_AT) {
        return Ok(named.into());
    }
    packages::programs(&[(CHROMIUM, CHROMIUM)], consent)?;
    exec::find(CHROMIUM).context("chromium was just installed")
}

/// Reads Playwright's JSON report. A test that passed only at a second try has failed.
fn read(report: &str) -> Result<Tally> {
    let report: serde_json::Value = serde_json::from_str(report)?;
    let count = |what: &str| report["stats"][what].as_u64().unwrap_or_default();
    Ok(Tally { passed: count("expected"), failed: count("unexpected") + count("flaky") })
}

#[cfg(test)]
mod tests {
    use super::{Tally, read};

    #[test]
    fn a_flaky_test_is_a_failed_one() {
        let report = r#"{"stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":2}}"#;
        assert_eq!(read(report).unwrap(), Tally { passed: 5, failed: 2 });
    }
}
