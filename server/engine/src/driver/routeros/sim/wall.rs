//! The clock on the wall of a simulated router, and how each version writes it down.

use super::personality::Personality;
use chrono::DateTime;

/// 2026-11-21 12:00:00, where every clock begins.
pub(super) const WALL_MS: i64 = 1_795_262_400_000;

/// Date and time of the router's clock.
pub(super) fn date_and_time(personality: Personality, now: i64) -> (String, String) {
    let date = if personality.is_v6() { "%b/%d/%Y" } else { "%Y-%m-%d" };
    (written(now, date).to_lowercase(), written(now, "%H:%M:%S"))
}

/// The time of a line in its log: version 6 leaves out what is the same today.
pub(super) fn line_time(personality: Personality, at: i64, now: i64) -> String {
    if !personality.is_v6() {
        return written(at, "%Y-%m-%d %H:%M:%S");
    }
    let is_same = |part: &str| written(at, part) == written(now, part);
    let form = match (is_same("%Y-%m-%d"), is_same("%Y")) {
        (true, _) => "%H:%M:%S",
        (false, true) => "%b/%d %H:%M:%S",
        (false, false) => "%b/%d/%Y %H:%M:%S",
    };
    written(at, form).to_lowercase()
}

fn written(at: i64, form: &str) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().format(form).to_string()
}
