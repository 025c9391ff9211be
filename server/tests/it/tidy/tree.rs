//! The checkout as the rules see it: its own files, by path from the root.

use std::fs;
use std::path::{Path, PathBuf};

const NOT_OURS: &[&str] = &["target", "node_modules", ".git", "vendor", "test-results", "screenshots"];
const TEXT: &[&str] =
    &["rs", "css", "js", "toml", "json", "md", "html", "svg", "lock", "webmanifest", "sh", "yml", "npmrc"];

pub struct File {
    /// From the root, with `/` between folders.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }

    pub fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    /// `path:line: what` for each line that `refuses` objects to.
    pub fn refused(&self, refuses: impl Fn(&str) -> bool) -> Vec<String> {
        let numbered = self.text.lines().enumerate().filter(|(_, line)| refuses(line));
        numbered.map(|(at, line)| format!("{}:{}: {}", self.path, at + 1, line.trim())).collect()
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the server lies in the root").to_path_buf()
}

/// Every text file of ours.
pub fn files() -> Vec<File> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files);
    assert!(files.len() > 50, "the checkout was not found");
    files
}

/// Every Rust file under `folder`.
pub fn rust(folder: &str) -> Vec<File> {
    files().into_iter().filter(|file| file.is("rs") && file.path.starts_with(folder)).collect()
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder of ours can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        let path_from_root = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{path_from_root}/"), files);
        } else if is_text(&name) {
            let text = fs::read_to_string(&path).expect("a text file is UTF-8");
            files.push(File { path: path_from_root, text });
        }
    }
}

fn is_text(name: &str) -> bool {
    name == "run" || name.rsplit_once('.').is_some_and(|(_, extension)| TEXT.contains(&extension))
}

/// Fails naming every offence, not only the first.
pub fn none(offences: impl IntoIterator<Item = String>, rule: &str) {
    let offences: Vec<String> = offences.into_iter().collect();
    assert!(offences.is_empty(), "{rule}\n{}", offences.join("\n"));
}
