//! Builds the browser's crate and turns it into `app.js` and `app.wasm`.

mod debian;
mod prune;
mod toolchain;

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

/// Compiles the browser's crate and writes `app.js` and `app.wasm` into `folder`.
pub fn build(workspace: &Workspace, profile: Profile, consent: Consent, folder: &Path) -> Result<()> {
    let toolchain = Toolchain::set_up(consent)?;
    let compiled = compile(workspace, profile, &toolchain)?;
    bind(&compiled, profile, folder).context("while generating the bindings for the browser")
}

fn compile(workspace: &Workspace, profile: Profile, toolchain: &Toolchain) -> Result<PathBuf> {
    let target = workspace.wasm_target();
    exec::run(
        toolchain
            .cargo(&workspace.root)
            .args(["build", "-p", "frontend", "--target", TARGET, "--profile", profile.for_browser()])
            .arg("--target-dir")
            .arg(&target),
    )?;
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => profile.for_browser(),
    };
    Ok(target.join(TARGET).join(folder).join("frontend.wasm"))
}

fn bind(compiled: &Path, profile: Profile, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(NAME).typescript(false).omit_default_module_path(true);
    bindgen.web(true).map_err(|error| anyhow!("{error:#}"))?;
    let mut output = bindgen.generate_output().map_err(|error| anyhow!("{error:#}"))?;
    if profile == Profile::Release {
        eprintln!("{} functions can never be reached", prune::prune(output.wasm_mut()));
    }
    output.emit(folder).map_err(|error| anyhow!("{error:#}"))?;
    // With an output name compiled in, the page asks for `app.wasm`, not for `app_bg.wasm`.
    std::fs::rename(folder.join(format!("{NAME}_bg.wasm")), folder.join(format!("{NAME}.wasm")))?;
    Ok(())
}
