//! How much is kept of what is remembered, and how long.

use super::layers::{BadConfig, Layers};
use std::collections::BTreeMap;

/// In days, lines and megabytes, from 1 on.
const NAMES: [&str; 9] = [
    "keep_samples_days",
    "keep_five_minutes_days",
    "keep_hours_days",
    "keep_logs_days",
    "logs_max_rows",
    "logs_max_rows_each",
    "recordings_keep_days",
    "recordings_quota_mb",
    "recordings_session_mb",
];

/// What is said of each, by its name.
pub(super) fn kept(layers: &Layers) -> Result<BTreeMap<String, String>, BadConfig> {
    let mut kept = BTreeMap::new();
    for name in NAMES {
        let known = |text: &str| text.parse().ok().filter(|number: &u32| *number > 0);
        if let Some(number) = layers.parse(name, "a whole number from 1 on", known)? {
            kept.insert(name.to_owned(), number.to_string());
        }
    }
    Ok(kept)
}
