//! Whose lines come from where: devices send from the addresses at which they are asked, also where these have names.

use model::{Device, DeviceId};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

/// The devices that may send.
#[derive(Debug, Default)]
pub(super) struct Senders {
    devices: HashMap<IpAddr, DeviceId>,
    /// What was last heard of each name: a name service that fails makes no stranger of a device.
    names: HashMap<String, Vec<IpAddr>>,
}

impl Senders {
    /// Takes over which devices there are; `heard` says where a name leads, as far as that is known now.
    pub fn look(&mut self, devices: &[Arc<Device>], heard: impl Fn(&str) -> Vec<IpAddr>) {
        self.devices.clear();
        let mut names = HashMap::new();
        for device in devices.iter().filter(|device| device.enabled) {
            let found = match device.address.parse::<IpAddr>() {
                Ok(address) => vec![address],
                Err(_) => {
                    let before = self.names.remove(&device.address).unwrap_or_default();
                    let now = heard(&device.address);
                    let found = if now.is_empty() { before } else { now };
                    names.entry(device.address.clone()).or_insert(found).clone()
                }
            };
            for address in found {
                let address = address.to_canonical();
                // One that is asked as a router is meant before others at its address.
                if device.routeros.is_some() || !self.devices.contains_key(&address) {
                    self.devices.insert(address, device.id);
                }
            }
        }
        self.names = names;
    }

    pub fn device(&self, from: IpAddr) -> Option<DeviceId> {
        self.devices.get(&from).copied()
    }

    pub fn addresses(&self) -> HashSet<IpAddr> {
        self.devices.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::DeviceKind;

    #[test]
    fn a_device_sends_from_where_its_name_leads_and_stays_known_while_the_name_service_fails() {
        let device = |id, address: &str| {
            Arc::new(Device::new(DeviceId(id), id.to_string(), DeviceKind::Router, address))
        };
        let off = Arc::new(Device { enabled: false, ..Device::clone(&device(4, "192.0.2.4")) });
        let devices = [device(1, "192.0.2.1"), device(2, "edge.test"), device(3, "::ffff:192.0.2.3"), off];
        let mut senders = Senders::default();
        let from = |senders: &Senders, last| senders.device(IpAddr::from([192, 0, 2, last])).map(|id| id.0);
        senders.look(&devices, |_| Vec::new());
        assert_eq!([1, 2, 3, 4].map(|last| from(&senders, last)), [Some(1), None, Some(3), None]);
        senders.look(&devices, |_| vec![IpAddr::from([192, 0, 2, 2])]);
        assert_eq!(from(&senders, 2), Some(2));
        senders.look(&devices, |_| Vec::new());
        assert_eq!(from(&senders, 2), Some(2));
        senders.look(&devices, |_| vec![IpAddr::from([192, 0, 2, 22])]);
        assert_eq!((from(&senders, 2), from(&senders, 22)), (None, Some(2)), "it moved");
        senders.look(&devices[..1], |_| Vec::new());
        assert_eq!((senders.addresses().len(), senders.names.len()), (1, 0));
    }
}
