//! `/system/resource`: what the router is, and how hard it works.

use super::super::Row;
use super::words::{bytes, decimal, parse_duration, text, whole};
use model::Metrics;
use std::time::Duration;

pub const PROPLIST: &[&str] = &[
    "uptime",
    "version",
    "board-name",
    "architecture-name",
    "cpu-count",
    "cpu-frequency",
    "cpu-load",
    "free-memory",
    "total-memory",
    "free-hdd-space",
    "total-hdd-space",
];

/// Takes every field from the row; what it lacks is unknown.
pub fn read(rows: &[Row], metrics: &mut Metrics) {
    let row = rows.first();
    let number = |key| row.and_then(|row| whole(row, key)).and_then(|number| u32::try_from(number).ok());
    let size = |key| row.and_then(|row| bytes(row, key)).filter(|size| *size > 0);
    metrics.routeros_version = row.and_then(|row| text(row, "version"));
    metrics.model = row.and_then(|row| text(row, "board-name"));
    metrics.architecture = row.and_then(|row| text(row, "architecture-name"));
    metrics.uptime_s = row.and_then(uptime).map(|uptime| uptime.as_secs());
    metrics.cpu_percent = row.and_then(cpu_percent);
    metrics.cpu_count = number("cpu-count");
    metrics.cpu_mhz = number("cpu-frequency");
    metrics.memory_total_bytes = size("total-memory");
    metrics.memory_percent =
        used_percent(row.and_then(|row| bytes(row, "free-memory")), metrics.memory_total_bytes);
    metrics.disk_total_bytes = size("total-hdd-space");
    metrics.disk_percent =
        used_percent(row.and_then(|row| bytes(row, "free-hdd-space")), metrics.disk_total_bytes);
}

/// How long the router runs.
pub fn uptime(row: &Row) -> Option<Duration> {
    parse_duration(&row.text("uptime")?)
}

/// The load over all cores.
pub fn cpu_percent(row: &Row) -> Option<f32> {
    decimal(row, "cpu-load").filter(|load| (0.0..=100.0).contains(load))
}

/// The used share of `total`; `None` when one is unknown or the two contradict each other.
fn used_percent(free: Option<u64>, total: Option<u64>) -> Option<f32> {
    let (free, total) = (free?, total?);
    let used = total.checked_sub(free)?;
    Some((used as f64 * 100.0 / total as f64) as f32)
}
