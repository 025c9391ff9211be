//! The gateway of this machine's own network: read from the system, and pinged.

use super::icmp::{Ping, Pinger};
use futures::future::{BoxFuture, FutureExt, join_all};
use parking_lot::Mutex;
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
    sync::Arc,
    time::Duration,
};

#[cfg(test)]
mod tests;

/// A neighbour answers within this, or not at all.
const TIMEOUT: Duration = Duration::from_secs(2);
const ECHOES: u16 = 2;
/// Default routes that are looked at.
const ROUTES_MAX: usize = 8;
/// Longest table that is read, in bytes: a router of the internet has a million routes.
const TABLE_MAX: usize = 1024 * 1024;
/// Gateways remembered as ones that answer pings.
const HEARD_MAX: usize = 64;

/// What is known of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gateway {
    /// There is none, it cannot be asked, or it never answered a ping: its silence says nothing.
    NotKnown,
    Answers,
    Silent,
}

/// Asks it now; ends within a few seconds.
pub(crate) type AskGateway = Arc<dyn Fn() -> BoxFuture<'static, Gateway> + Send + Sync>;

/// Asks the gateways of the system's tables of routes.
pub(crate) fn of_this_machine(pinger: Pinger) -> AskGateway {
    let heard = Arc::new(Mutex::new(HashSet::new()));
    Arc::new(move || ask(pinger.clone(), gateways(), heard.clone()).boxed())
}

async fn ask(pinger: Pinger, gateways: Vec<IpAddr>, heard: Arc<Mutex<HashSet<IpAddr>>>) -> Gateway {
    let pings = gateways.iter().map(|gateway| pinger.ping(*gateway, ECHOES, TIMEOUT));
    let pings = join_all(pings).await;
    let mut heard = heard.lock();
    let mut judged = Gateway::NotKnown;
    for (gateway, ping) in gateways.iter().zip(pings) {
        match ping {
            Ping::Answered { .. } => {
                if heard.len() < HEARD_MAX {
                    heard.insert(*gateway);
                }
                judged = Gateway::Answers;
            }
            Ping::Silent if judged == Gateway::NotKnown && heard.contains(gateway) => {
                judged = Gateway::Silent;
            }
            Ping::Silent | Ping::Impossible { .. } => {}
        }
    }
    judged
}

/// The gateways of the default routes; none where the system does not say, or says it otherwise than Linux.
fn gateways() -> Vec<IpAddr> {
    let read = |path: &str| std::fs::read(Path::new(path)).unwrap_or_default();
    let text = |bytes: Vec<u8>| {
        let end = bytes.len().min(TABLE_MAX);
        String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
    };
    let v4 = text(read("/proc/net/route"));
    let v6 = text(read("/proc/net/ipv6_route"));
    let mut all: Vec<IpAddr> = v4_of(&v4).map(IpAddr::V4).chain(v6_of(&v6).map(IpAddr::V6)).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(ROUTES_MAX);
    all
}

/// Of `/proc/net/route`: interface, destination, gateway, flags, …, mask; addresses as the machine keeps them.
fn v4_of(table: &str) -> impl Iterator<Item = Ipv4Addr> + '_ {
    table.lines().skip(1).filter_map(|line| {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let hex = |place: usize| u32::from_str_radix(words.get(place)?, 16).ok();
        let (destination, gateway, mask) = (hex(1)?, hex(2)?, hex(7)?);
        let is_default = destination == 0 && mask == 0 && gateway != 0;
        is_default.then(|| Ipv4Addr::from(gateway.to_ne_bytes()))
    })
}

/// Of `/proc/net/ipv6_route`: destination, its length, source, its length, next hop, … A hop that is known only within
/// its link cannot be asked without naming the link, and is left out.
fn v6_of(table: &str) -> impl Iterator<Item = Ipv6Addr> + '_ {
    table.lines().filter_map(|line| {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let hex = |place: usize| u128::from_str_radix(words.get(place)?, 16).ok();
        let (destination, length, hop) = (hex(0)?, hex(1)?, Ipv6Addr::from(hex(4)?));
        let is_default = destination == 0 && length == 0 && !hop.is_unspecified();
        (is_default && !hop.is_unicast_link_local()).then_some(hop)
    })
}
