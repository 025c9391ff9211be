//! Through what a device is likely reached: from the gateways that routers tell of, and from addresses that are shared.
//!
//! Pure. A guess that could be two devices is none.

use model::{Device, DeviceId, DeviceKind, Wan};
use std::{collections::HashMap, sync::Arc};

/// Parents looked through for a circle.
const GENERATIONS_MAX: usize = 32;

/// A device, and what it tells of its way to the internet.
pub struct Told {
    pub device: Arc<Device>,
    pub wan: Option<Wan>,
    pub external_ip: Option<String>,
}

/// The device that `child` is likely reached through, unless somebody said it already.
pub fn parent_of(child: &Told, all: &[Told]) -> Option<DeviceId> {
    if child.device.parent.is_some() {
        return None;
    }
    let parents: HashMap<DeviceId, DeviceId> =
        all.iter().filter_map(|told| Some((told.device.id, told.device.parent?))).collect();
    let is_possible =
        |told: &&Told| told.device.enabled && !is_behind(told.device.id, child.device.id, &parents);
    let one = |is_it: &dyn Fn(&Told) -> bool| {
        let mut found = all.iter().filter(is_possible).filter(|told| is_it(told));
        let first = found.next()?;
        found.next().is_none().then_some(first.device.id)
    };
    let address = child.device.address.as_str();
    let gateway = child.wan.as_ref().and_then(|wan| wan.gateway.as_deref());
    // What a router itself names, then what stands at the device's own address.
    one(&|told| gateway == Some(told.device.address.as_str()))
        .or_else(|| one(&|told| !forwards(child) && forwards(told) && told.device.address == address))
        .or_else(|| one(&|told| told.external_ip.as_deref() == Some(address)))
        .or_else(|| one(&|told| own_address(told) == Some(address)))
}

fn own_address(told: &Told) -> Option<&str> {
    told.wan.as_ref()?.address.as_deref()
}

fn forwards(told: &Told) -> bool {
    matches!(told.device.kind, DeviceKind::Router | DeviceKind::Firewall)
}

/// Whether a device is the other, or is reached through it.
fn is_behind(device: DeviceId, other: DeviceId, parents: &HashMap<DeviceId, DeviceId>) -> bool {
    let mut at = Some(device);
    for _ in 0..GENERATIONS_MAX {
        match at {
            Some(id) if id == other => return true,
            Some(id) => at = parents.get(&id).copied(),
            None => return false,
        }
    }
    // A circle that somebody made: nothing is added to it.
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: i64, kind: DeviceKind, address: &str, parent: Option<i64>) -> Told {
        let device = Device {
            parent: parent.map(DeviceId),
            ..Device::new(DeviceId(id), format!("d{id}"), kind, address)
        };
        Told { device: Arc::new(device), wan: None, external_ip: None }
    }

    fn routed(told: Told, address: &str, gateway: &str) -> Told {
        let wan = Wan {
            interface: "ether1".to_owned(),
            kind: None,
            address: Some(address.to_owned()),
            gateway: Some(gateway.to_owned()),
            rx_bps: None,
            tx_bps: None,
        };
        Told { wan: Some(wan), ..told }
    }

    fn check(all: &[Told], expected: &[Option<i64>]) {
        let found: Vec<_> = all.iter().map(|told| parent_of(told, all).map(|id| id.0)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_router_is_reached_through_its_gateway_and_what_shares_an_address_through_the_router_there() {
        use DeviceKind::{Router, Tunnel};
        let all = [
            device(1, Router, "10.0.0.1", None),
            routed(device(2, Router, "10.0.0.2", None), "203.0.113.9", "10.0.0.1"),
            device(3, Tunnel, "10.0.0.2", None),
            device(4, Tunnel, "203.0.113.9", None),
            Told { external_ip: Some("198.51.100.7".to_owned()), ..device(5, Router, "10.0.0.5", Some(1)) },
            device(6, Tunnel, "198.51.100.7", None),
            device(7, Tunnel, "198.51.100.8", None),
        ];
        check(&all, &[None, Some(1), Some(2), Some(2), None, Some(5), None]);
    }

    #[test]
    fn nothing_is_suggested_that_is_not_sure_or_would_be_a_circle() {
        use DeviceKind::{Router, Tunnel};
        // Two could be it.
        check(
            &[
                device(1, Router, "10.0.0.1", None),
                device(2, Router, "10.0.0.1", None),
                device(3, Tunnel, "10.0.0.1", None),
            ],
            &[None, None, None],
        );
        // The gateway is itself behind the router.
        let all = [
            routed(device(1, Router, "10.0.0.1", None), "10.0.0.1", "10.0.0.2"),
            device(2, Router, "10.0.0.2", Some(1)),
        ];
        check(&all, &[None, None]);
    }
}
