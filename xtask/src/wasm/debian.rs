//! The browser target from Debian's packages, for machines that cannot reach the toolchain's host.
//!
//! Debian ships the compiler and std's source, but no std for the browser: it is built once into a
//! private sysroot in the user's cache. Nothing is written beside the packages' own files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::TARGET;
use crate::exec;
use crate::packages::{self, Consent};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const THROWAWAY: &str = "std-for-the-browser";

pub struct Sysroot {
    pub folder: PathBuf,
    linker: String,
}

impl Sysroot {
    /// Debian's cargo, compiler and linker.
    pub fn cargo(&self) -> Command {
        let mut command = exec::clean(CARGO);
        command.env("RUSTC", RUSTC).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker);
        command
    }
}

pub fn set_up(consent: Consent) -> Result<Sysroot> {
    if !Path::new(RUSTC).exists() || !Path::new("/usr/lib/rustlib/src/rust").exists() {
        packages::install(&["rustc-web", "cargo-web", "rust-web-src"], consent)?;
    }
    let version = exec::output(Command::new(RUSTC).arg("-vV"))?;
    let linker = format!("lld-{}", llvm_major(&version).context("rustc -vV names its LLVM")?);
    packages::programs(&[(&linker, &linker)], consent)?;
    let release = version.lines().next().unwrap_or_default().replace([' ', '(', ')'], "-");
    let folder = cache()?.join(format!("wasm-{release}"));
    let libraries = folder.join("lib/rustlib").join(TARGET).join("lib");
    if !libraries.is_dir() {
        build_std(&folder, &libraries)?;
    }
    Ok(Sysroot { folder, linker: format!("/usr/bin/{linker}") })
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
fn build_std(folder: &Path, libraries: &Path) -> Result<()> {
    let crate_folder = folder.join("build");
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(crate_folder.join("src"))?;
    fs::write(crate_folder.join("src/lib.rs"), "#![no_std]\n")?;
    let manifest =
        format!("[package]\nname = \"{THROWAWAY}\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n");
    fs::write(crate_folder.join("Cargo.toml"), manifest)?;
    exec::run(
        exec::clean(CARGO)
            .current_dir(&crate_folder)
            .env("RUSTC", RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            // Without the bitcode, link-time optimisation cannot read what it is to optimise.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET])
            .arg("--target-dir")
            .arg(crate_folder.join("target")),
    )?;
    collect(&crate_folder.join("target").join(TARGET).join("release/deps"), libraries)?;
    Ok(fs::remove_dir_all(crate_folder)?)
}

/// Copies into a folder beside, renamed when complete, so that an interrupted copy is not taken for a sysroot.
fn collect(built: &Path, libraries: &Path) -> Result<()> {
    let unfinished = libraries.with_extension("unfinished");
    fs::create_dir_all(&unfinished)?;
    for entry in fs::read_dir(built)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_ours = name.starts_with(&format!("lib{}", THROWAWAY.replace('-', "_")));
        if name.ends_with(".rlib") && !is_ours {
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
