//! Builds the browser's crate and turns it into `app.js` and `app.wasm`.

mod debian;
mod prune;
mod split;
mod toolchain;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::exec;
use crate::packages::Consent;
use crate::workspace::{Profile, Workspace};

pub use toolchain::Toolchain;

pub const TARGET: &str = "wasm32-unknown-unknown";
/// What the pages' hydration script asks for; the same as LEPTOS_OUTPUT_NAME in `.cargo/config.toml`.
pub const NAME: &str = "app";

/// Compiles the browser's crate and writes `app.js`, `app.wasm` and the parts that are fetched later into `folder`.
pub fn build(workspace: &Workspace, profile: Profile, consent: Consent, folder: &Path) -> Result<()> {
    let toolchain = Toolchain::set_up(consent)?;
    let compiled = compile(workspace, profile, &toolchain)?;
    let mut wasm = fs::read(&compiled).with_context(|| format!("while reading {}", compiled.display()))?;
    if profile == Profile::Release {
        let (pruned, count) = prune::prune(&wasm).context("while emptying what is never reached")?;
        eprintln!("{count} functions can never be reached");
        wasm = pruned;
    }
    let script = format!("{NAME}.js");
    let work = workspace.wasm_target().join("split");
    let (main, build) =
        split::split(&wasm, &work, folder, &script).context("while taking the crate apart")?;
    bind(&main, folder).context("while generating the bindings for the browser")?;
    let mut script = OpenOptions::new().append(true).open(folder.join(script))?;
    script.write_all(split::reexport(&build).as_bytes())?;
    Ok(())
}

fn compile(workspace: &Workspace, profile: Profile, toolchain: &Toolchain) -> Result<PathBuf> {
    let target = workspace.wasm_target();
    exec::run(
        toolchain
            .cargo(&workspace.root)
            .args(["rustc", "-p", "frontend", "--lib", "--target", TARGET])
            .args(["--profile", profile.for_browser()])
            .arg("--target-dir")
            .arg(&target)
            // By relocations the splitter knows what needs what. Only the last crate is linked.
            .args(["--", "-Clink-arg=--emit-relocs"]),
    )?;
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => profile.for_browser(),
    };
    Ok(target.join(TARGET).join(folder).join("frontend.wasm"))
}

fn bind(compiled: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(NAME).typescript(false).omit_default_module_path(true);
    // The parts share the main module's stack, memory and table.
    bindgen.keep_lld_exports(true);
    bindgen.web(true).map_err(|error| anyhow!("{error:#}"))?;
    bindgen.generate(folder).map_err(|error| anyhow!("{error:#}"))?;
    // With an output name compiled in, the page asks for `app.wasm`, not for `app_bg.wasm`.
    fs::rename(folder.join(format!("{NAME}_bg.wasm")), folder.join(format!("{NAME}.wasm")))?;
    Ok(())
}
