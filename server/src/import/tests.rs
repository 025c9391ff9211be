//! Files as people have them, wrong ones, and ones that nobody would write.

use super::*;
use crate::store::Temp;
use model::{CheckKind, Device, DeviceKind};
use proptest::prelude::*;

/// The published example of the tunnel monitor, its hosts moved to loopback.
const NINE_TUNNELS: &str = include_str!("testdata/config.json");

async fn import(temp: &Temp, text: &str) -> Report {
    read(text.as_bytes()).unwrap().apply(&temp.store, &temp.vault, false).await.unwrap()
}

async fn names(temp: &Temp) -> Vec<String> {
    temp.devices().list().await.unwrap().into_iter().map(|device| device.name).collect()
}

async fn named(temp: &Temp, name: &str) -> Device {
    temp.devices().list().await.unwrap().into_iter().find(|device| device.name == name).unwrap()
}

/// The lines of the report that were refused, without their mark.
fn refused(report: &Report) -> Vec<String> {
    let text = report.to_string();
    text.lines().filter_map(|line| line.strip_prefix("refused    ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_tunnel_monitor_s_configuration_comes_over_whole() {
    let temp = Store::open_temp().await;
    let report = import(&temp, NINE_TUNNELS).await;
    assert!(!report.is_refused(), "{report}");
    let text = report.to_string();
    assert!(text.contains("added      CIKARANG\n"), "{text}");
    assert!(text.ends_with("9 added, 0 changed, 0 unchanged\n"), "{text}");
    for word in ["fast_mode", "web_refresh_interval", "responsible_monitoring"] {
        assert!(text.contains(&format!("note       {word}: ")), "{text}");
    }
    let device = named(&temp, "SUKATANI ALL").await;
    assert_eq!((device.kind, device.address.as_str()), (DeviceKind::Tunnel, "127.0.2.133"));
    assert_eq!(device.location.as_deref(), Some("Sukatani All"));
    let [tcp, ping] = device.checks.as_slice() else { panic!("{:?}", device.checks) };
    assert_eq!((tcp.kind, tcp.settings.get("port").unwrap().as_str()), (CheckKind::Tcp, "9999"));
    assert_eq!((ping.kind, ping.settings.get("count").unwrap().as_str()), (CheckKind::Icmp, "2"));
    assert_eq!((tcp.interval_s, tcp.timeout_s, ping.interval_s), (30, 5, 30));
    let settings = temp.settings().all().await.unwrap();
    let expected = [
        ("adaptive_interval", "true"),
        ("max_concurrent_checks", "3"),
        ("monitor_interval", "30"),
        ("ping_count", "2"),
        ("rate_limit_delay", "1"),
        ("timeout", "5"),
    ];
    assert_eq!(settings, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let options = temp.settings().engine_options().await.unwrap();
    assert_eq!((options.per_host_max, options.per_host_delay.as_secs(), options.adaptive_max), (3, 1, 5));
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_another_one_only_what_differs() {
    let temp = Store::open_temp().await;
    import(&temp, NINE_TUNNELS).await;
    let before = temp.devices().list().await.unwrap();
    assert!(import(&temp, NINE_TUNNELS).await.to_string().ends_with("0 added, 0 changed, 9 unchanged\n"));
    let edited = NINE_TUNNELS.replace("16053", "16054").replace("\"Bsr\"", "\"Bekasi\"");
    let report = import(&temp, &edited).await.to_string();
    assert!(report.contains("changed    BSR: description, location, checks\n"), "{report}");
    let same = |before: &Device, after: &Device| before.name == "BSR" || before.checks == after.checks;
    let after = temp.devices().list().await.unwrap();
    assert!(before.iter().zip(&after).all(|(before, after)| same(before, after)));
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_changes_nothing() {
    let temp = Store::open_temp().await;
    let report = read(NINE_TUNNELS.as_bytes()).unwrap().apply(&temp.store, &temp.vault, true).await.unwrap();
    assert!(report.to_string().contains("dry run: 9 would be added"), "{report}");
    assert_eq!(names(&temp).await, [""; 0]);
    assert!(temp.settings().all().await.unwrap().is_empty());
}

#[tokio::test]
async fn one_refused_line_takes_everything_back_and_every_wrong_line_is_told() {
    let temp = Store::open_temp().await;
    let file = r#"{"tunnels": [
        {"name": "good", "host": "192.0.2.1", "port": 80},
        {"name": "a/b", "host": "192.0.2.1", "port": 80},
        {"name": "no port", "host": "192.0.2.1"},
        {"name": "odd", "host": "no such host!", "port": 70000, "colour": "red"},
        {"name": "good", "host": "192.0.2.2", "port": 81},
        7
    ], "settings": {"timeout": 0, "turbo": true}, "version": 3}"#;
    let report = import(&temp, file).await;
    let mut lines = refused(&report);
    lines.sort();
    let expected = [
        "settings.timeout: must be a whole number, 1 to 60",
        "settings.turbo: is not a field of this file",
        "tunnels[1] a/b: name: must not contain '/'",
        "tunnels[2] no port: port: is required",
        "tunnels[3] odd: colour: is not a field of this file",
        "tunnels[3] odd: port: must be a whole number, 1 to 65535",
        "tunnels[4] good: name: is in the list twice",
        "tunnels[5]: host: is required",
        "tunnels[5]: must be an object with named values",
        "tunnels[5]: name: is required",
        "tunnels[5]: port: is required",
        "version: is not a field of this file",
    ];
    assert_eq!(lines, expected);
    assert!(report.to_string().ends_with("8 lines were refused, so nothing was applied\n"), "{report}");
    assert_eq!(names(&temp).await, [""; 0]);
    assert!(temp.settings().all().await.unwrap().is_empty());
}

const LIST: &str = "\u{feff}name,ip_address,device_type,location,parent,tags,port,routeros_username,routeros_password\r\n\
    edge,192.0.2.1,router,Roof,core,wan|roof,,watcher,\"s3,cret\"\r\n\
    core,192.0.2.2,switch,,,,,,\r\n\
    door,192.0.2.3,tunnel,,edge,,8443,,\r\n";

#[tokio::test]
async fn a_csv_list_may_name_parents_in_any_order() {
    let temp = Store::open_temp().await;
    let report = import(&temp, LIST).await;
    assert!(report.to_string().ends_with("3 added, 0 changed, 0 unchanged\n"), "{report}");
    let (edge, core, door) =
        (named(&temp, "edge").await, named(&temp, "core").await, named(&temp, "door").await);
    assert_eq!((edge.parent, core.parent, door.parent), (Some(core.id), None, Some(edge.id)));
    assert_eq!(edge.tags, ["wan", "roof"]);
    assert_eq!(door.checks[0].settings.get("port").unwrap(), "8443");
    let login = temp.devices().login(edge.id, &temp.vault).await.unwrap().unwrap();
    assert_eq!(login.password.expose(), "s3,cret");
    assert!(import(&temp, LIST).await.to_string().ends_with("0 added, 0 changed, 3 unchanged\n"));
}

#[tokio::test]
async fn lines_are_counted_as_editors_count_them() {
    let temp = Store::open_temp().await;
    let file =
        "name,ip_address,device_type\na,192.0.2.1,\n\nb,192.0.2.1,\n\"c\nd\",192.0.2.1,\ne,192.0.2.1,\n";
    for file in [file.to_owned(), file.replace('\n', "\r\n"), format!("\u{feff}{file}")] {
        let lines = refused(&import(&temp, &file).await);
        let numbers: Vec<_> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(numbers, ["2", "4", "5", "7"], "{lines:#?}");
    }
}

#[tokio::test]
async fn csv_lines_are_refused_by_their_number() {
    let temp = Store::open_temp().await;
    let file = "name;ip_address;device_type;parent;colour\n\
        a;192.0.2.1;toaster;;\n\
        b;192.0.2.1\n\
        c;192.0.2.1;server;nobody;\n\
        d;192.0.2.1;;;\n\
        e;192.0.2.1;server;;red\n";
    let lines = refused(&import(&temp, file).await);
    let expected = [
        "line 2 a: device_type: must be one of router, switch, wifi_ap, server, firewall, tunnel",
        "line 3 b: has 2 cells where the header has 5",
        "colour: is not a column of a device list",
        "line 4 c: parent: is no device, here or in the list",
        "line 5 d: device_type: is required",
    ];
    for line in expected {
        assert!(lines.iter().any(|told| told == line), "{line} is not in {lines:#?}");
    }
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    assert_eq!(names(&temp).await, [""; 0]);
}

#[tokio::test]
async fn a_json_list_speaks_the_words_of_the_api_and_leaves_alone_what_it_leaves_out() {
    let temp = Store::open_temp().await;
    let file = r#"{"devices": [{"name": "edge", "ip_address": "192.0.2.1", "device_type": "router",
        "vendor": "MikroTik", "tags": ["wan"], "enabled": false,
        "checks": [{"kind": "icmp", "interval_seconds": 15, "settings": {"count": 3}}, {"kind": "routeros"}],
        "routeros": {"username": "watcher", "password": "s3cret", "tls": true}}]}"#;
    let report = import(&temp, file).await;
    assert!(!report.is_refused(), "{report}");
    let edge = named(&temp, "edge").await;
    assert_eq!((edge.enabled, edge.checks.len(), edge.checks[0].interval_s), (false, 2, 15));
    assert_eq!(edge.checks[0].settings.get("count").unwrap(), "3");
    let partial = r#"[{"name": "edge", "location": "Roof"}]"#;
    assert!(import(&temp, partial).await.to_string().contains("changed    edge: location\n"));
    let after = named(&temp, "edge").await;
    assert_eq!(after, Device { location: Some("Roof".to_owned()), ..edge });
    let bad = r#"[{"name": "edge", "checks": [{"kind": "smoke", "interval_seconds": 1}], "routeros": {"user": 1}}]"#;
    let lines = refused(&import(&temp, bad).await);
    let expected = [
        "devices[0] edge: checks[0].kind: must be one of icmp, tcp, routeros",
        "devices[0] edge: checks[0].interval_seconds: is not a field of this file",
        "devices[0] edge: routeros.user: is not a field of this file",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_is_no_list_at_all_is_said_in_a_line() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "neither"),
        (b"hello\nworld\n", "neither"),
        (b"{}", "neither"),
        (b"{\"tunnels\": [", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8 text (byte 0)"),
        (&[b'['; 10_000], "not valid JSON"),
    ];
    for (bytes, expected) in cases {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains('\n'), "{error}");
    }
    assert_eq!(read(&vec![b' '; FILE_BYTES_MAX + 1]).unwrap_err(), Unreadable::TooLarge);
}

#[tokio::test]
async fn a_port_brings_its_check_to_any_kind_of_device() {
    let temp = Store::open_temp().await;
    let file = "name,ip_address,device_type,port\nweb,192.0.2.1,server,443\n";
    assert!(!import(&temp, file).await.is_refused());
    let kinds = |device: &Device| device.checks.iter().map(|check| check.kind).collect::<Vec<_>>();
    let web = named(&temp, "web").await;
    assert_eq!(kinds(&web), [CheckKind::Icmp, CheckKind::Tcp]);
    assert_eq!(web.checks[1].settings.get("port").unwrap(), "443");
    assert!(import(&temp, file).await.to_string().ends_with("0 added, 0 changed, 1 unchanged\n"));
    assert!(
        import(&temp, &file.replace("443", "8443")).await.to_string().contains("changed    web: checks\n")
    );
    assert_eq!(kinds(&named(&temp, "web").await), [CheckKind::Icmp, CheckKind::Tcp, CheckKind::Tcp]);
}

#[tokio::test]
async fn half_a_login_in_a_csv_line_is_refused() {
    let temp = Store::open_temp().await;
    for cells in ["8728,", ",true"] {
        let file =
            format!("name,ip_address,device_type,routeros_port,routeros_tls\nr,192.0.2.1,router,{cells}\n");
        assert_eq!(
            refused(&import(&temp, &file).await),
            ["line 2 r: routeros_username: is required"],
            "{cells}"
        );
    }
}

#[test]
fn tunnels_that_are_no_list_are_refused() {
    for value in ["null", "\"\"", "{}", "7"] {
        let plan = read(format!("{{\"tunnels\": {value}}}").as_bytes()).unwrap();
        assert_eq!(plan.refused.len(), 1, "{value}");
    }
}

#[tokio::test]
async fn the_family_is_judged_as_it_will_be_and_not_line_by_line() {
    let temp = Store::open_temp().await;
    let list = |parents: [(&str, &str); 3]| {
        let lines = parents.map(|(name, parent)| format!("{name},192.0.2.1,switch,{parent}\n"));
        format!("name,ip_address,device_type,parent\n{}", lines.concat())
    };
    assert!(!import(&temp, &list([("a", "b"), ("b", ""), ("c", "")])).await.is_refused());
    let turned = import(&temp, &list([("b", "a"), ("a", "c"), ("c", "")])).await;
    assert!(!turned.is_refused(), "{turned}");
    let (a, b, c) = (named(&temp, "a").await, named(&temp, "b").await, named(&temp, "c").await);
    assert_eq!((b.parent, a.parent, c.parent), (Some(a.id), Some(c.id), None));
    assert!(import(&temp, &list([("b", "a"), ("a", "c"), ("c", "b")])).await.is_refused(), "a ring");
    assert_eq!(named(&temp, "a").await.parent, Some(c.id), "nothing was changed");
}

#[tokio::test]
async fn a_dry_run_waits_for_no_writer_and_makes_none_wait() {
    let temp = Store::open_temp().await;
    // Another process in the middle of a change, as the server's journal often is.
    let other = temp.again(crate::store::Origin::Server).await;
    let writing = other.hold_the_writer().await;
    let file = "name,ip_address,device_type\na,192.0.2.1,server\n";
    let dry = read(file.as_bytes()).unwrap().apply(&temp.store, &temp.vault, true);
    let told = dry.await.unwrap().to_string();
    assert!(told.contains("dry run: 1 would be added"), "{told}");
    drop(writing);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        prop::sample::select(vec![
            "tunnels",
            "settings",
            "devices",
            "name",
            "host",
            "port",
            "ip_address",
            "device_type",
            "parent",
            "tags",
            "checks",
            "kind",
            "routeros",
            "username",
            "timeout",
            "fast_mode",
            "checks[0]",
            "",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn arbitrary_json_never_panics_and_nothing_of_it_is_lost_in_silence(json in any_json()) {
        if let Ok(plan) = read(json.to_string().as_bytes()) {
            let count = |name: &str| json.get(name).and_then(Value::as_array).map(Vec::len);
            let list = ["tunnels", "devices"].into_iter().find(|name| json.get(name).is_some());
            let expected = list.map_or(json.as_array().map(Vec::len), count);
            prop_assert_eq!(plan.entries.len(), expected.unwrap_or(0));
            let is_a_list = list.is_none_or(|name| json[name].is_array());
            prop_assert!(is_a_list || !plan.refused.is_empty(), "what is no list is refused");
        }
    }

    #[test]
    fn arbitrary_csv_rows_never_panic_and_each_is_read_or_refused(rows in prop::collection::vec("[a-z0-9,;\"' |.\u{7}]{1,40}", 0..8)) {
        let text = format!("name,ip_address,device_type,tags,port,routeros_username\n{}", rows.join("\n"));
        if let Ok(plan) = read(text.as_bytes()) {
            let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
            prop_assert_eq!(plan.entries.len(), rows.len());
            for (read, row) in plan.entries.iter().zip(&rows) {
                let is_whole = row.len() == 6 && !row[0].is_empty();
                prop_assert!(is_whole || !read.errors.is_empty(), "{row:?} is refused");
                prop_assert!(!read.errors.is_empty() || read.entry.name == row[0]);
            }
        }
    }
}
