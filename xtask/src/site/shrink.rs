//! Makes the release site small: `wasm-opt` and `terser`, then a brotli twin beside each file worth it.

use std::ffi::OsStr;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, anyhow};
use brotli::enc::BrotliEncoderParams;

use crate::workspace::Workspace;
use crate::{exec, npm};

/// Below this, the twin saves less than its request costs.
const WORTH_BYTES: u64 = 512;
const TEXTUAL: &[&str] =
    &["js", "mjs", "wasm", "css", "svg", "json", "webmanifest", "txt", "html", "xml", "ico"];

/// The features the compiler assumes in every browser; without them named, wasm-opt refuses its output.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-reference-types",
];

/// First for size, then for speed: the second costs no bytes on the line, and leaves fewer functions for the browser
/// to compile one by one while the page wakes up.
const LEVELS: &[&str] = &["-Oz", "-O3"];

/// Optimises script and wasm in place, with npm's tools: Debian's binaryen is too old. Where npm is missing the site
/// works as well, only larger.
pub fn code(workspace: &Workspace, package: &Path) -> Result<()> {
    if !exec::exists("npm") {
        eprintln!("warning: npm is missing, so script and wasm are not optimised for size");
        return Ok(());
    }
    let tools = workspace.root.join("xtask/npm");
    npm::install(&tools)?;
    let tool = |name: &str| exec::clean(tools.join("node_modules/.bin").join(name));
    each(files(package)?, |file| match file.extension().and_then(OsStr::to_str) {
        Some("wasm") => {
            exec::run(tool("wasm-opt").args(LEVELS).args(WASM_FEATURES).arg(file).arg("-o").arg(file))
        }
        Some("js") => {
            let how = ["--module", "--compress", "--mangle", "-o"];
            exec::run(tool("terser").arg(file).args(how).arg(file))
        }
        _ => Ok(()),
    })
}

/// Does something with every file, on every processor.
fn each(mut files: Vec<PathBuf>, work: impl Fn(&Path) -> Result<()> + Sync) -> Result<()> {
    // The largest, which are taken first, leave no processor alone at the end.
    files.sort_by_key(|file| fs::metadata(file).map_or(0, |facts| facts.len()));
    let files = Mutex::new(files);
    let next = || files.lock().ok()?.pop();
    let until_none_is_left = || {
        while let Some(file) = next() {
            work(&file)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(until_none_is_left)).collect();
        let ended =
            workers.into_iter().map(|worker| worker.join().map_err(|_| anyhow!("a thread panicked"))?);
        ended.collect()
    })
}

/// Every file of a folder and of those in it.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Writes `name.br` beside every file that shrinks.
pub fn compress(folder: &Path) -> Result<()> {
    each(files(folder)?, |path| {
        if is_worth_it(path)? {
            let small = brotli(path)?;
            fs::write(twin(path), small).with_context(|| format!("while compressing {}", path.display()))?;
        }
        Ok(())
    })
}

/// How many bytes of a built file travel to the browser.
pub fn transferred_bytes(file: &Path) -> Result<u64> {
    let twin = twin(file);
    let file = if twin.exists() { &twin } else { file };
    Ok(fs::metadata(file).with_context(|| format!("while looking for {}", file.display()))?.len())
}

fn is_worth_it(path: &Path) -> Result<bool> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    Ok(TEXTUAL.contains(&&*extension) && fs::metadata(path)?.len() >= WORTH_BYTES)
}

fn twin(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

fn brotli(path: &Path) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut fs::File::open(path)?, &mut small, &params)?;
    Ok(small)
}
