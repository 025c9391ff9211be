//! `/system/routerboard` and `/system/identity`: the hardware's own papers, and the name people gave it.

use super::super::Row;
use super::words::text;
use model::Metrics;

pub const PROPLIST: &[&str] = &["model", "serial-number", "current-firmware", "upgrade-firmware"];
pub const IDENTITY_PROPLIST: &[&str] = &["name"];

/// Takes the papers; a PC or a virtual router has none.
pub fn read(rows: &[Row], metrics: &mut Metrics) {
    let row = rows.first();
    metrics.serial = row.and_then(|row| text(row, "serial-number"));
    metrics.firmware = row.and_then(|row| text(row, "current-firmware"));
    metrics.firmware_upgrade = row
        .and_then(|row| text(row, "upgrade-firmware"))
        .filter(|upgrade| Some(upgrade) != metrics.firmware.as_ref());
    // The board's name from the resource is the one on the box; the order code is better than nothing.
    if metrics.model.is_none() {
        metrics.model = row.and_then(|row| text(row, "model"));
    }
}

/// Takes the name.
pub fn read_identity(rows: &[Row], metrics: &mut Metrics) {
    metrics.identity = rows.first().and_then(|row| text(row, "name"));
}
