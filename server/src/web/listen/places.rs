//! How many connections there may be, and how many of one network.

use crate::{machine::open_files_max, web::TrustedProxies};
use ipnet::IpNet;
use parking_lot::Mutex;
use std::{collections::HashMap, net::IpAddr, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most connections, where the system lets us have so many.
const PLACES_MAX: usize = 4096;
/// Where the system does not say how many files may be open.
const PLACES_UNTOLD: usize = 512;
/// One network's share: one in so many. An office behind one address has enough with it.
const SHARE: usize = 8;
/// The lengths of prefix by which visitors are counted, and how many shares each of these networks has. A
/// rented server often has more than one /64 of its /48.
const NETWORKS_V4: &[(u8, usize)] = &[(24, 1)];
const NETWORKS_V6: &[(u8, usize)] = &[(64, 1), (48, 2)];
/// Places that only this machine may take, beside all others: whoever asks for the server's health must learn
/// that the server is well also when visitors have every other place.
const KEPT: usize = 4;

/// Hands out places. Clones share them.
#[derive(Clone)]
pub struct Places {
    free: Arc<Semaphore>,
    each_max: usize,
    taken: Arc<Mutex<HashMap<IpNet, usize>>>,
    /// Speak for all their visitors, as does this machine: no share for them.
    proxies: TrustedProxies,
}

/// A place, given back when it is dropped.
pub struct Place {
    _any: OwnedSemaphorePermit,
    _shares: Vec<Share>,
}

struct Share {
    network: IpNet,
    taken: Arc<Mutex<HashMap<IpNet, usize>>>,
}

impl Places {
    /// As many as fit beside what the watching needs.
    pub fn of_this_process(proxies: TrustedProxies) -> Self {
        let files = open_files_max().map(|files| usize::try_from(files).unwrap_or(usize::MAX));
        // The other half is for devices and the database.
        let max = files.map_or(PLACES_UNTOLD, |files| (files / 2).clamp(1, PLACES_MAX));
        Self::new(max, max.div_ceil(SHARE), proxies)
    }

    /// `max` for all visitors together, `each_max` for one share.
    pub fn new(max: usize, each_max: usize, proxies: TrustedProxies) -> Self {
        Self { free: Arc::new(Semaphore::new(max + KEPT)), each_max, taken: Arc::default(), proxies }
    }

    /// Waits for a place; `None` never comes, for nobody closes the places.
    pub(super) async fn any(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    /// The place for a visitor from `address`, unless its network has its share already, or `any` is one of
    /// those that are kept for this machine.
    pub(super) fn of(&self, address: IpAddr, any: Option<OwnedSemaphorePermit>) -> Option<Place> {
        let (address, any) = (address.to_canonical(), any?);
        if address.is_loopback() {
            return Some(Place { _any: any, _shares: Vec::new() });
        }
        if self.free.available_permits() < KEPT {
            return None;
        }
        let shares = if self.proxies.contain(address) { Vec::new() } else { self.shares(address)? };
        Some(Place { _any: any, _shares: shares })
    }

    /// One of each network around `address`, or none at all.
    fn shares(&self, address: IpAddr) -> Option<Vec<Share>> {
        let lengths = if address.is_ipv4() { NETWORKS_V4 } else { NETWORKS_V6 };
        let share = |&(length, shares): &(u8, usize)| {
            let network = IpNet::new(address, length).ok()?.trunc();
            self.share(network, self.each_max.saturating_mul(shares))
        };
        lengths.iter().map(share).collect()
    }

    fn share(&self, network: IpNet, max: usize) -> Option<Share> {
        let mut taken = self.taken.lock();
        let count = taken.entry(network).or_default();
        if *count >= max {
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
    async fn a_visitor_with_many_small_networks_has_the_share_of_the_large_one_around_them() {
        let places = places(100, 3);
        let take = async |address: String| places.of(address.parse().unwrap(), places.any().await);
        let mut taken = Vec::new();
        for network in 0..6 {
            taken.push(take(format!("2001:db8:1:{network}::1")).await.expect("within the share"));
        }
        assert!(take("2001:db8:1:9::1".to_owned()).await.is_none());
        assert!(take("2001:db8:2::1".to_owned()).await.is_some());
        taken.clear();
        assert!(places.taken.lock().is_empty(), "whoever was refused is not counted");
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
    async fn when_visitors_have_every_place_this_machine_still_has_some_and_then_everybody_waits() {
        let places = places(1, 1);
        let take = async |address: &str| places.of(address.parse().unwrap(), places.any().await);
        let visitor = take("192.0.2.1").await.unwrap();
        for other in ["198.51.100.1", "10.1.2.3"] {
            assert!(take(other).await.is_none(), "{other}");
        }
        let mut kept = Vec::new();
        for _ in 0..KEPT {
            kept.push(take("127.0.0.1").await.expect("kept for this machine"));
        }
        let waited = tokio::time::timeout(std::time::Duration::from_secs(1), places.any()).await;
        assert!(waited.is_err(), "so many and no more");
        kept.clear();
        drop(visitor);
        assert!(take("198.51.100.1").await.is_some());
    }
}
