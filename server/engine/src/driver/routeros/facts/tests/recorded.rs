//! Rows that real routers sent, read at run time from the folder that `ROUTEWARDEN_ORACLES` names.

use super::super::super::Row;
use super::super::{external_ip, health, interfaces, resource, routerboard, service, wan};
use super::{read, row};
use model::{Metrics, WanKind};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// A recording, or `None` (told on the test's output) when there are none on this machine.
fn recording(path: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("ROUTEWARDEN_ORACLES") else {
        println!("skipped: ROUTEWARDEN_ORACLES does not name a folder of recordings");
        return None;
    };
    let file = PathBuf::from(folder).join("routeros").join(path);
    Some(fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

fn json(path: &str) -> Option<Value> {
    recording(path).map(|text| serde_json::from_str(&text).unwrap())
}

/// A recorded object as the router sent it: over the wire every value is a word.
fn as_row(object: &Value) -> Row {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let words: Vec<(String, String)> =
        object.as_object().unwrap().iter().map(|(key, value)| (key.clone(), word(value))).collect();
    row(&words.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>())
}

fn as_rows(array: &Value) -> Vec<Row> {
    array.as_array().unwrap().iter().map(as_row).collect()
}

/// The rows of a command in the collection of issue threads.
fn threads(command: &str) -> Vec<Vec<Row>> {
    let Some(all) = json("issue_rows.json") else { return Vec::new() };
    let entries = all[command].as_array().unwrap();
    entries.iter().filter(|entry| entry["rows"].is_array()).map(|entry| as_rows(&entry["rows"])).collect()
}

fn napalm(test: &str, file: &str) -> Option<Value> {
    json(&format!("napalm-ros/{test}/{file}.json"))
}

/// What a terminal printed as `key: value` lines.
fn printed(text: &str) -> Row {
    let pairs: Vec<_> = text.lines().filter_map(|line| line.trim().split_once(": ")).collect();
    row(&pairs)
}

#[test]
fn recorded_resources_of_version_7_give_model_version_load_memory_and_uptime() {
    let Some([hap, chr]) = threads("/system/resource").first_chunk::<2>().cloned() else { return };
    let hap = read(resource::read, &hap);
    assert_eq!(hap.model.as_deref(), Some("hAP ac^3"));
    assert_eq!(hap.routeros_version.as_deref(), Some("7.19.1 (stable)"));
    assert_eq!(hap.uptime_s, Some(18 * 3600 + 53 * 60 + 34));
    assert_eq!((hap.cpu_percent, hap.cpu_count, hap.cpu_mhz), (Some(1.0), Some(4), Some(672)));
    assert_eq!(hap.memory_percent.map(f32::round), Some(30.0));
    let chr = read(resource::read, &chr);
    assert_eq!((chr.model.as_deref(), chr.architecture.as_deref()), (Some("CHR"), Some("x86_64")));
    assert_eq!(chr.memory_percent.map(f32::round), Some(4.0));
}

#[test]
fn recorded_routers_agree_with_what_napalm_expects_of_them() {
    let Some(expected) = napalm("test_get_facts/pc", "expected_result") else { return };
    let rows = |file| as_rows(&napalm("test_get_facts/pc", file).unwrap()["data"]);
    let mut metrics = Metrics::default();
    resource::read(&rows("_system_resource_print"), &mut metrics);
    routerboard::read(&rows("_system_routerboard_print"), &mut metrics);
    routerboard::read_identity(&rows("_system_identity_print"), &mut metrics);
    assert_eq!(metrics.routeros_version.as_deref(), expected["os_version"].as_str());
    assert_eq!(metrics.model.as_deref(), expected["model"].as_str());
    assert_eq!(metrics.uptime_s, expected["uptime"].as_u64());
    assert_eq!(metrics.identity.as_deref(), expected["hostname"].as_str());
    assert_eq!(metrics.serial, None, "a PC has no papers");
    assert_eq!(metrics.memory_percent, None);
}

#[test]
fn recorded_environment_of_a_ccr_agrees_with_what_napalm_expects_of_it() {
    const CCR: &str = "test_get_environment/CCR2004-16G-2S+";
    let Some(expected) = napalm(CCR, "expected_result") else { return };
    let rows = |file| as_rows(&napalm(CCR, file).unwrap()["data"]);
    let resource = read(resource::read, &rows("_system_resource_print"));
    let memory = &expected["memory"];
    assert_eq!(resource.memory_total_bytes, memory["available_ram"].as_u64());
    let used = memory["used_ram"].as_f64().unwrap() * 100.0 / memory["available_ram"].as_f64().unwrap();
    assert!((f64::from(resource.memory_percent.unwrap()) - used).abs() < 0.01);
    let health = read(health::read, &rows("_system_health_print"));
    let expected = &expected["temperature"]["temperature"]["temperature"];
    assert_eq!(health.temperature_celsius.map(f64::from), expected.as_f64());
    assert_eq!(health.sensors.len(), 9);
    assert_eq!(health.sensors.iter().find(|sensor| sensor.name == "psu2-state").unwrap().value, "fail");
}

#[test]
fn recorded_health_gives_temperature_and_voltage_or_nothing() {
    let [wall, switch, cap] = match threads("/system/health").first_chunk::<3>() {
        Some(recorded) => recorded.clone().map(|rows| read(health::read, &rows)),
        None => return,
    };
    assert_eq!((wall.temperature_celsius, wall.voltage_volts), (Some(57.0), Some(24.3)));
    assert_eq!((switch.temperature_celsius, switch.voltage_volts), (Some(49.0), None));
    assert_eq!(cap, Metrics::default());
}

#[test]
fn recorded_papers_give_serial_and_firmware() {
    let Some(papers) = threads("/system/routerboard").into_iter().next() else { return };
    let papers = read(routerboard::read, &papers);
    assert_eq!((papers.model.as_deref(), papers.firmware.as_deref()), (Some("750GL"), Some("6.49.6")));
    assert_eq!((papers.serial.as_deref(), papers.firmware_upgrade), (Some("0123456789AB"), None));
}

#[test]
fn terminal_prints_of_six_routers_are_read_like_their_parsed_form() {
    for n in 1..=4 {
        let path = |ending| {
            format!(
                "ntc-templates/system_resource_print/mikrotik_routeros_system_resource_print_{n}.{ending}"
            )
        };
        let (Some(raw), Some(parsed)) = (recording(&path("raw")), recording(&path("yml"))) else { return };
        let parsed = printed(&parsed.replace(['"', '-'], ""));
        let metrics = read(resource::read, &[printed(&raw)]);
        let text = |key| parsed.text(key).map(|text| text.into_owned()).filter(|text| !text.is_empty());
        assert_eq!(metrics.model.map(|model| model.replace('-', "")), text("board_name"), "{n}");
        assert_eq!(metrics.routeros_version.map(|version| version.replace('-', "")), text("version"), "{n}");
        let number = |key| {
            text(key).and_then(|text| text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok())
        };
        assert_eq!(metrics.cpu_percent, number("cpu_load").map(|load: u32| load as f32), "{n}");
        assert_eq!(metrics.cpu_mhz, number("cpu_frequency"), "{n}");
        let part = |key| text(key).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        let days = part("uptime_weeks") * 7 + part("uptime_days");
        let seconds = part("uptime_minutes") * 60 + part("uptime_seconds");
        assert_eq!(metrics.uptime_s, Some(days * 86_400 + part("uptime_hours") * 3_600 + seconds), "{n}");
        assert!(metrics.memory_percent.is_some_and(|percent| percent > 0.0 && percent < 100.0), "{n}");
    }
}

#[test]
fn recorded_interfaces_agree_with_the_counters_napalm_expects() {
    const TEST: &str = "test_get_interfaces_counters/normal";
    let Some(expected) = napalm(TEST, "expected_result") else { return };
    let rows = as_rows(&napalm(TEST, "_interface_print").unwrap()["data"]);
    let read = interfaces::read(&rows);
    assert_eq!(read.len(), expected.as_object().unwrap().len());
    for interface in read {
        let expected = &expected[interface.name.as_str()];
        assert_eq!(interface.rx_bytes, expected["rx_octets"].as_u64(), "{}", interface.name);
        assert_eq!(interface.tx_bytes, expected["tx_octets"].as_u64(), "{}", interface.name);
        assert_eq!(interface.rx_errors, expected["rx_errors"].as_u64(), "{}", interface.name);
    }
}

#[test]
fn recorded_route_of_version_6_gives_its_interface_and_kind() {
    let Some(routes) = threads("/ip/route").into_iter().next() else { return };
    let wan = wan::wan(&routes, &[], &[], &[]).unwrap();
    assert_eq!((wan.interface.as_str(), wan.gateway.as_deref()), ("first-ether", Some("1.2.3.0")));
    assert_eq!((wan.kind, wan.address), (None, None), "never the gateway");
    let clients = threads("/ip/dhcp-client").remove(0);
    let port = clients[0].text("interface").unwrap().into_owned();
    let route = row(&[("dst-address", "0.0.0.0/0"), ("active", "true"), ("gateway", &port)]);
    assert_eq!(wan::wan(&[route], &[], &clients, &[]).unwrap().kind, Some(WanKind::Dhcp));
}

/// A line of a terminal as the API would send it: the flags in front, then words that may hold blanks.
fn terse(line: &str) -> Option<Row> {
    let (flags, rest) = line.split_at(line.find("dst-address=").or_else(|| line.find("comment="))?);
    let mut pairs = vec![("active", flags.contains('A').to_string())];
    for word in rest.split(' ') {
        match (word.split_once('='), pairs.last_mut()) {
            (Some((key, value)), _) => pairs.push((key, value.to_owned())),
            (None, Some((_, value))) => *value = format!("{value} {word}"),
            (None, None) => {}
        }
    }
    Some(row(&pairs.iter().map(|(key, value)| (*key, value.as_str())).collect::<Vec<_>>()))
}

#[test]
fn recorded_terminal_routes_of_both_versions_lead_out_through_their_interface() {
    for (file, expected) in [
        ("ip_route_print_terse/mikrotik_routeros_ip_route_print_terseIPv4", "pppoe-out1"),
        ("ip_route_print_terse_without-paging/mikrotik_routeros_ip_route_print_terse_without-paging", "lte1"),
    ] {
        let Some(text) = recording(&format!("ntc-templates/{file}.raw")) else { return };
        let routes: Vec<_> = text.lines().filter_map(terse).collect();
        assert_eq!(wan::wan(&routes, &[], &[], &[]).unwrap().interface, expected, "{file}");
    }
}

#[test]
fn recorded_cloud_behind_nat_gives_the_external_address() {
    let Some(cloud) = threads("/ip/cloud").into_iter().next() else { return };
    let metrics = read(external_ip::read, &cloud);
    assert_eq!((metrics.external_ip.as_deref(), metrics.is_behind_nat), (Some("31.173.86.120"), Some(true)));
}

#[test]
fn recorded_services_give_webfig() {
    let Some(all) = json("rest/terraform_comment_rows.json") else { return };
    let services = as_rows(&all["rows"]["resource_ip_service"][0]);
    assert_eq!(service::webfig_url(&services, "192.0.2.1").as_deref(), Some("https://192.0.2.1/"));
}
