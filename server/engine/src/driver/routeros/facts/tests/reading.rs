//! Resource, health, papers, update and services, in the shapes of versions 6 and 7.

use super::super::{health, resource, routerboard, service, update};
use super::{read, row};
use std::cmp::Ordering;

#[test]
fn the_resource_row_tells_model_version_load_and_memory() {
    let metrics = read(
        resource::read,
        &[row(&[
            ("uptime", "18h53m34s"),
            ("version", "7.19.1 (stable)"),
            ("free-memory", "67108864"),
            ("total-memory", "268435456"),
            ("cpu-count", "4"),
            ("cpu-frequency", "672"),
            ("cpu-load", "11"),
            ("free-hdd-space", "33554432"),
            ("total-hdd-space", "134217728"),
            ("architecture-name", "arm"),
            ("board-name", "hAP ac^3"),
        ])],
    );
    assert_eq!(metrics.model.as_deref(), Some("hAP ac^3"));
    assert_eq!(metrics.routeros_version.as_deref(), Some("7.19.1 (stable)"));
    assert_eq!(metrics.architecture.as_deref(), Some("arm"));
    assert_eq!(metrics.uptime_s, Some(18 * 3600 + 53 * 60 + 34));
    assert_eq!((metrics.cpu_percent, metrics.cpu_count, metrics.cpu_mhz), (Some(11.0), Some(4), Some(672)));
    assert_eq!((metrics.memory_percent, metrics.memory_total_bytes), (Some(75.0), Some(268_435_456)));
    assert_eq!((metrics.disk_percent, metrics.disk_total_bytes), (Some(75.0), Some(134_217_728)));
}

#[test]
fn contradictions_of_a_router_are_unknown_and_not_nonsense() {
    let metrics = read(
        resource::read,
        &[row(&[
            ("free-memory", "200"),
            ("total-memory", "100"),
            ("cpu-load", "250"),
            ("total-hdd-space", "0"),
        ])],
    );
    assert_eq!((metrics.memory_percent, metrics.cpu_percent), (None, None));
    assert_eq!((metrics.disk_percent, metrics.disk_total_bytes), (None, None));
    assert_eq!(read(resource::read, &[]), model::Metrics::default());
}

#[test]
fn version_6_health_is_one_row_keyed_by_sensor() {
    let metrics = read(
        health::read,
        &[row(&[
            ("voltage", "24.3"),
            ("temperature", "38"),
            ("fan1-speed", "4500RPM"),
            ("psu1-state", "ok"),
        ])],
    );
    assert_eq!((metrics.temperature_celsius, metrics.voltage_volts), (Some(38.0), Some(24.3)));
    let units: Vec<_> =
        metrics.sensors.iter().map(|sensor| (sensor.name.as_str(), sensor.unit.as_str())).collect();
    assert_eq!(units, [("temperature", "C"), ("voltage", "V"), ("fan1-speed", "RPM"), ("psu1-state", "")]);
}

#[test]
fn version_7_health_is_a_row_per_sensor() {
    let sensor = |name, value, unit| row(&[("name", name), ("value", value), ("type", unit)]);
    let metrics = read(
        health::read,
        &[
            sensor("sfp-temperature", "71", "C"),
            sensor("cpu-temperature", "49", "C"),
            sensor("fan-state", "ok", ""),
            sensor("psu1-voltage", "0", "V"),
            sensor("psu2-voltage", "12.1", "V"),
        ],
    );
    assert_eq!(metrics.temperature_celsius, Some(49.0), "a hot module is not a hot router");
    assert_eq!(metrics.voltage_volts, Some(12.1), "an input without a plug is not the supply");
    assert_eq!(metrics.sensors.len(), 5);
    assert_eq!(metrics.sensors[2].value, "ok");
}

#[test]
fn a_router_with_a_thousand_sensors_is_cut_short() {
    let rows: Vec<_> =
        (0..1000).map(|n| row(&[("name", &format!("s{n}")), ("value", "1"), ("type", "C")])).collect();
    assert_eq!(read(health::read, &rows).sensors.len(), 64);
}

#[test]
fn a_firmware_upgrade_is_told_only_when_it_differs() {
    let papers = |current, upgrade| {
        let row = row(&[
            ("model", "RBD53iG"),
            ("serial-number", "A1"),
            ("current-firmware", current),
            ("upgrade-firmware", upgrade),
        ]);
        read(routerboard::read, &[row])
    };
    assert_eq!(papers("7.2.3", "7.5").firmware_upgrade.as_deref(), Some("7.5"));
    assert_eq!(papers("7.5", "7.5").firmware_upgrade, None);
    assert_eq!(papers("7.5", "7.5").serial.as_deref(), Some("A1"));
    assert_eq!(read(routerboard::read, &[row(&[("routerboard", "false")])]), model::Metrics::default());
}

#[test]
fn an_update_is_told_only_when_the_router_knows_a_newer_one() {
    let newer = |key, installed, latest: &str| {
        read(update::read, &[row(&[(key, installed), ("latest-version", latest)])]).update_available
    };
    assert_eq!(newer("installed-version", "7.14.3", "7.19.1").as_deref(), Some("7.19.1"));
    assert_eq!(newer("current-version", "6.32", "6.49.6").as_deref(), Some("6.49.6"));
    assert_eq!(newer("installed-version", "7.19.1", "7.19.1"), None);
    assert_eq!(newer("installed-version", "7.20beta3", "7.19.4"), None);
    assert_eq!(newer("installed-version", "7.19.1", ""), None);
}

#[test]
fn versions_are_ordered_as_their_makers_number_them() {
    let ascending = ["6.49.6", "7.1beta4", "7.1rc1", "7.1", "7.9.2", "7.10", "7.10.1 (stable)"];
    for pair in ascending.windows(2) {
        assert_eq!(update::order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
    }
    assert_eq!(update::order("7.10", "7.10 (stable)"), Ordering::Equal);
    let _ = update::order("", "x.99999999999999999999.beta99999999999");
}

fn check_webfig(services: &[&[(&str, &str)]], expected: Option<&str>) {
    let rows: Vec<_> = services.iter().map(|pairs| row(pairs)).collect();
    assert_eq!(service::webfig_url(&rows, "192.0.2.1").as_deref(), expected, "{services:?}");
}

#[test]
fn webfig_is_told_only_where_it_listens() {
    let www = [("name", "www"), ("port", "80"), ("disabled", "false")];
    let www_off = [("name", "www"), ("port", "80"), ("disabled", "true")];
    let moved = [("name", "www"), ("port", "8080"), ("disabled", "false")];
    let bare = [("name", "www-ssl"), ("port", "443"), ("disabled", "false"), ("certificate", "none")];
    let secure = [("name", "www-ssl"), ("port", "8443"), ("disabled", "false"), ("certificate", "web")];
    check_webfig(&[&www], Some("http://192.0.2.1/"));
    check_webfig(&[&moved], Some("http://192.0.2.1:8080/"));
    check_webfig(&[&www_off], None);
    check_webfig(&[&www_off, &bare], Some("https://192.0.2.1/"));
    check_webfig(&[&www, &bare], Some("http://192.0.2.1/"));
    check_webfig(&[&www, &secure], Some("https://192.0.2.1:8443/"));
    check_webfig(&[&[("name", "api"), ("port", "8728")]], None);
    check_webfig(&[&[("name", "www"), ("port", "70000")]], None);
    check_webfig(&[], None);
}

#[test]
fn live_sessions_and_dynamic_listeners_of_7_24_are_not_the_service() {
    let off = [("name", "www"), ("port", "80"), ("disabled", "true")];
    let session = [("name", "www"), ("port", "80"), ("connection", "true"), ("remote", "192.0.2.9")];
    let listener = [("name", "www"), ("port", "80"), ("dynamic", "true")];
    check_webfig(&[&session, &listener, &off], None);
}

#[test]
fn a_host_of_ip_version_6_is_bracketed() {
    let rows = [row(&[("name", "www"), ("port", "80")])];
    assert_eq!(service::webfig_url(&rows, "2001:db8::1").as_deref(), Some("http://[2001:db8::1]/"));
    assert_eq!(service::webfig_url(&rows, "r1.example.net").as_deref(), Some("http://r1.example.net/"));
}
