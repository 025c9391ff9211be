//! The tunnel monitor's `config.json`: its tunnels, and those of its settings that mean something here.

use super::{Plan, Read, fields::Fields};
use crate::store::{Entry, tcp_check};
use model::{CheckDraft, CheckKind, DeviceKind, INTERVAL_S, Settings, TIMEOUT_S};
use serde_json::{Map, Value};

/// How the tunnel monitor asked its tunnels.
#[derive(Clone, Copy, Default)]
struct Pace {
    interval_s: Option<u32>,
    timeout_s: Option<u32>,
    ping_count: Option<u32>,
}

pub fn read(file: Map<String, Value>) -> Plan {
    let mut plan = Plan::default();
    let mut file = Fields::new(file);
    let pace = file.inside("settings", |settings| read_settings(settings, &mut plan)).unwrap_or_default();
    for (index, tunnel) in file.required_list("tunnels").into_iter().enumerate() {
        let mut fields = Fields::of(tunnel);
        let entry = read_tunnel(&mut fields, pace);
        plan.entries.push(Read { at: format!("tunnels[{index}]"), entry, errors: fields.finish() });
    }
    plan.refused.extend(file.finish());
    plan
}

fn read_tunnel(fields: &mut Fields, pace: Pace) -> Entry {
    let name = fields.required("name");
    let host = fields.required("host");
    let port = fields.port("port");
    if port.is_none() {
        fields.missing("port");
    }
    let timed =
        |check: CheckDraft| CheckDraft { interval_s: pace.interval_s, timeout_s: pace.timeout_s, ..check };
    let count = pace.ping_count.map(|count| ("count".to_owned(), count.to_string()));
    let ping = CheckDraft {
        kind: CheckKind::Icmp,
        interval_s: None,
        timeout_s: None,
        settings: Settings::from_iter(count),
    };
    Entry {
        name,
        kind: Some(DeviceKind::Tunnel),
        address: Some(host),
        description: fields.text("description"),
        location: fields.text("location"),
        enabled: fields.switch("enabled"),
        checks: port.map(|port| vec![timed(tcp_check(port)), timed(ping)]),
        ..Entry::default()
    }
}

fn read_settings(fields: &mut Fields, plan: &mut Plan) -> Pace {
    let mut keep = |name: &str, value: Option<u32>| {
        plan.settings.extend(value.map(|value| (name.to_owned(), value.to_string())));
        value
    };
    let pace = Pace {
        timeout_s: keep("timeout", fields.number("timeout", TIMEOUT_S)),
        ping_count: keep("ping_count", fields.number("ping_count", 1..=10)),
        interval_s: keep("monitor_interval", fields.number("monitor_interval", INTERVAL_S)),
    };
    keep("max_concurrent_checks", fields.number("max_concurrent_checks", 1..=100));
    keep("rate_limit_delay", fields.number("rate_limit_delay", 0..=60));
    if let Some(is_on) = fields.switch("adaptive_interval") {
        plan.settings.insert("adaptive_interval".to_owned(), is_on.to_string());
    }
    if fields.switch("fast_mode").is_some() {
        plan.notes.push("fast_mode: here ping always runs beside TCP, not after it".to_owned());
    }
    if fields.number("web_refresh_interval", 0..=u32::MAX).is_some() {
        plan.notes
            .push("web_refresh_interval: not needed here, pages follow every change at once".to_owned());
    }
    if fields.switch("responsible_monitoring").is_some() {
        plan.notes
            .push("responsible_monitoring: not needed here, hosts are always asked politely".to_owned());
    }
    pace
}
