//! The WAN and the external address.

use super::super::super::Row;
use super::super::{external_ip, wan};
use super::row;
use model::{Interface, Metrics, Wan, WanKind};

const DEFAULT: (&str, &str) = ("dst-address", "0.0.0.0/0");
const ACTIVE: (&str, &str) = ("active", "true");

fn interfaces() -> Vec<Interface> {
    let one =
        |name: &str, kind: &str| Interface { name: name.into(), kind: kind.into(), ..Interface::default() };
    vec![
        one("ether1", "ether"),
        one("pppoe-out1", "pppoe-out"),
        one("lte1", "lte"),
        one("l2tp-out1", "l2tp-out"),
    ]
}

fn way_out(routes: &[Row], addresses: &[Row], dhcp: &[Row]) -> Option<Wan> {
    wan::wan(routes, addresses, dhcp, &interfaces())
}

fn check_interface(route: &[(&str, &str)], expected: Option<(&str, Option<&str>)>) {
    let pairs: Vec<_> = [DEFAULT, ACTIVE].iter().chain(route).copied().collect();
    let found = way_out(&[row(&pairs)], &[], &[]);
    let found = found.as_ref().map(|wan| (wan.interface.as_str(), wan.gateway.as_deref()));
    assert_eq!(found, expected, "{route:?}");
}

#[test]
fn version_6_hides_the_interface_in_the_gateway_status() {
    let status = |text| [("gateway", "198.51.100.1"), ("gateway-status", text)];
    let gateway = Some("198.51.100.1");
    check_interface(&status("198.51.100.1 reachable via  ether1"), Some(("ether1", gateway)));
    check_interface(&status("198.51.100.1 reachable via  my wan port"), Some(("my wan port", gateway)));
    check_interface(&status("198.51.100.1 recursive via 10.152.1.230 ether5"), Some(("ether5", gateway)));
    check_interface(
        &status("198.51.100.1 unreachable,198.51.100.2 reachable via  ether2"),
        Some(("ether2", gateway)),
    );
    check_interface(&status("198.51.100.1 unreachable"), None);
    check_interface(
        &[("gateway", "pppoe-out1"), ("gateway-status", "pppoe-out1 reachable")],
        Some(("pppoe-out1", None)),
    );
}

#[test]
fn version_7_names_it_in_the_immediate_gateway() {
    let immediate = |word| [("gateway", "198.51.100.1"), ("immediate-gw", word)];
    let gateway = Some("198.51.100.1");
    check_interface(&immediate("198.51.100.1%ether1"), Some(("ether1", gateway)));
    check_interface(&immediate("198.51.100.1%ether1,198.51.100.2%ether2"), Some(("ether1", gateway)));
    check_interface(&[("gateway", "pppoe-out1"), ("immediate-gw", "pppoe-out1")], Some(("pppoe-out1", None)));
    check_interface(&[("gateway", "pppoe-out1")], Some(("pppoe-out1", None)));
    check_interface(&[("gateway", "198.51.100.1%ether1"), ("immediate-gw", "")], None);
    check_interface(&[("gateway", "198.51.100.1"), ("vrf-interface", "lte1")], Some(("lte1", gateway)));
    check_interface(&[("type", "blackhole")], None);
}

#[test]
fn the_active_route_of_the_main_table_with_the_lowest_distance_wins() {
    let route = |distance, gateway, more: &[(&str, &str)]| {
        let pairs: Vec<_> = [DEFAULT, ("distance", distance), ("immediate-gw", gateway)]
            .iter()
            .chain(more)
            .copied()
            .collect();
        row(&pairs)
    };
    let routes = [
        route("1", "192.0.2.1%standby", &[]),
        route("1", "192.0.2.2%off", &[ACTIVE, ("disabled", "true")]),
        route("1", "192.0.2.3%table", &[ACTIVE, ("routing-table", "isp2")]),
        route("1", "192.0.2.4%marked", &[ACTIVE, ("routing-mark", "isp2")]),
        route("10", "192.0.2.5%backup", &[ACTIVE]),
        route("2", "192.0.2.6%primary", &[ACTIVE, ("routing-table", "main")]),
        row(&[
            ("dst-address", "10.0.0.0/8"),
            ("distance", "0"),
            ("immediate-gw", "192.0.2.7%inside"),
            ACTIVE,
        ]),
    ];
    assert_eq!(way_out(&routes, &[], &[]).unwrap().interface, "primary");
    assert_eq!(way_out(&[], &[], &[]), None);
}

fn check_kind(
    interface: &str,
    address: &[(&str, &str)],
    dhcp: &[Row],
    expected: (Option<WanKind>, Option<&str>),
) {
    let route = row(&[DEFAULT, ACTIVE, ("gateway", interface)]);
    let pairs: Vec<_> = [("interface", interface)].iter().chain(address).copied().collect();
    let found = way_out(&[route], &[row(&pairs)], dhcp).unwrap();
    assert_eq!((found.kind, found.address.as_deref()), expected, "{interface}");
}

#[test]
fn the_kind_of_wan_is_told_by_type_lease_or_hand_set_address() {
    let dynamic = [("address", "198.51.100.7/32"), ("dynamic", "true")];
    let by_hand = [("address", "198.51.100.7/30"), ("dynamic", "false")];
    let lease = |status| [row(&[("interface", "ether1"), ("status", status)])];
    let own = Some("198.51.100.7");
    check_kind("pppoe-out1", &dynamic, &[], (Some(WanKind::Pppoe), own));
    check_kind("lte1", &dynamic, &[], (Some(WanKind::Lte), own));
    check_kind("ether1", &dynamic, &lease("bound"), (Some(WanKind::Dhcp), own));
    check_kind("ether1", &by_hand, &lease("searching..."), (Some(WanKind::Static), own));
    check_kind("l2tp-out1", &dynamic, &[], (None, own));
    check_kind("ether1", &[("address", "nonsense"), ("dynamic", "true")], &[], (None, None));
}

#[test]
fn the_wan_address_is_the_one_beside_the_gateway() {
    let address = |ip, more: &[(&str, &str)]| {
        let pairs: Vec<_> = [("address", ip), ("interface", "ether1")].iter().chain(more).copied().collect();
        row(&pairs)
    };
    let route = [row(&[DEFAULT, ACTIVE, ("gateway", "10.1.2.1"), ("immediate-gw", "10.1.2.1%ether1")])];
    let of = |addresses: &[Row]| way_out(&route, addresses, &[]).unwrap().address;
    let near = address("10.1.2.9/24", &[]);
    let public = address("198.51.100.7/30", &[]);
    let off = address("10.1.2.8/24", &[("disabled", "true")]);
    let elsewhere = row(&[("address", "10.1.2.5/24"), ("interface", "ether2")]);
    assert_eq!(of(&[off.clone(), public.clone(), near]).as_deref(), Some("10.1.2.9"));
    assert_eq!(of(&[address("192.168.1.1/24", &[]), public]).as_deref(), Some("198.51.100.7"));
    assert_eq!(of(&[off, elsewhere]), None, "never the gateway");
    let bridged = row(&[("address", "10.1.2.4/0"), ("interface", "port"), ("actual-interface", "ether1")]);
    assert_eq!(of(&[bridged]).as_deref(), Some("10.1.2.4"));
}

fn external(wan: Option<&str>, cloud: &[(&str, &str)]) -> (Option<String>, Option<bool>) {
    let wan = wan.map(|address| Wan {
        interface: "ether1".into(),
        kind: None,
        address: Some(address.into()),
        gateway: Some("198.51.100.1".into()),
        rx_bps: None,
        tx_bps: None,
    });
    let mut metrics = Metrics { wan, ..Metrics::default() };
    external_ip::read(&[row(cloud)], &mut metrics);
    (metrics.external_ip, metrics.is_behind_nat)
}

#[test]
fn the_external_address_is_the_clouds_or_a_public_wan_address_or_unknown() {
    let on = [("ddns-enabled", "true"), ("public-address", "203.0.113.9"), ("status", "updated")];
    let auto = [("ddns-enabled", "auto"), ("public-address", "203.0.113.9"), ("status", "updated")];
    let off = [("ddns-enabled", "false"), ("public-address", "203.0.113.9")];
    let stale =
        [("ddns-enabled", "true"), ("public-address", "203.0.113.9"), ("status", "Error: request timed out")];
    let nat = [
        ("ddns-enabled", "yes"),
        ("public-address", "203.0.113.9"),
        ("status", "updated"),
        ("warning", "Router is behind a NAT. Remote connection might not work."),
    ];
    let known = |ip: &str, is_behind_nat| (Some(ip.to_owned()), is_behind_nat);
    assert_eq!(external(Some("192.168.1.2"), &on), known("203.0.113.9", Some(true)));
    assert_eq!(external(Some("100.64.7.7"), &auto), known("203.0.113.9", Some(true)));
    assert_eq!(external(Some("100.64.7.7"), &off), (None, Some(true)));
    assert_eq!(external(Some("10.0.0.2"), &stale), (None, Some(true)));
    assert_eq!(external(Some("203.0.113.9"), &on), known("203.0.113.9", Some(false)));
    assert_eq!(external(Some("198.51.100.7"), &on), known("198.51.100.7", Some(false)), "the cloud is late");
    assert_eq!(external(Some("198.51.100.7"), &nat), known("203.0.113.9", Some(true)));
    assert_eq!(external(Some("198.51.100.7"), &off), known("198.51.100.7", Some(false)));
    assert_eq!(external(None, &on), known("203.0.113.9", None));
    assert_eq!(external(None, &[("ddns-enabled", "true"), ("public-address", "192.168.1.1")]), (None, None));
    assert_eq!(external(None, &[]), (None, None));
}

#[test]
fn private_carrier_and_special_addresses_are_not_public() {
    for ip in [
        "10.0.0.1",
        "172.31.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.1.1",
        "127.0.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.0.2",
        "198.18.0.1",
    ] {
        assert!(!external_ip::is_public(ip.parse().unwrap()), "{ip}");
    }
    for ip in [
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "223.255.255.254",
    ] {
        assert!(external_ip::is_public(ip.parse().unwrap()), "{ip}");
    }
}
