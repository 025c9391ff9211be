//! Tells the program where the browser's files are built, and makes sure that the folder exists.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=SITE_DIR");
    let site = match env::var_os("SITE_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => workspace().join("target/site"),
    };
    fs::create_dir_all(&site)?;
    println!("cargo:rustc-env=SITE_DIR={}", site.display());
    // Only a release embeds the files; a debug build reads them from the folder when asked.
    if env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:rerun-if-changed={}", site.display());
    }
    Ok(())
}

fn workspace() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    here.parent().map(PathBuf::from).unwrap_or(here)
}
