//! Addresses, routes, and the way to the internet.

use super::super::columns::Columns;
use super::super::personality::{Personality, Way};
use super::Snapshot;

pub(super) fn pppoe_clients(personality: Personality) -> Vec<Columns> {
    let row = Columns::new()
        .with(".id", "*7")
        .with("name", "pppoe-out1")
        .with("max-mtu", "auto")
        .with("interface", "ether1")
        .with("user", "customer@isp.example")
        .with("profile", "default")
        .with("service-name", "")
        .with("ac-name", "")
        .with("add-default-route", true)
        .with("default-route-distance", 1)
        .with("use-peer-dns", true)
        .with("running", true)
        .with("disabled", false)
        .with("comment", "WAN");
    if personality.way == Way::Pppoe { vec![row] } else { Vec::new() }
}

pub(super) fn lte(personality: Personality) -> Vec<Columns> {
    let row = Columns::new()
        .with(".id", "*7")
        .with("name", "lte1")
        .with("mtu", 1500)
        .with("apn-profiles", "default");
    if personality.way == Way::Lte {
        vec![row.with("running", true).with("disabled", false)]
    } else {
        Vec::new()
    }
}

/// The WAN side: own address, network, gateway. LTE is behind the carrier's address translation.
fn wan(router: &Snapshot<'_>) -> (String, String, String) {
    let host = 2 + router.seed % 250;
    match router.personality.way {
        Way::Lte => (format!("100.72.9.{host}/24"), "100.72.9.0".into(), "100.72.9.1".into()),
        Way::Pppoe => (format!("203.0.113.{host}/32"), "203.0.113.1".into(), "203.0.113.1".into()),
        Way::Dhcp | Way::Static => {
            (format!("203.0.113.{host}/24"), "203.0.113.0".into(), "203.0.113.1".into())
        }
    }
}

pub(super) fn addresses(router: &Snapshot<'_>) -> Vec<Columns> {
    let (address, network, _) = wan(router);
    let row = |id: &str, address: &str, network: &str, interface: &str, is_dynamic: bool| {
        Columns::new()
            .with(".id", id)
            .with("address", address)
            .with("network", network)
            .with("interface", interface)
            .with("actual-interface", interface)
            .with("invalid", false)
            .with("dynamic", is_dynamic)
            .with("disabled", false)
    };
    let is_dynamic = router.personality.way != Way::Static;
    vec![
        row("*1", "192.168.88.1/24", "192.168.88.0", "bridge", false).with("comment", "defconf"),
        row("*2", &address, &network, router.personality.wan_interface(), is_dynamic),
    ]
}

pub(super) fn routes(router: &Snapshot<'_>) -> Vec<Columns> {
    let (_, _, gateway) = wan(router);
    let wan = router.personality.wan_interface();
    let is_pppoe = router.personality.way == Way::Pppoe;
    let is_dynamic = router.personality.way != Way::Static;
    let gateway = if is_pppoe { wan.to_owned() } else { gateway };
    let default = Columns::new().with(".id", "*30000001").with("dst-address", "0.0.0.0/0");
    let default = if router.personality.is_v6() {
        let status =
            if is_pppoe { format!("{wan} reachable") } else { format!("{gateway} reachable via  {wan}") };
        default
            .with("gateway", gateway)
            .with("gateway-status", status)
            .with("distance", 1)
            .with("scope", 30)
            .with("target-scope", 10)
            .with("active", true)
            .with("dynamic", is_dynamic)
            .with("static", true)
            .with("disabled", false)
    } else {
        let immediate = if is_pppoe { wan.to_owned() } else { format!("{gateway}%{wan}") };
        default
            .with("routing-table", "main")
            .with("gateway", gateway)
            .with("immediate-gw", immediate)
            .with("distance", 1)
            .with("scope", 30)
            .with("target-scope", 10)
            .with("active", true)
            .flag("dynamic", is_dynamic)
            .flag("static", !is_dynamic)
            .with("inactive", false)
            .with("disabled", false)
    };
    let local = Columns::new()
        .with(".id", "*40000001")
        .with("dst-address", "192.168.88.0/24")
        .with("gateway", "bridge")
        .with("distance", 0)
        .with("active", true)
        .with("dynamic", true);
    vec![default, local]
}

pub(super) fn dhcp_clients(router: &Snapshot<'_>) -> Vec<Columns> {
    let (address, _, gateway) = wan(router);
    let row = Columns::new()
        .with(".id", "*A")
        .with("interface", "ether1")
        .with("add-default-route", "yes")
        .with("use-peer-dns", true)
        .with("use-peer-ntp", true)
        .with("status", "bound")
        .with("address", address)
        .with("gateway", &gateway)
        .with("dhcp-server", gateway)
        .with("expires-after", "17h21m49s")
        .with("invalid", false)
        .with("dynamic", false)
        .with("disabled", false);
    if router.personality.way == Way::Dhcp { vec![row] } else { Vec::new() }
}

pub(super) fn cloud(router: &Snapshot<'_>) -> Columns {
    let (address, ..) = wan(router);
    let own = address.split('/').next().unwrap_or_default();
    let is_behind_nat = router.personality.way == Way::Lte;
    let row = Columns::new()
        .with("ddns-enabled", true)
        .with("ddns-update-interval", "1m")
        .with("update-time", true)
        .with("public-address", if is_behind_nat { "198.51.100.77" } else { own })
        .with("dns-name", format!("hc{:08x}.sn.mynetname.net", router.seed & 0xffff_ffff))
        .with("status", "updated");
    if is_behind_nat {
        row.with("warning", "Router is behind a NAT. Remote connection might not work.")
    } else {
        row
    }
}
