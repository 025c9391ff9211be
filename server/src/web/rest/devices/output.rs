//! A device as the interface shows it. Secrets have no field here.

use super::super::{maintenance::QuietMarkBody, rfc3339};
use engine::Facts;
use model::{Check, CheckKind, Device, Metrics, PinnedHostKey, Row, SshAccess};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct DeviceBody {
    id: i64,
    name: String,
    ip_address: String,
    device_type: &'static str,
    description: Option<String>,
    location: Option<String>,
    vendor: Option<String>,
    model: Option<String>,
    /// The port of the first TCP check.
    port: Option<u16>,
    /// The device it is reached through.
    parent_id: Option<i64>,
    tags: Vec<String>,
    enabled: bool,
    /// The uptime that is promised, in percent.
    sla_target: Option<f64>,
    checks: Vec<CheckBody>,
    routeros: Option<RouterosBody>,
    ssh: Option<SshBody>,
    /// The SSH host key that is accepted.
    host_key: Option<HostKeyBody>,
    /// `up`, `degraded`, `down`, `unknown` or `paused`.
    state: &'static str,
    since: String,
    last_checked: Option<String>,
    /// The maintenance window or the silence that runs for it.
    quiet: Option<QuietMarkBody>,
    created_at: String,
    updated_at: String,
}

/// Which device an answer is about.
#[derive(Serialize, ToSchema)]
pub struct DeviceRef {
    id: i64,
    name: String,
    ip_address: String,
}

impl DeviceRef {
    pub fn of(device: &Device) -> Self {
        Self { id: device.id.0, name: device.name.clone(), ip_address: device.address.clone() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CheckBody {
    id: i64,
    kind: &'static str,
    interval_seconds: u32,
    timeout_seconds: u32,
    #[schema(value_type = Object)]
    settings: BTreeMap<String, serde_json::Value>,
}

/// A login, without what is secret of it.
#[derive(Serialize, ToSchema)]
pub struct RouterosBody {
    set: bool,
    set_at: String,
    username: String,
    port: Option<u16>,
    tls: bool,
    /// SHA-256 of the certificate that is accepted.
    pinned: Option<String>,
}

/// An SSH login, without what is secret of it.
#[derive(Serialize, ToSchema)]
pub struct SshBody {
    set: bool,
    set_at: String,
    username: String,
    has_password: bool,
    has_private_key: bool,
    port: Option<u16>,
    legacy_algorithms: bool,
}

#[derive(Serialize, ToSchema)]
pub struct HostKeyBody {
    algorithm: String,
    fingerprint: String,
    pinned_at: String,
    pinned_by: String,
}

#[derive(Serialize, ToSchema)]
pub struct DeviceDetail {
    #[serde(flatten)]
    device: DeviceBody,
    metrics: MetricsBody,
}

/// What the device tells about itself; absent when not known.
#[derive(Default, Serialize, ToSchema)]
pub struct MetricsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_percent: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_percent: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uptime_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature_celsius: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voltage_volts: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routeros_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_available: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wan: Option<WanBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webfig_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconnects: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct WanBody {
    interface: String,
    /// `pppoe`, `lte`, `dhcp` or `static`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rx_bps: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_bps: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl DeviceBody {
    pub fn new(device: &Device, row: &Row) -> Self {
        let tcp = device.checks.iter().find(|check| check.kind == CheckKind::Tcp);
        Self {
            id: device.id.0,
            name: device.name.clone(),
            ip_address: device.address.clone(),
            device_type: device.kind.word(),
            description: device.description.clone(),
            location: device.location.clone(),
            vendor: device.vendor.clone(),
            model: device.model.clone(),
            port: tcp.and_then(|check| check.settings.get("port")).and_then(|port| port.parse().ok()),
            parent_id: device.parent.map(|parent| parent.0),
            tags: device.tags.clone(),
            enabled: device.enabled,
            sla_target: device.sla_target.map(model::SlaTarget::percent),
            checks: device.checks.iter().map(CheckBody::new).collect(),
            routeros: device.routeros.as_ref().map(|access| RouterosBody {
                set: true,
                set_at: rfc3339(access.credential.set_at),
                username: access.credential.username.clone(),
                port: access.port,
                tls: access.tls,
                pinned: access.pinned.clone(),
            }),
            ssh: device.ssh.as_ref().map(SshBody::new),
            host_key: device.host_key.as_ref().map(HostKeyBody::new),
            state: row.live.state.word(),
            since: rfc3339(row.live.since),
            last_checked: row.live.checked_at.map(rfc3339),
            quiet: row.quiet.as_ref().map(QuietMarkBody::of),
            created_at: rfc3339(device.created_at),
            updated_at: rfc3339(device.updated_at),
        }
    }
}

impl SshBody {
    fn new(access: &SshAccess) -> Self {
        Self {
            set: true,
            set_at: rfc3339(access.set_at),
            username: access.username.clone(),
            has_password: access.has_password,
            has_private_key: access.has_private_key,
            port: access.port,
            legacy_algorithms: access.has_legacy,
        }
    }
}

impl HostKeyBody {
    fn new(pinned: &PinnedHostKey) -> Self {
        Self {
            algorithm: pinned.key.algorithm.clone(),
            fingerprint: pinned.key.fingerprint.clone(),
            pinned_at: rfc3339(pinned.pinned_at),
            pinned_by: pinned.pinned_by.clone(),
        }
    }
}

impl CheckBody {
    fn new(check: &Check) -> Self {
        // Settings are text inside; a number or a switch looks like one outside.
        let value = |text: &String| match (text.parse::<u32>(), text.parse::<bool>()) {
            (Ok(number), _) => number.into(),
            (_, Ok(switch)) => switch.into(),
            _ => text.clone().into(),
        };
        Self {
            id: check.id.0,
            kind: check.kind.word(),
            interval_seconds: check.interval_s,
            timeout_seconds: check.timeout_s,
            settings: check.settings.iter().map(|(name, text)| (name.clone(), value(text))).collect(),
        }
    }
}

impl DeviceDetail {
    pub fn new(device: &Device, row: &Row, facts: Option<&Facts>) -> Self {
        let metrics = facts.map(|facts| MetricsBody::new(&facts.metrics)).unwrap_or_default();
        Self { device: DeviceBody::new(device, row), metrics }
    }
}

impl MetricsBody {
    fn new(metrics: &Metrics) -> Self {
        Self {
            cpu_percent: metrics.cpu_percent,
            memory_percent: metrics.memory_percent,
            uptime_seconds: metrics.uptime_s,
            temperature_celsius: metrics.temperature_celsius,
            voltage_volts: metrics.voltage_volts,
            model: metrics.model.clone(),
            routeros_version: metrics.routeros_version.clone(),
            update_available: metrics.update_available.clone(),
            serial: metrics.serial.clone(),
            external_ip: metrics.external_ip.clone(),
            wan: metrics.wan.as_ref().map(|wan| WanBody {
                interface: wan.interface.clone(),
                kind: wan.kind.map(model::WanKind::word),
                rx_bps: wan.rx_bps,
                tx_bps: wan.tx_bps,
                address: wan.address.clone(),
            }),
            webfig_url: metrics.webfig_url.clone(),
            reconnects: Some(metrics.reconnects),
        }
    }
}
