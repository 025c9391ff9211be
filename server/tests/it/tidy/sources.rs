//! Rules for what is written in files.

use super::tree::{self, none};

const LINES_MAX: usize = 500;
/// Files over the limit, each with its length. The list may only shrink: when a file shrinks, so does its entry.
const LONG: &[(&str, usize)] = &[];

const SSR_MAX: usize = 6;

#[test]
fn no_file_is_longer_than_one_reading_holds() {
    let mut offences = Vec::new();
    for file in tree::files().iter().filter(|file| ["rs", "css", "js"].iter().any(|kind| file.is(kind))) {
        let allowed = LONG.iter().find(|(path, _)| *path == file.path).map(|(_, lines)| *lines);
        match allowed {
            None if file.lines() > LINES_MAX => {
                offences.push(format!("{}: {} lines", file.path, file.lines()))
            }
            Some(lines) if file.lines() != lines => {
                offences.push(format!("{}: {} lines, {lines} in the list", file.path, file.lines()));
            }
            _ => {}
        }
    }
    none(offences, "split by meaning, or shrink the entry");
}

#[test]
fn pages_hardly_ask_which_side_they_run_on() {
    let gate = concat!("cfg(feature = \"", "ssr\")");
    let found: Vec<String> =
        tree::rust("app/src").iter().flat_map(|file| file.refused(|line| line.contains(gate))).collect();
    assert!(found.len() <= SSR_MAX, "at most {SSR_MAX} gates on ssr:\n{}", found.join("\n"));
}

#[test]
fn only_the_store_names_the_orm() {
    let elsewhere = |path: &str| !path.starts_with("server/src/store/") && !path.starts_with("migration/");
    let orm = concat!("sea", "_orm");
    let offences = tree::rust("")
        .into_iter()
        .filter(|file| elsewhere(&file.path))
        .flat_map(|file| file.refused(|line| line.contains(orm) && !line.trim_start().starts_with("//")));
    none(offences, "rows are the store's own business");
}

#[test]
fn long_lived_tasks_start_in_one_place() {
    let spawns = [concat!("tokio::", "spawn("), concat!("task::", "spawn("), concat!("thread::", "spawn(")];
    let elsewhere = |path: &str| !path.contains("/supervise") && !path.starts_with("xtask/");
    let offences = tree::rust("")
        .into_iter()
        .filter(|file| elsewhere(&file.path))
        .flat_map(|file| file.refused(|line| spawns.iter().any(|spawn| line.contains(spawn))));
    none(offences, "a task is started by supervise.rs, or in a JoinSet or TaskTracker that is owned");
}

#[test]
fn every_module_says_what_it_is_for() {
    let offences = tree::rust("").into_iter().filter(|file| !file.text.trim_start().starts_with("//!"));
    none(offences.map(|file| file.path.clone()), "a file opens with //! and what it is for");
}

#[test]
fn no_test_is_switched_off() {
    let words = [
        concat!("#[", "ignore"),
        concat!("waitFor", "Timeout"),
        concat!("test.", "skip"),
        concat!("test.", "only"),
    ];
    let offences = tree::files()
        .into_iter()
        .filter(|file| file.is("rs") || file.is("js"))
        .flat_map(|file| file.refused(|line| words.iter().any(|word| line.contains(word))));
    none(offences, "a test runs");
}

/// Files that wait without pausing the clock themselves. The first asks a running program again and again for
/// what must happen; the others are what takes its time in tests that have paused the clock elsewhere.
const PATIENT: &[&str] = &[
    "server/tests/it/fixture/mod.rs",
    "server/engine/src/schedule/tests/world.rs",
    "server/engine/tests/hostile/scene.rs",
    "server/engine/tests/hostile/cases/doors.rs",
    "server/engine/tests/hostile/cases/replies.rs",
    // Other people's servers say nowhere that they listen.
    "server/tests/it/terminal/peers.rs",
];

#[test]
fn no_test_sleeps_unless_its_clock_is_paused() {
    let files = tree::rust("");
    let words = [
        concat!("time::", "sleep("),
        concat!("thread::", "sleep("),
        concat!(" ", "sleep("),
        concat!("(", "sleep("),
    ];
    let paused = concat!("start_", "paused");
    let of_tests =
        files.iter().filter(|file| file.path.contains("/tests/") || file.path.ends_with("/tests.rs"));
    let mut offences = Vec::new();
    let mut patient = Vec::new();
    for file in of_tests.filter(|file| !file.text.contains(paused)) {
        let sleeps = file.refused(|line| words.iter().any(|word| line.contains(word)));
        if !PATIENT.contains(&file.path.as_str()) {
            offences.extend(sleeps);
        } else if !sleeps.is_empty() {
            patient.push(file.path.as_str());
        }
    }
    let idle = PATIENT.iter().filter(|path| !patient.contains(path));
    offences.extend(idle.map(|path| format!("{path}: it has no need to be in the list")));
    none(offences, "a test pauses the clock, or waits for the event itself");
}

#[test]
fn no_form_puts_what_was_typed_into_an_address() {
    let form = concat!("<", "form ");
    // What is searched for stands in the address anyway.
    let is_fine =
        |line: &str| line.contains("method=\"post\"") || line.contains("role=\"search\" method=\"get\"");
    let offences = tree::rust("app/src")
        .into_iter()
        .flat_map(|file| file.refused(|line| line.contains(form) && !is_fine(line)));
    none(offences, "a browser that submits by itself, before the page is awake, must not use GET");
}

#[test]
fn nothing_names_this_machine_or_a_registry() {
    let places = [concat!("/", "tmp/"), concat!("/", "work/"), concat!("/", "root/"), concat!("/", "home/")];
    let hosts = [
        concat!("registry.npm", "js.org"),
        concat!("index.crates", ".io"),
        concat!("files.python", "hosted.org"),
        concat!("deb.debian", ".org"),
    ];
    let names_place = |line: &str| {
        places
            .iter()
            .any(|place| line.split(place).skip(1).any(|rest| rest.starts_with(char::is_alphanumeric)))
    };
    let offences = tree::files().into_iter().flat_map(|file| {
        file.refused(|line| names_place(line) || hosts.iter().any(|host| line.contains(host)))
    });
    none(offences, "the tree must fit any machine");
}
