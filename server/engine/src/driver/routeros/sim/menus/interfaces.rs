//! Interfaces, and what goes through them.

use super::super::columns::Columns;
use super::super::personality::{Personality, Way};
use super::super::traffic::Traffic;
use super::Snapshot;

pub(super) fn interfaces(router: &Snapshot<'_>) -> Vec<Columns> {
    let at_s = router.counted.as_secs_f64();
    let row = |(index, port): (usize, Port)| {
        let (rx, tx) = traffic(router, index);
        let (rx, tx) = (rx.bytes(at_s), tx.bytes(at_s));
        let row = Columns::new().with(".id", format!("*{:X}", index + 1)).with("name", port.name);
        let row = match port.default_name {
            Some(name) => row.with("default-name", name),
            None => row,
        };
        let mtu = if port.kind == "pppoe-out" { 1480 } else { 1500 };
        let row = row.with("type", port.kind).with("mtu", mtu).with("actual-mtu", mtu);
        // A tunnel has neither a hardware address nor a second layer.
        let row = match port.kind {
            "pppoe-out" => row,
            _ => row.with("l2mtu", 1598).with("max-l2mtu", 9578).with("mac-address", mac(router.seed, index)),
        };
        let up_at = if router.personality.is_v6() { "jan/02/2023 15:04:05" } else { "2023-01-02 15:04:05" };
        let row = row
            .with("last-link-up-time", up_at)
            .with("link-downs", index % 3)
            .with("rx-byte", rx)
            .with("tx-byte", tx)
            .with("rx-packet", rx / 900)
            .with("tx-packet", tx / 900)
            .with("rx-drop", 0)
            .with("tx-drop", 0)
            .with("tx-queue-drop", 0)
            .with("rx-error", 0)
            .with("tx-error", 0)
            .with("fp-rx-byte", rx)
            .with("fp-tx-byte", tx)
            .with("running", port.is_running);
        let row = if port.is_slave { row.with("slave", true) } else { row };
        let row = row.with("disabled", false);
        match port.comment {
            Some(comment) => row.with("comment", comment),
            None => row,
        }
    };
    ports(router.personality).into_iter().enumerate().map(row).collect()
}

/// One measurement of `monitor-traffic`; `None` for an interface that does not exist.
pub(in super::super) fn monitor_traffic(router: &Snapshot<'_>, interface: &str) -> Option<Columns> {
    let (index, _) =
        ports(router.personality).into_iter().enumerate().find(|(_, port)| port.name == interface)?;
    let (rx, tx) = traffic(router, index);
    let at_s = router.counted.as_secs_f64();
    let (rx, tx) = (rx.bits_per_s(at_s), tx.bits_per_s(at_s));
    Some(
        Columns::new()
            .with("name", interface)
            .with("rx-packets-per-second", rx / 8 / 900)
            .with("rx-bits-per-second", rx)
            .with("fp-rx-packets-per-second", rx / 8 / 900)
            .with("fp-rx-bits-per-second", rx)
            .with("rx-drops-per-second", 0)
            .with("rx-errors-per-second", 0)
            .with("tx-packets-per-second", tx / 8 / 900)
            .with("tx-bits-per-second", tx)
            .with("tx-drops-per-second", 0)
            .with("tx-queue-drops-per-second", 0)
            .with("tx-errors-per-second", 0),
    )
}

/// One interface of the fixed set a personality has.
struct Port {
    name: &'static str,
    kind: &'static str,
    default_name: Option<&'static str>,
    comment: Option<&'static str>,
    is_running: bool,
    is_slave: bool,
    /// How much of a busy line it carries.
    share: f64,
}

fn ports(personality: Personality) -> Vec<Port> {
    let wan = personality.wan_interface();
    let ether = |name, share: f64, is_slave| Port {
        name,
        kind: "ether",
        default_name: Some(name),
        comment: None,
        is_running: share > 0.0,
        is_slave,
        share,
    };
    let uses_ether1 = personality.way != Way::Lte;
    let comment = Some("Außenstelle Süd, café"); // Also what an old terminal would have sent as Latin-1.
    let mut ports = vec![
        Port {
            comment: (wan == "ether1").then_some("WAN"),
            ..ether("ether1", if uses_ether1 { 1.02 } else { 0.0 }, false)
        },
        ether("ether2", 0.55, true),
        Port { comment, ..ether("ether3", 0.3, true) },
        ether("ether4", 0.0, true),
        ether("ether5", 0.0, true),
        Port { kind: "bridge", default_name: None, ..ether("bridge", 0.9, false) },
    ];
    match personality.way {
        Way::Pppoe => {
            let kind = "pppoe-out";
            ports.push(Port {
                kind,
                default_name: None,
                comment: Some("WAN"),
                ..ether("pppoe-out1", 1.0, false)
            });
        }
        Way::Lte => ports.push(Port { kind: "lte", comment: Some("WAN"), ..ether("lte1", 0.4, false) }),
        Way::Dhcp | Way::Static => {}
    }
    ports
}

/// What an interface receives and sends.
fn traffic(router: &Snapshot<'_>, index: usize) -> (Traffic, Traffic) {
    let Some(port) = ports(router.personality).into_iter().nth(index) else {
        return (Traffic::of(0, 0.0), Traffic::of(0, 0.0));
    };
    // The line is one: what comes in at the WAN leaves at the bridge.
    let (down, up) =
        (Traffic::of(router.seed, port.share), Traffic::of(router.seed ^ 0xdead, port.share * 0.2));
    let faces_the_internet = matches!(port.name, "ether1" | "pppoe-out1" | "lte1");
    if faces_the_internet { (down, up) } else { (up, down) }
}

fn mac(seed: u64, index: usize) -> String {
    let [.., a, b] = seed.to_be_bytes();
    format!("48:A9:8A:{a:02X}:{b:02X}:{index:02X}")
}
