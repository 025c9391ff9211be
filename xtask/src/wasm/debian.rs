//! The browser target from Debian's packages, for machines that cannot reach the toolchain's host.
//!
//! Debian ships the compiler and std's source, but no std for the browser: it is built once into a
//! private sysroot in the user's cache. Nothing is written beside the packages' own files.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::TARGET;
use crate::exec;
use crate::packages::{self, Consent};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const SOURCE: &str = "/usr/lib/rustlib/src/rust";
/// The empty crate that std is built for. Small rather than fast: every visitor fetches it.
const MANIFEST: &str = r#"[package]
name = "std-for-the-browser"
version = "0.0.0"
edition = "2021"

[profile.release]
opt-level = "z"

[workspace]
"#;
/// Its own library, which is no part of std.
const THROWAWAY: &str = "libstd_for_the_browser";
/// Without the bitcode, link-time optimisation cannot read what it is to optimise.
const RUSTFLAGS: &str = "-Cembed-bitcode=yes";
const BUILD: &[&str] = &[
    "build",
    "--release",
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--target",
    TARGET,
];

pub struct Sysroot {
    pub folder: PathBuf,
    linker: PathBuf,
}

impl Sysroot {
    /// Debian's cargo, compiler and linker.
    pub fn cargo(&self) -> Command {
        let mut command = exec::clean(CARGO);
        command.env("RUSTC", RUSTC).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker);
        command
    }
}

/// The sysroot of an earlier build, where everything that uses it is still there.
pub fn found() -> Result<Option<Sysroot>> {
    if !Path::new(RUSTC).exists() || !Path::new(CARGO).exists() {
        return Ok(None);
    }
    let compiler = Compiler::installed()?;
    let folder = compiler.sysroot()?;
    let is_whole = libraries(&folder).is_dir() && exec::find(&compiler.linker).is_some();
    is_whole.then(|| compiler.with(folder)).transpose()
}

pub fn set_up(consent: Consent) -> Result<Sysroot> {
    if !Path::new(RUSTC).exists() || !Path::new(SOURCE).exists() {
        packages::install(&["rustc-web", "cargo-web", "rust-web-src"], consent)?;
    }
    let compiler = Compiler::installed()?;
    packages::programs(&[(&compiler.linker, &compiler.linker)], consent)?;
    let folder = compiler.sysroot()?;
    if !libraries(&folder).is_dir() {
        build_std(&folder)?;
    }
    compiler.with(folder)
}

struct Compiler {
    /// Its version, as a folder's name.
    release: String,
    linker: String,
}

impl Compiler {
    fn installed() -> Result<Self> {
        let version = exec::output(Command::new(RUSTC).arg("-vV"))?;
        let linker = format!("lld-{}", llvm_major(&version).context("rustc -vV names its LLVM")?);
        let release = version.lines().next().unwrap_or_default().replace([' ', '(', ')'], "-");
        Ok(Self { release, linker })
    }

    /// Where its std lies, or will. Another recipe is another folder.
    fn sysroot(&self) -> Result<PathBuf> {
        Ok(cache()?.join(format!("wasm-{}-{:08x}", self.release, recipe_mark())))
    }

    fn with(self, folder: PathBuf) -> Result<Sysroot> {
        let linker = exec::find(&self.linker).with_context(|| format!("{} is missing", self.linker))?;
        Ok(Sysroot { folder, linker })
    }
}

/// Tells recipes apart, so that a std built by an older one is not taken for ours.
fn recipe_mark() -> u32 {
    let mut hasher = DefaultHasher::new();
    (MANIFEST, RUSTFLAGS, BUILD).hash(&mut hasher);
    (hasher.finish() >> 32) as u32
}

fn libraries(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

/// The major of "LLVM version: 22.1.0": the linker must match it, for the package ships none.
fn llvm_major(version: &str) -> Option<&str> {
    version.lines().find_map(|line| line.strip_prefix("LLVM version: "))?.split('.').next()
}

fn cache() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    Ok(base.or_else(home).context("HOME or XDG_CACHE_HOME must be set")?.join("routewarden"))
}

/// Builds std in an empty crate and collects its libraries. Always into fresh folders: two builds in
/// one folder give "multiple candidates for rlib dependency core".
fn build_std(folder: &Path) -> Result<()> {
    let crate_folder = folder.join("build");
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(crate_folder.join("src"))?;
    fs::write(crate_folder.join("src/lib.rs"), "#![no_std]\n")?;
    fs::write(crate_folder.join("Cargo.toml"), MANIFEST)?;
    exec::run(
        exec::clean(CARGO)
            .current_dir(&crate_folder)
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", RUSTFLAGS)
            .args(BUILD)
            .arg("--target-dir")
            .arg(crate_folder.join("target")),
    )?;
    collect(&crate_folder.join("target").join(TARGET).join("release/deps"), &libraries(folder))?;
    Ok(fs::remove_dir_all(crate_folder)?)
}

/// Copies into a folder beside, renamed when complete, so that an interrupted copy is not taken for a sysroot.
fn collect(built: &Path, libraries: &Path) -> Result<()> {
    let unfinished = libraries.with_extension("unfinished");
    fs::create_dir_all(&unfinished)?;
    for entry in fs::read_dir(built)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with(THROWAWAY) {
            fs::copy(&path, unfinished.join(&*name))?;
        }
    }
    Ok(fs::rename(unfinished, libraries)?)
}

#[cfg(test)]
mod tests {
    use super::llvm_major;

    #[test]
    fn the_linker_follows_the_compilers_llvm() {
        assert_eq!(llvm_major("rustc 1.96.0 (Debian)\nhost: x\nLLVM version: 22.1.0\n"), Some("22"));
        assert_eq!(llvm_major("rustc 1.96.0"), None);
    }
}
