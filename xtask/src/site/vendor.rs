//! What others wrote for the browser: xterm.js, from npm by the lock file of `app/npm`, beside `pkg/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::npm;
use crate::packages::Consent;
use crate::workspace::Workspace;

/// The package, its file, and the name under which `public/terminal.js` fetches it.
const FILES: &[(&str, &str, &str)] = &[
    ("xterm", "lib/xterm.mjs", "xterm.mjs"),
    ("xterm", "css/xterm.css", "xterm.css"),
    ("xterm", "LICENSE", "LICENSE.txt"),
    ("addon-fit", "lib/addon-fit.mjs", "addon-fit.mjs"),
    ("addon-search", "lib/addon-search.mjs", "addon-search.mjs"),
    ("addon-unicode11", "lib/addon-unicode11.mjs", "addon-unicode11.mjs"),
    ("addon-web-links", "lib/addon-web-links.mjs", "addon-web-links.mjs"),
];
/// The line by which a debugger would ask for a file that is not here.
const MAP: &str = "//# sourceMappingURL=";
/// Where they lie in the site.
pub const FOLDER: &str = "vendor/xterm";

/// Puts the files into the site.
pub fn copy(workspace: &Workspace, consent: Consent, site: &Path) -> Result<()> {
    let from = workspace.root.join("app/npm");
    npm::set_up(consent)?;
    npm::install(&from)?;
    let to = site.join(FOLDER);
    fs::create_dir_all(&to)?;
    for (package, file, name) in FILES {
        let path = from.join("node_modules/@xterm").join(package).join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("while reading {}", path.display()))?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(MAP)).collect();
        fs::write(to.join(name), lines.join("\n"))?;
    }
    Ok(())
}
