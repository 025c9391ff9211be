//! Takes the compiled crate apart: what every page needs, and parts that only some pages need.
//!
//! The parts lie in a folder named after the build. A part fits the main module it was cut from and no other: a page
//! of an older build must find nothing, not the wrong thing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

/// The script that fetches parts.
const LOADER: &str = "parts.js";
/// What the loader gets beside what the splitter writes. The browser begins to fetch what a page will need. And a part
/// that does not come is no error yet: who wanted it says so, and a page that is being left wants it no more.
const BESIDE: &str = "
const console = { error: (why) => globalThis.console.warn(why) };
export const ahead = (name) => {
  for (const file of FILES[name] ?? []) {
    const href = new URL(`./${file}.wasm`, import.meta.url);
    const facts = { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href };
    document.head.append(Object.assign(document.createElement('link'), facts));
  }
};
";

/// Cuts `wasm` up: the parts go into a folder of `package`, whose main script is `script`. Answers where the main
/// module is, which wasm-bindgen goes on with, and the name of that folder.
pub fn split(wasm: &[u8], work: &Path, package: &Path, script: &str) -> Result<(PathBuf, String)> {
    let build = name(wasm);
    let folder = package.join(&build);
    fs::create_dir_all(&folder)?;
    fs::create_dir_all(work)?;
    let main = work.join("main.wasm");
    // As the scripts see each other.
    let (link, script) = (format!("./{build}/{LOADER}"), format!("../{script}"));
    let mut options = Options::new(wasm);
    options.output_dir = package;
    options.main_out_path = &main;
    options.link_name = &link;
    options.main_module = &script;
    let made = transform(options).map_err(|error| anyhow!("{error:#}"))?;
    for part in &made.split_modules {
        fs::rename(part, folder.join(part.file_name().context("a part is a file")?))?;
    }
    let loader = folder.join(LOADER);
    let mut text = fs::read_to_string(&loader)?;
    // Sorted, so that the same crate makes the same script.
    let files: BTreeMap<_, _> = made.prefetch_map.into_iter().collect();
    write!(text, "const FILES = {};{BESIDE}", serde_json::to_string(&files)?)?;
    fs::write(&loader, text)?;
    Ok((main, build))
}

/// The line of the main script by which the page reaches `ahead`.
pub fn reexport(build: &str) -> String {
    format!("export {{ ahead }} from './{build}/{LOADER}';\n")
}

/// A name that another build has not.
fn name(wasm: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    wasm.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
