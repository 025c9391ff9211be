//! Throws mutations at whatever reads what outsiders write: each target for a while, led by coverage.
//!
//! libFuzzer on the stable compiler, which needs no sanitizer to find panics: our crates have no unsafe code.
//! To add a target: `fuzz/src/lib.rs` says how.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::exec;
use crate::packages::{self, Consent};
use crate::workspace::Workspace;

/// What tells libFuzzer which branches an input took, and what `.cargo/config.toml` says for every build.
const FLAGS: &[&str] = &[
    "--cfg=erase_components",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// Longest input: a few of the longest words a router may send.
const INPUT_BYTES_MAX: u32 = 200_000;
/// An input that takes longer has found something.
const INPUT_SECONDS_MAX: u32 = 10;
const MEMORY_MB_MAX: u32 = 1024;

#[derive(clap::Args)]
pub struct Wish {
    /// Only these targets
    targets: Vec<String>,
    /// How long each
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub fn run(workspace: &Workspace, consent: Consent, wish: &Wish) -> Result<()> {
    packages::programs(&[("g++", "g++")], consent)?;
    let manifest = workspace.root.join("fuzz/Cargo.toml");
    // The versions of the program: a lock file of its own would be out of date with every new dependency.
    fs::copy(workspace.root.join("Cargo.lock"), workspace.root.join("fuzz/Cargo.lock"))?;
    let known = targets(&workspace.root.join("fuzz/fuzz_targets"))?;
    if let Some(unknown) = wish.targets.iter().find(|wanted| !known.contains(wanted)) {
        bail!("there is no target {unknown}; there are {}", known.join(", "));
    }
    let (host, place) = (host()?, workspace.target.join("fuzz"));
    // With a target named, the flags are not for build scripts.
    let mut build = workspace.cargo();
    build.args(["build", "--target", &host, "--manifest-path"]).arg(manifest);
    exec::run(build.arg("--target-dir").arg(&place).env("RUSTFLAGS", FLAGS.join(" ")))?;
    let mut failed = Vec::new();
    for target in known.iter().filter(|known| wish.targets.is_empty() || wish.targets.contains(known)) {
        println!("== {target}");
        let (corpus, found) = (place.join("corpus").join(target), place.join("found").join(target));
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&found)?;
        let mut program = exec::clean(place.join(&host).join("debug").join(target));
        program
            .arg(&corpus)
            .arg(format!("-artifact_prefix={}/", found.display()))
            .arg(format!("-max_total_time={}", wish.seconds))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
            .arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"))
            .args(["-print_final_stats=1", "-verbosity=1"])
            .env("ROUTEWARDEN_SEEDS", &corpus);
        if let Err(error) = exec::run(&mut program) {
            println!("{error:#}: what did it lies in {}", found.display());
            failed.push(target.as_str());
        }
    }
    if !failed.is_empty() {
        bail!("something was found in {}", failed.join(", "));
    }
    Ok(())
}

fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("while reading {}", folder.display()))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// What the compiler calls this machine.
fn host() -> Result<String> {
    let about = exec::output(exec::clean("rustc").arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names its host")?.to_owned())
}
