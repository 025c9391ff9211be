//! What is kept of what is written.

use super::*;
use engine::SystemClock;
use model::ServerLogLevel;
use std::fmt;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt as _;

/// A log of what this thread writes.
fn listen(filter: &str) -> (OwnLog, DefaultGuard) {
    let (log, layer) = OwnLog::open(EnvFilter::new(filter), filter, Arc::new(SystemClock));
    (log, tracing::subscriber::set_default(tracing_subscriber::registry().with(layer)))
}

fn messages(log: &OwnLog) -> Vec<String> {
    log.last(&ServerLogWish::default(), 100).iter().map(|line| line.message.clone()).collect()
}

#[test]
fn a_line_is_kept_with_its_level_part_fields_and_spans() {
    let (log, _guard) = listen("trace");
    let _span = tracing::info_span!("round", device = 7).entered();
    tracing::warn!(count = 3, who = "ani", error = %"disk full", "not written");
    let lines = log.last(&ServerLogWish::default(), 10);
    let line = lines.first().unwrap();
    assert_eq!((line.seq, line.level, line.message.as_str()), (1, ServerLogLevel::Warn, "not written"));
    assert_eq!(line.target, "server::own_log::tests");
    assert_eq!(line.details(), "count=3 who=ani error=disk full");
    assert_eq!(line.spans, ["round"]);
    assert_eq!(log.follow().borrow().newest, 1);
}

#[test]
fn below_info_only_our_own_parts_are_kept() {
    let (log, _guard) = listen("trace");
    tracing::trace!(target: "tungstenite::protocol", "a ticket");
    tracing::debug!(target: "russh::client", "a password");
    tracing::debug!(target: "servers", "not ours");
    tracing::info!(target: "sqlx", "connected");
    tracing::trace!(target: "engine::schedule", "due");
    assert_eq!(messages(&log), ["connected", "due"]);
}

#[test]
fn no_filter_makes_the_ssh_library_talk() {
    for filter in ["trace", "russh=trace", "info,russh::client=trace,russh_keys=debug", "[round]=trace"] {
        let (log, _guard) = listen(filter);
        let _span = tracing::info_span!(target: "server", "round").entered();
        tracing::trace!(target: "russh::client", "what travels");
        tracing::warn!(target: "russh::client", "what a device wrote");
        tracing::info!(target: "russh_keys::agent", "what a device wrote");
        tracing::error!(target: "russh::client", "a fault");
        // The last one only where the filter says so.
        assert!(messages(&log).iter().all(|message| message == "a fault"), "{filter}");
    }
}

#[test]
fn nothing_in_a_line_moves_the_cursor_or_begins_another_line() {
    let (log, _guard) = listen("info");
    tracing::info!(name = "a\u{202e}b", "one\r\nERROR two\u{1b}[2J\u{7f}\u{9b}\u{2028}");
    let lines = log.last(&ServerLogWish::default(), 10);
    let line = lines.first().unwrap();
    assert_eq!(line.message, "one\\r\\nERROR two\\u{1b}[2J\\u{7f}\\u{9b}\\u{2028}");
    assert_eq!(line.details(), "name=a\\u{202e}b");
}

#[test]
fn a_line_without_end_is_cut_and_says_so() {
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("дальше ")?;
            }
        }
    }
    let (log, _guard) = listen("info");
    tracing::info!(after = "it", "{Endless}");
    let lines = log.last(&ServerLogWish::default(), 10);
    let line = lines.first().unwrap();
    assert!(line.message.len() < 5_000 && line.message.ends_with('…'), "{}", line.message.len());
    assert_eq!(line.details(), "after=…");
}

#[test]
fn the_filter_is_another_from_one_line_to_the_next_and_those_who_wait_hear_of_it() {
    let (log, guard) = listen("warn");
    tracing::info!("one");
    let marks = log.follow();
    assert!(log.set_filter(read_filter("info").unwrap()));
    tracing::info!("two");
    assert!(log.set_filter(read_filter("error").unwrap()));
    tracing::info!("three");
    assert_eq!(messages(&log), ["two"]);
    assert_eq!(log.filter(), LogFilter { now: "error".into(), at_start: "warn".into() });
    assert_eq!(*marks.borrow(), Mark { newest: 1, filters: 2 });
    drop(guard);
    assert!(!log.set_filter(read_filter("info").unwrap()), "nobody writes it any more");
    assert_eq!(log.filter().now, "error");
}

#[test]
fn the_last_lines_that_fit_are_found() {
    let (log, _guard) = listen("info");
    for number in 0..50 {
        tracing::info!(number, "seen");
        tracing::error!(number, "lost");
    }
    let wish = ServerLogWish { least: ServerLogLevel::Error, text: "number=4".to_owned() };
    let found: Vec<_> = log.last(&wish, 3).iter().map(|line| line.details()).collect();
    assert_eq!(found, ["number=47", "number=48", "number=49"]);
}
