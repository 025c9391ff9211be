//! Rules for what a crate may know, read from cargo itself.

use std::process::Command;

use serde_json::Value;

use super::tree::{self, none};

/// Each crate of ours: which of ours it may name, and which of others it must not (by prefix).
const EDGES: &[(&str, &[&str], &[&str])] = &[
    ("model", &[], &["leptos", "tokio", "sea-orm", "axum", "reqwest", "socket2", "rustls"]),
    ("app", &["model"], &["tokio", "sea-orm", "axum", "reqwest", "socket2", "rustls"]),
    ("frontend", &["app"], &["tokio", "sea-orm", "axum", "reqwest", "socket2", "rustls", "serde"]),
    ("engine", &["model"], &["sea-orm", "axum", "leptos", "tower", "wasm"]),
    ("migration", &[], &["leptos", "axum"]),
    ("server", &["model", "app", "engine", "migration"], &["wasm"]),
    ("month", &["model", "engine", "server"], &["leptos", "axum", "sea-orm"]),
    ("xtask", &["model"], &["leptos", "axum", "sea-orm"]),
];

#[test]
fn each_crate_knows_only_what_the_map_allows() {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().expect("packages");
    let mut offences = Vec::new();
    for package in packages {
        let name = text(&package["name"]);
        let Some((_, ours, refused)) = EDGES.iter().find(|(known, _, _)| *known == name) else {
            offences.push(format!("{name} is not on the map"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let is_ours = dependency["path"].is_string();
            let dependency = text(&dependency["name"]);
            let is_allowed = match is_ours {
                true => ours.contains(&dependency),
                false => !refused.iter().any(|prefix| dependency.starts_with(prefix)),
            };
            if !is_allowed {
                offences.push(format!("{name} must not know {dependency}"));
            }
        }
    }
    none(offences, "ARCHITECTURE.md draws the edges");
}

#[test]
fn the_program_starts_no_more_test_binaries_than_crates() {
    let metadata = metadata(&["--no-deps"]);
    for package in metadata["packages"].as_array().expect("packages") {
        let targets = package["targets"].as_array().expect("targets");
        let tests = targets.iter().filter(|target| target["kind"][0] == "test").count();
        assert!(
            tests <= 1,
            "{}: every integration test links the whole crate; keep one binary",
            package["name"]
        );
    }
}

/// What cargo knows about the workspace, by the lock file as committed.
pub fn metadata(args: &[&str]) -> Value {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(args)
        .current_dir(tree::root())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
