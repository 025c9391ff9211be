//! Rules for what we take from others: crates by lock file and licence, npm packages by lock file.

use std::collections::BTreeSet;

use super::crates::metadata;
use super::tree::{self, none};

/// One TLS stack, in Rust: no C library that every machine has in another version.
const REFUSED: &[&str] = &["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"];

/// Licences that go with AGPL-3.0-only; `deny.toml` repeats them for those who have cargo-deny.
const LICENCES: &[&str] = &[
    "0BSD",
    "AGPL-3.0-only",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn one_tls_stack_is_locked() {
    let lock = std::fs::read_to_string(tree::root().join("Cargo.lock")).expect("the lock file is committed");
    let names: BTreeSet<&str> = lock.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    let offences = REFUSED.iter().filter(|name| names.contains(format!("\"{name}\"").as_str()));
    none(offences.map(|name| (*name).to_owned()), "rustls with ring is the one TLS stack");
}

#[test]
fn every_licence_is_one_we_may_ship() {
    let mut offences = Vec::new();
    for package in
        metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"])["packages"].as_array().expect("packages")
    {
        let licence = package["license"].as_str().unwrap_or("none named");
        if !is_allowed(licence) {
            offences.push(format!("{}: {licence}", package["name"]));
        }
    }
    none(offences, "add a licence to the list only when it fits AGPL-3.0-only");
}

/// Every part joined by AND must offer one licence of the list.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" AND ").all(|part| part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim())))
}

#[test]
fn the_npm_locks_name_no_place_to_fetch_from() {
    let mut offences = Vec::new();
    let mut locks = 0;
    for file in tree::files().into_iter().filter(|file| file.path.ends_with("package-lock.json")) {
        locks += 1;
        offences.extend(file.refused(|line| line.trim_start().starts_with("\"resolved\"")));
        let npmrc = tree::root().join(&file.path).with_file_name(".npmrc");
        let settings = std::fs::read_to_string(npmrc).unwrap_or_default();
        if !settings.contains("omit-lockfile-registry-resolved=true") {
            offences.push(format!("{}: no .npmrc beside it that keeps it so", file.path));
        }
    }
    assert!(locks >= 2, "the lock files were not found");
    none(offences, "a lock file names versions and checksums only");
}

#[test]
fn an_expression_is_allowed_when_each_part_offers_a_known_licence() {
    for fine in ["MIT", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "GPL-2.0 OR MIT"] {
        assert!(is_allowed(fine), "{fine}");
    }
    for wrong in ["GPL-2.0", "MIT AND GPL-2.0", "none named", ""] {
        assert!(!is_allowed(wrong), "{wrong}");
    }
}
