//! Under which address the world sees the router. Says nothing rather than something wrong: a gateway is
//! never the answer, nor is what MikroTik's cloud remembers of an address that has changed since.

use super::super::Row;
use super::words::{flag, text};
use model::Metrics;
use std::net::Ipv4Addr;

pub const PROPLIST: &[&str] = &["ddns-enabled", "public-address", "status", "warning"];

/// Takes the external address and whether there is NAT, from the cloud's row and the WAN already known.
pub fn read(cloud: &[Row], metrics: &mut Metrics) {
    let wan = metrics.wan.as_ref().and_then(|wan| wan.address.as_deref()).and_then(|ip| ip.parse().ok());
    let cloud = cloud.first().and_then(Cloud::read);
    let (external, is_behind_nat) = judge(wan, cloud);
    metrics.external_ip = external.map(|ip| ip.to_string());
    metrics.is_behind_nat = is_behind_nat;
}

/// What the cloud service saw when it was last told.
#[derive(Clone, Copy)]
struct Cloud {
    address: Ipv4Addr,
    says_nat: bool,
}

impl Cloud {
    fn read(row: &Row) -> Option<Self> {
        // From 7.17 on `auto` means: on when something needs it.
        let is_enabled =
            flag(row, "ddns-enabled") || row.text("ddns-enabled").is_some_and(|word| word == "auto");
        // While it updates or after it failed, the address is the one of some earlier time.
        let is_fresh = text(row, "status").is_none_or(|status| status.starts_with("updated"));
        let address = text(row, "public-address")?.parse().ok().filter(|ip| is_public(*ip))?;
        let says_nat = text(row, "warning").is_some_and(|warning| warning.contains("behind a NAT"));
        (is_enabled && is_fresh).then_some(Self { address, says_nat })
    }
}

fn judge(wan: Option<Ipv4Addr>, cloud: Option<Cloud>) -> (Option<Ipv4Addr>, Option<bool>) {
    match (wan, cloud) {
        (Some(wan), cloud) if !is_public(wan) => (cloud.map(|cloud| cloud.address), Some(true)),
        // A public address of our own that is not translated further: the cloud can only be late.
        (Some(wan), None | Some(Cloud { says_nat: false, .. })) => (Some(wan), Some(false)),
        (Some(wan), Some(cloud)) => (Some(cloud.address), Some(cloud.address != wan)),
        (None, Some(cloud)) => (Some(cloud.address), cloud.says_nat.then_some(true)),
        (None, None) => (None, None),
    }
}

/// Whether the world routes to this address: not RFC 1918, not carrier-grade NAT, not any special block.
pub fn is_public(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_carrier_nat = a == 100 && (64..128).contains(&b);
    let is_special =
        a == 0 || a >= 224 || (a == 192 && b == 0 && c == 0) || (a == 198 && (18..20).contains(&b));
    !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_carrier_nat || is_special)
}
