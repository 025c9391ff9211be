//! How many connections there may be, and how many of one network.

use crate::{accounts::neighbourhood, machine::open_files_max, web::TrustedProxies};
use parking_lot::Mutex;
use std::{collections::HashMap, net::IpAddr, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most connections, where the system lets us have so many.
const PLACES_MAX: usize = 4096;
/// Where the system does not say how many files may be open.
const PLACES_UNTOLD: usize = 512;
/// One network's share: one in so many. An office behind one address has enough with it.
const SHARE: usize = 8;

/// Hands out places. Clones share them.
#[derive(Clone)]
pub struct Places {
    free: Arc<Semaphore>,
    each_max: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// Speak for all their visitors, as does this machine: no share for them.
    proxies: TrustedProxies,
}

/// A place, given back when it is dropped.
pub struct Place {
    _any: OwnedSemaphorePermit,
    _share: Option<Share>,
}

struct Share {
    network: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Places {
    /// As many as fit beside what the watching needs.
    pub fn of_this_process(proxies: TrustedProxies) -> Self {
        let files = open_files_max().map(|files| usize::try_from(files).unwrap_or(usize::MAX));
        // The other half is for devices and the database.
        let max = files.map_or(PLACES_UNTOLD, |files| (files / 2).clamp(1, PLACES_MAX));
        Self::new(max, max.div_ceil(SHARE), proxies)
    }

    pub fn new(max: usize, each_max: usize, proxies: TrustedProxies) -> Self {
        Self { free: Arc::new(Semaphore::new(max)), each_max, taken: Arc::default(), proxies }
    }

    /// Waits for a place; `None` never comes, for nobody closes the places.
    pub(super) async fn any(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    /// The place for a visitor from `address`, unless its network has its share already.
    pub(super) fn of(&self, address: IpAddr, any: Option<OwnedSemaphorePermit>) -> Option<Place> {
        let address = address.to_canonical();
        let is_exempt = address.is_loopback() || self.proxies.contain(address);
        let share = if is_exempt { None } else { Some(self.share(neighbourhood(address))?) };
        Some(Place { _any: any?, _share: share })
    }

    fn share(&self, network: IpAddr) -> Option<Share> {
        let mut taken = self.taken.lock();
        let count = taken.entry(network).or_default();
        if *count >= self.each_max {
            return None;
        }
        *count += 1;
        Some(Share { network, taken: self.taken.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(max: usize, each_max: usize) -> Places {
        Places::new(max, each_max, TrustedProxies(vec!["10.0.0.0/8".parse().unwrap()].into()))
    }

    #[tokio::test]
    async fn a_network_has_its_share_and_takes_none_of_another() {
        let places = places(100, 3);
        let take = async |address: &str| places.of(address.parse().unwrap(), places.any().await);
        let mut taken = Vec::new();
        for host in 1..=3 {
            taken.push(take(&format!("192.0.2.{host}")).await.expect("within the share"));
        }
        assert!(take("192.0.2.9").await.is_none());
        assert!(take("::ffff:192.0.2.9").await.is_none(), "however it is written");
        assert!(take("198.51.100.1").await.is_some());
        taken.pop();
        assert!(take("192.0.2.9").await.is_some(), "one was given back");
        taken.clear();
        assert!(places.taken.lock().is_empty(), "nobody who left is remembered");
    }

    #[tokio::test]
    async fn this_machine_and_its_proxies_speak_for_many() {
        let places = places(100, 1);
        let mut taken = Vec::new();
        for address in ["127.0.0.1", "127.0.0.1", "::1", "10.1.2.3", "10.1.2.3"] {
            taken.push(places.of(address.parse().unwrap(), places.any().await).expect(address));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn when_every_place_is_taken_the_next_visitor_waits_until_one_leaves() {
        let places = places(1, 1);
        let first = places.of("192.0.2.1".parse().unwrap(), places.any().await).unwrap();
        let waited = tokio::time::timeout(std::time::Duration::from_secs(1), places.any()).await;
        assert!(waited.is_err());
        drop(first);
        assert!(places.any().await.is_some());
    }
}
