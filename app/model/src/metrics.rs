//! What a router tells about itself. Every field is optional: a missing permission or an
//! unknown command costs that field, never the device.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// How a router reaches the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WanKind {
    Pppoe,
    Lte,
    Dhcp,
    Static,
}

impl WanKind {
    /// The word of the API and of the screen.
    pub fn word(self) -> &'static str {
        match self {
            WanKind::Pppoe => "pppoe",
            WanKind::Lte => "lte",
            WanKind::Dhcp => "dhcp",
            WanKind::Static => "static",
        }
    }
}

/// The interface of the active default route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wan {
    pub interface: String,
    pub kind: Option<WanKind>,
    /// The interface's own address, without its prefix length.
    pub address: Option<String>,
    pub gateway: Option<String>,
    pub rx_bps: Option<u64>,
    pub tx_bps: Option<u64>,
}

/// One reading of `/system/health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensor {
    pub name: String,
    /// As the router wrote it: a number, or a word such as `ok`.
    pub value: String,
    /// `C`, `V`, `RPM`, `W`, `A`, or empty.
    pub unit: String,
}

/// One interface, with rates over the measured interval.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interface {
    pub name: String,
    /// RouterOS's word: `ether`, `bridge`, `vlan`, `pppoe-out`, `wlan`, …
    pub kind: String,
    pub comment: Option<String>,
    pub mac: Option<String>,
    pub mtu: Option<u32>,
    pub is_running: bool,
    pub is_disabled: bool,
    pub rx_bytes: Option<u64>,
    pub tx_bytes: Option<u64>,
    pub rx_bps: Option<u64>,
    pub tx_bps: Option<u64>,
    pub rx_errors: Option<u64>,
    pub tx_errors: Option<u64>,
    pub link_downs: Option<u64>,
}

/// A feature that this router does not give us, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// A locale key: `feature_health`, `feature_wan`, …
    pub feature: String,
    /// The command that was refused, such as `/system/health/print`.
    pub command: String,
    /// The router's own words.
    pub why: String,
    /// The policy that would give it, such as `policy`, when that is the reason.
    pub policy: Option<String>,
}

/// The end of a session with a router, or attempts to open one that failed alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The last time.
    pub at: Timestamp,
    pub times: u32,
    pub reason: String,
}

/// The facts of one router, gathered over fast and slow rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metrics {
    pub identity: Option<String>,
    pub model: Option<String>,
    pub routeros_version: Option<String>,
    /// The newer version, when the router itself says there is one.
    pub update_available: Option<String>,
    pub serial: Option<String>,
    pub architecture: Option<String>,
    pub firmware: Option<String>,
    pub firmware_upgrade: Option<String>,
    pub cpu_percent: Option<f32>,
    pub cpu_count: Option<u32>,
    pub cpu_mhz: Option<u32>,
    pub memory_percent: Option<f32>,
    pub memory_total_bytes: Option<u64>,
    pub disk_percent: Option<f32>,
    pub disk_total_bytes: Option<u64>,
    pub uptime_s: Option<u64>,
    pub temperature_celsius: Option<f32>,
    pub voltage_volts: Option<f32>,
    pub sensors: Vec<Sensor>,
    pub wan: Option<Wan>,
    pub external_ip: Option<String>,
    /// The WAN address is private or carrier-grade NAT space: the world sees another one.
    pub is_behind_nat: Option<bool>,
    pub webfig_url: Option<String>,
    /// Sessions lost since the device was added.
    pub reconnects: u64,
    /// Why sessions ended and attempts failed lately, the latest first.
    pub endings: Vec<Ending>,
    /// Round trips of commands and bytes read in the last fast round: what our polling costs.
    pub poll_commands: Option<u32>,
    pub poll_bytes: Option<u64>,
    pub poll_ms: Option<u32>,
    pub missing: Vec<Missing>,
}

/// What a least-privilege login lets us see, feature by feature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// The router answered and accepted the login.
    pub is_connected: bool,
    /// Why not, in words for people.
    pub error: Option<String>,
    /// SHA-256 of the certificate seen, lower-case hex, with TLS.
    pub fingerprint: Option<String>,
    pub identity: Option<String>,
    pub model: Option<String>,
    pub routeros_version: Option<String>,
    /// Locale keys of the features that work.
    pub available: Vec<String>,
    pub missing: Vec<Missing>,
}
