//! One style sheet out of many: imports in place, comments and idle blanks gone. Nothing else is changed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

const DEPTH_MAX: usize = 8;

/// The sheet with all it imports, in the order of the imports. No sheet at all is an empty one.
pub fn bundle(main: &Path) -> Result<String> {
    if !main.exists() {
        return Ok(String::new());
    }
    Ok(minimise(&read(main, DEPTH_MAX)?))
}

fn read(path: &Path, depth: usize) -> Result<String> {
    if depth == 0 {
        bail!("{} is imported too deeply", path.display());
    }
    let text = fs::read_to_string(path).with_context(|| format!("while reading {}", path.display()))?;
    let mut sheet = String::new();
    for line in text.lines() {
        match imported(line) {
            Some(name) => sheet.push_str(&read(&path.with_file_name(name), depth - 1)?),
            None => sheet.push_str(line),
        }
        sheet.push('\n');
    }
    Ok(sheet)
}

/// The file that a line `@import "name.css";` (or with `url(...)`) asks for.
fn imported(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("@import")?.trim().strip_suffix(';')?.trim();
    let rest = rest.strip_prefix("url(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(rest);
    let name = rest.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
    Some(name.strip_prefix("./").unwrap_or(name))
}

/// Drops comments, and blanks that no rule of the grammar needs. Strings stay as they are.
fn minimise(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            blank(&mut out);
        } else if first == '"' || first == '\'' {
            let (string, after) = rest.split_at(string_len(rest, first));
            out.push_str(string);
            rest = after;
        } else {
            push(&mut out, first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out.trim().to_owned()
}

fn push(out: &mut String, next: char) {
    if next.is_whitespace() {
        return blank(out);
    }
    if matches!(next, '{' | '}' | ';' | ',') && out.ends_with(' ') {
        out.pop();
    }
    if next == '}' && out.ends_with(';') {
        out.pop();
    }
    out.push(next);
}

/// A blank after one of these means nothing; the others may separate a descendant from its ancestor.
fn blank(out: &mut String) {
    if !out.is_empty() && !out.ends_with(['{', '}', ';', ',', ' ', ':']) {
        out.push(' ');
    }
}

/// How long the quoted string at the start of `text` is, quotes included.
fn string_len(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        if letter == quote && !is_escaped {
            return at + letter.len_utf8();
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{imported, minimise};

    #[test]
    fn blanks_and_comments_go_where_nothing_needs_them() {
        let sheet = "/* a */\n.a  .b > p ,\n#c {\n  color : red;\n  margin: 0 auto;\n}\n";
        assert_eq!(minimise(sheet), ".a .b > p,#c{color :red;margin:0 auto}");
    }

    #[test]
    fn strings_and_calculations_stay_whole() {
        let sheet = ".x::before { content: \" \\\"  /* no comment */ \"; width: calc(1px + 2px); }";
        assert_eq!(minimise(sheet), ".x::before{content:\" \\\"  /* no comment */ \";width:calc(1px + 2px)}");
    }

    #[test]
    fn an_import_names_its_file() {
        assert_eq!(imported("@import \"tokens.css\";"), Some("tokens.css"));
        assert_eq!(imported(" @import url('./parts/table.css');"), Some("parts/table.css"));
        assert_eq!(imported(".a { color: red }"), None);
    }
}
