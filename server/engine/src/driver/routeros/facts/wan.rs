//! The way to the internet: the active default route of the main table with the lowest distance, the
//! interface behind it, its kind and its own address.

use super::super::Row;
use super::external_ip::is_public;
use super::words::{flag, text, whole};
use model::{Interface, Wan, WanKind};
use std::net::{IpAddr, Ipv4Addr};

pub const ROUTES_PROPLIST: &[&str] = &[
    "dst-address",
    "gateway",
    "gateway-status",
    "immediate-gw",
    "vrf-interface",
    "distance",
    "active",
    "disabled",
    "routing-table",
    "routing-mark",
];
/// Only default routes: a full table has a million others.
pub const ROUTES_QUERY: &[&str] = &["?dst-address=0.0.0.0/0"];
pub const ADDRESSES_PROPLIST: &[&str] =
    &["address", "network", "interface", "actual-interface", "dynamic", "disabled", "invalid"];
pub const DHCP_PROPLIST: &[&str] = &["interface", "status", "disabled", "gateway"];

/// The distance of a static route that does not name one.
const DISTANCE_DEFAULT: u64 = 1;

/// What the menus say about the way out, with the rates of its interface.
pub fn wan(routes: &[Row], addresses: &[Row], dhcp_clients: &[Row], interfaces: &[Interface]) -> Option<Wan> {
    let (route, interface) = routes
        .iter()
        .filter(|row| is_default_route(row))
        .filter_map(|row| Some((row, interface_of(row)?)))
        .min_by_key(|(row, _)| whole(row, "distance").unwrap_or(DISTANCE_DEFAULT))?;
    let gateway = gateway_of(route);
    let own = address_of(addresses, &interface, gateway);
    let port = interfaces.iter().find(|one| one.name == interface);
    Some(Wan {
        kind: kind_of(&interface, port, own.map(|(row, _)| row), dhcp_clients),
        address: own.map(|(_, ip)| ip.to_string()),
        gateway: gateway.map(|ip| ip.to_string()),
        rx_bps: port.and_then(|port| port.rx_bps),
        tx_bps: port.and_then(|port| port.tx_bps),
        interface,
    })
}

/// Version 7 leaves out flags that are at their default, version 6 the table when it is the main one.
fn is_default_route(row: &Row) -> bool {
    let is_main = |key| text(row, key).is_none_or(|table| table == "main");
    row.text("dst-address").is_some_and(|dst| dst == "0.0.0.0/0")
        && flag(row, "active")
        && !flag(row, "disabled")
        && is_main("routing-table")
        && is_main("routing-mark")
}

/// Through which interface the route leaves: version 7's `immediate-gw`, version 6's `gateway-status`, a
/// gateway that is itself an interface, or the interface whose DHCP client made the route.
fn interface_of(route: &Row) -> Option<String> {
    let immediate = text(route, "immediate-gw").and_then(|word| first_of_list(&word, behind_percent));
    let status = || text(route, "gateway-status").and_then(|word| first_of_list(&word, behind_via));
    let gateway = || text(route, "gateway").and_then(|word| first_of_list(&word, interface_name));
    immediate.or_else(status).or_else(gateway).or_else(|| text(route, "vrf-interface"))
}

/// The first gateway of a route over several that `read` understands.
fn first_of_list(word: &str, read: impl Fn(&str) -> Option<&str>) -> Option<String> {
    word.split(',').find_map(|one| read(one.trim())).map(str::to_owned)
}

/// `192.0.2.1%ether1`, or for PPPoE the interface alone.
fn behind_percent(word: &str) -> Option<&str> {
    match word.split_once('%') {
        Some((ip, interface)) if ip.parse::<IpAddr>().is_ok() => Some(interface),
        _ => interface_name(word),
    }
}

/// `192.0.2.1 reachable via  ether1` (two blanks), `192.0.2.1 recursive via 198.51.100.1 ether5`, or
/// `pppoe-out1 reachable`.
fn behind_via(word: &str) -> Option<&str> {
    if let Some((_, interface)) = word.split_once(" reachable via ") {
        return interface_name(interface.trim());
    }
    if let Some((_, hop)) = word.split_once(" recursive via ") {
        return hop.trim().split_once(' ').and_then(|(_, interface)| interface_name(interface.trim()));
    }
    word.strip_suffix(" reachable").and_then(interface_name)
}

/// A name that is not an address.
fn interface_name(word: &str) -> Option<&str> {
    let is_address = word.split(['%', '@']).next().is_some_and(|ip| ip.parse::<IpAddr>().is_ok());
    (!word.is_empty() && !is_address).then_some(word)
}

/// The next hop, when it is an address.
fn gateway_of(route: &Row) -> Option<Ipv4Addr> {
    let of = |key| {
        text(route, key)
            .and_then(|word| word.split([',', '%', ' ', '@']).next().and_then(|ip| ip.parse().ok()))
    };
    of("gateway").or_else(|| of("immediate-gw"))
}

/// The interface's own address: of several the one that shares a network with the gateway, else a public one.
fn address_of<'a>(
    rows: &'a [Row],
    interface: &str,
    gateway: Option<Ipv4Addr>,
) -> Option<(&'a Row, Ipv4Addr)> {
    let is_here = |row: &Row| {
        ["interface", "actual-interface"]
            .iter()
            .any(|key| text(row, key).is_some_and(|name| name == interface))
    };
    rows.iter()
        .filter(|row| is_here(row) && !flag(row, "disabled") && !flag(row, "invalid"))
        .filter_map(|row| {
            let word = text(row, "address")?;
            let (ip, prefix) = word.split_once('/').unwrap_or((word.as_str(), "32"));
            let (ip, prefix): (Ipv4Addr, u32) = (ip.parse().ok()?, prefix.parse().ok()?);
            let is_near = gateway.is_some_and(|gateway| shares_network(ip, gateway, prefix));
            Some((row, ip, (is_near, is_public(ip))))
        })
        .reduce(|best, next| if next.2 > best.2 { next } else { best })
        .map(|(row, ip, _)| (row, ip))
}

fn shares_network(a: Ipv4Addr, b: Ipv4Addr, prefix: u32) -> bool {
    let mask = u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0);
    u32::from(a) & mask == u32::from(b) & mask
}

/// The interface's type says PPPoE and LTE, so that neither of their menus (one of which carries a password)
/// need be asked; a bound DHCP client says DHCP; an address set by hand is static.
fn kind_of(
    interface: &str,
    port: Option<&Interface>,
    own: Option<&Row>,
    dhcp_clients: &[Row],
) -> Option<WanKind> {
    let is_bound = |row: &Row| {
        text(row, "interface").is_some_and(|name| name == interface)
            && !flag(row, "disabled")
            && text(row, "status").is_some_and(|status| status == "bound")
    };
    match port.map(|port| port.kind.as_str()).unwrap_or_default() {
        "pppoe-out" => Some(WanKind::Pppoe),
        "lte" => Some(WanKind::Lte),
        _ if dhcp_clients.iter().any(is_bound) => Some(WanKind::Dhcp),
        _ => own.filter(|row| !flag(row, "dynamic")).map(|_| WanKind::Static),
    }
}
