//! `/system/package/update`: whether the router itself knows of a newer version. Only what it already
//! knows is read; it is never told to go and look.

use super::super::Row;
use super::words::text;
use model::Metrics;
use std::cmp::Ordering;

pub const PROPLIST: &[&str] = &["installed-version", "current-version", "latest-version"];

/// Takes the newer version, if there is one.
pub fn read(rows: &[Row], metrics: &mut Metrics) {
    metrics.update_available = rows.first().and_then(newer_version);
}

fn newer_version(row: &Row) -> Option<String> {
    let latest = text(row, "latest-version")?;
    // Before 6.33 the installed one was called the current one.
    let installed = text(row, "installed-version").or_else(|| text(row, "current-version"))?;
    // A channel may also offer something older than what was installed by hand.
    (order(&latest, &installed) == Ordering::Greater).then_some(latest)
}

/// Orders `7.14.3`, `7.15rc2`, `7.16beta4` as their makers number them.
pub fn order(a: &str, b: &str) -> Ordering {
    key(a).cmp(&key(b))
}

/// Major, minor and patch numbers, then how mature the build is, then its number.
fn key(version: &str) -> ([u32; 3], u8, u32) {
    let version = version.split_whitespace().next().unwrap_or_default();
    let stage_at = version.find(|c: char| c.is_ascii_alphabetic());
    let (numbers, stage) = version.split_at(stage_at.unwrap_or(version.len()));
    let mut parts = [0; 3];
    for (part, word) in parts.iter_mut().zip(numbers.split('.')) {
        *part = word.parse().unwrap_or(0);
    }
    let name = stage.trim_end_matches(|c: char| c.is_ascii_digit());
    let build = stage[name.len()..].parse().unwrap_or(0);
    let maturity = match name {
        "" => 3,
        "rc" => 2,
        "beta" => 1,
        _ => 0,
    };
    (parts, maturity, build)
}
