//! What the machine gives: pings, room on the disk, the time.

use super::Finding;
use crate::machine::{FREE_BYTES_MIN, FREE_BYTES_SPARE, free_bytes, in_words};
use engine::{SystemClock, Workers, driver::icmp::Pinger};
use model::Timestamp;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// 2026-01-01: no machine that runs this is older.
const BEGINNING: Timestamp = Timestamp(1_767_225_600_000);
/// 2100-01-01: nor is it that young.
const END: Timestamp = Timestamp(4_102_444_800_000);
/// How far a record may be ahead of the clock before somebody must have set it back: processes write to one
/// database from machines whose clocks agree within seconds.
const AHEAD_MS_MAX: i64 = 60_000;
/// How far the clock may stray from the passing of time while this looks.
const STRAY_MS_MAX: u64 = 500;

/// Whether pings may be sent.
pub async fn ping() -> Finding {
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    let workers = Workers::new(Arc::new(SystemClock), tracker.clone());
    let trouble = Pinger::open(&workers, &stop).trouble();
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    judge_ping(trouble.as_deref())
}

pub fn judge_ping(trouble: Option<&str>) -> Finding {
    match trouble {
        None => Finding::fine("ping", "pings may be sent"),
        // The cause comes with its remedy, in sentences.
        Some(trouble) => {
            let (seen, remedy) = trouble.split_once(". ").unwrap_or((trouble, "look at the system's log"));
            Finding::broken("ping", seen, remedy)
        }
    }
}

/// Whether there is room in the data folder.
pub fn disk(folder: &Path) -> Finding {
    // Before the first start there is no folder, but the place for it.
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    match free_bytes(there) {
        Ok(free) => judge_disk(folder, free),
        Err(error) => Finding::broken(
            "disk",
            format!("the room in {} cannot be told: {error}", folder.display()),
            "let --data-dir name a folder on a disk that works",
        ),
    }
}

pub fn judge_disk(folder: &Path, free: u64) -> Finding {
    let seen = format!("{} free in {}", in_words(free), folder.display());
    let remedy = "make room, or move the folder with --data-dir";
    match free {
        ..FREE_BYTES_MIN => Finding::broken("disk", seen, remedy),
        FREE_BYTES_MIN..FREE_BYTES_SPARE => Finding::warning("disk", seen, remedy),
        _ => Finding::fine("disk", seen),
    }
}

/// Whether the clock can be right: two looks at it and at the passing of time, and the latest record.
pub fn clock(began: (Timestamp, Instant), now: (Timestamp, Instant), latest: Option<Timestamp>) -> Finding {
    let remedy = "let the machine follow a time server: timedatectl set-ntp true";
    let at = crate::web::rest::rfc3339(now.0);
    if !(BEGINNING..END).contains(&now.0) {
        return Finding::broken("clock", format!("it is {at}, which cannot be"), remedy);
    }
    if let Some(latest) = latest.filter(|latest| latest.since_ms(now.0) > AHEAD_MS_MAX) {
        let written = crate::web::rest::rfc3339(latest);
        let seen = format!("it is {at}, and something was written down at {written}: the clock was set back");
        return Finding::broken("clock", seen, remedy);
    }
    let passed = now.1.saturating_duration_since(began.1);
    let told = Duration::from_millis(now.0.since_ms(began.0).unsigned_abs());
    let is_straying = now.0 < began.0 || told.abs_diff(passed) > Duration::from_millis(STRAY_MS_MAX);
    if is_straying {
        let seen =
            format!("{} ms went by, and the clock moved by {} ms", passed.as_millis(), now.0.0 - began.0.0);
        return Finding::warning("clock", seen, remedy);
    }
    Finding::fine("clock", at)
}
