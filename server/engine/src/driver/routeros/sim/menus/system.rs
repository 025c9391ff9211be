//! What the machine tells about itself.

use super::super::columns::Columns;
use super::super::personality::{Hardware, Personality, Version};
use super::super::traffic::unit;
use super::super::wall::date_and_time;
use super::Snapshot;
use std::time::Duration;

/// `1w2d3h4m5s`, the zero parts left out.
fn uptime(uptime: Duration) -> String {
    let mut left = uptime.as_secs();
    let mut text = String::new();
    for (unit, length) in [("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] {
        if left >= length {
            text += &format!("{}{unit}", left / length);
            left %= length;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

pub(super) fn resource(router: &Snapshot<'_>) -> Columns {
    let swing = unit(router.seed ^ (router.uptime.as_secs() / 7));
    let (total, disk) = if router.personality.is_v6() {
        (268_435_456u64, 16_777_216u64)
    } else {
        (1_073_741_824, 1_073_479_680)
    };
    let free = (total as f64 * (0.35 + 0.3 * unit(router.seed ^ 3) + 0.04 * swing)) as u64;
    let row = Columns::new()
        .with("uptime", uptime(router.uptime))
        .with("version", router.personality.version_text());
    let row = match router.personality.version {
        Version::V6_49 => row.with("build-time", "Sep/13/2023 07:36:21").with("factory-software", "6.44.6"),
        Version::V7_14 => row.with("build-time", "2024-04-17 12:47:58").with("factory-software", "7.4.1"),
        Version::V7_20 => row.with("build-time", "2025-12-04 12:00:27").with("factory-software", "7.4.1"),
    };
    let (cpu, count, mhz, architecture) = match (router.personality.hardware, router.personality.is_v6()) {
        (Hardware::Chr, _) => ("Intel(R)", 4, 2200, "x86_64"),
        (_, true) => ("MIPS 1004Kc V2.15", 4, 880, "mmips"),
        (_, false) => ("ARM64", 4, 1400, "arm64"),
    };
    let idle_percent = (3.0 + 18.0 * unit(router.seed ^ 5) + 15.0 * swing) as u32;
    let row = row
        .with("free-memory", free)
        .with("total-memory", total)
        .with("cpu", cpu)
        .with("cpu-count", count)
        .with("cpu-frequency", mhz)
        .with("cpu-load", router.busy_percent.unwrap_or(idle_percent))
        .with("free-hdd-space", disk * 6 / 10)
        .with("total-hdd-space", disk)
        .with("write-sect-since-reboot", 4096 + router.uptime.as_secs() / 60)
        .with("write-sect-total", 334_656 + router.uptime.as_secs() / 60);
    // Virtual machines have no flash that could wear out.
    let row = if router.personality.hardware == Hardware::Chr { row } else { row.with("bad-blocks", 0) };
    row.with("architecture-name", architecture)
        .with("board-name", router.personality.board())
        .with("platform", "MikroTik")
}

pub(super) fn health(router: &Snapshot<'_>) -> Vec<Columns> {
    let swing = unit(router.seed ^ (router.uptime.as_secs() / 30));
    let temperature = (36.0 + 12.0 * unit(router.seed ^ 11) + 3.0 * swing) as u32;
    let voltage = format!("{:.1}", 23.8 + 0.6 * unit(router.seed ^ 13));
    if router.personality.hardware == Hardware::Chr {
        return Vec::new();
    }
    if router.personality.is_v6() {
        return vec![Columns::new().with("voltage", voltage).with("temperature", temperature)];
    }
    let row = |id: &str, name: &str, value: &str, unit: &str| {
        Columns::new().with(".id", id).with("name", name).with("value", value).with("type", unit)
    };
    vec![
        row("*D", "voltage", &voltage, "V"),
        row("*E", "temperature", &temperature.to_string(), "C"),
        row("*11", "cpu-temperature", &(temperature + 9).to_string(), "C"),
        row("*1CE9", "psu1-state", "ok", ""),
    ]
}

pub(super) fn routerboard(router: &Snapshot<'_>) -> Columns {
    let firmware = router.personality.version_text().split(' ').next().unwrap_or_default();
    let serial = format!("HC{:010X}", router.seed.wrapping_mul(0x9e37_79b9) & 0xff_ffff_ffff);
    Columns::new()
        .with("routerboard", true)
        .with("board-name", router.personality.board())
        .with("model", router.personality.board())
        .with("serial-number", serial)
        .with("firmware-type", if router.personality.is_v6() { "mt7621L" } else { "70x0" })
        .with("factory-firmware", "6.44.6")
        .with("current-firmware", firmware)
        .with("upgrade-firmware", firmware)
}

pub(super) fn update(personality: Personality) -> Columns {
    let installed = personality.version_text().split(' ').next().unwrap_or_default();
    let is_newest = installed == personality.latest();
    Columns::new()
        .with("channel", if personality.is_v6() { "long-term" } else { "stable" })
        .with("installed-version", installed)
        .with("latest-version", personality.latest())
        .with("status", if is_newest { "System is already up to date" } else { "New version is available" })
}

pub(super) fn clock(router: &Snapshot<'_>) -> Columns {
    let (date, time) = date_and_time(router.personality, router.wall_ms);
    Columns::new()
        .with("time", time)
        .with("date", date)
        .with("time-zone-name", "UTC")
        .with("gmt-offset", "+00:00")
}

pub(super) fn services(personality: Personality) -> Vec<Columns> {
    const SERVICES: [(&str, u16, bool); 8] = [
        ("telnet", 23, false),
        ("ftp", 21, false),
        ("www", 80, true),
        ("ssh", 22, true),
        ("www-ssl", 443, false),
        ("api", 8728, true),
        ("winbox", 8291, true),
        ("api-ssl", 8729, true),
    ];
    let row = |(index, (name, port, is_enabled)): (usize, (&str, u16, bool))| {
        let row = Columns::new().with(".id", format!("*{index:X}")).with("name", name).with("port", port);
        let restriction = if personality.version == Version::V7_20 { "available-from" } else { "address" };
        let row = row.with(restriction, "").with("invalid", false).with("disabled", !is_enabled);
        if name.ends_with("-ssl") { row.with("certificate", "none") } else { row }
    };
    SERVICES.into_iter().enumerate().map(row).collect()
}
