//! From a device's address to an IP address, with a deadline and a short memory.
//!
//! A name that cannot be resolved is our failure, never the device's.

use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};
use thiserror::Error;
use tokio::time::{Instant, timeout};

#[cfg(test)]
mod tests;

/// How long an answer is used: shorter than an interval, so that a moved host is found at the next round.
const REMEMBERED: Duration = Duration::from_secs(20);
/// How long a failure is used: tries of several checks on one name ask once.
const FAILURE_REMEMBERED: Duration = Duration::from_secs(2);
/// Past this many names the memory is emptied rather than grown.
const NAMES_MAX: usize = 16_384;

/// A device's address, parsed once: small for the many that are IP addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    Ip(IpAddr),
    Name(Arc<str>),
}

impl Host {
    pub fn new(address: &str) -> Self {
        address.parse().map_or_else(|_| Host::Name(address.to_lowercase().into()), Host::Ip)
    }
}

/// Why a name has no address.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ResolveError {
    #[error("the name {0} could not be resolved: {1}")]
    Failed(Arc<str>, String),
    #[error("the name {0} has no address")]
    Empty(Arc<str>),
    #[error("the name service did not answer for {0}")]
    Late(Arc<str>),
}

type Known = HashMap<Arc<str>, (Instant, Result<IpAddr, ResolveError>)>;

/// The operating system's name service, asked as little as possible.
#[derive(Clone, Default)]
pub struct Resolver {
    known: Arc<Mutex<Known>>,
}

impl Resolver {
    /// The host's address, IPv4 before IPv6.
    pub async fn address(&self, host: &Host, within: Duration) -> Result<IpAddr, ResolveError> {
        let name = match host {
            Host::Ip(address) => return Ok(*address),
            Host::Name(name) => name,
        };
        if let Some((until, answer)) = self.known.lock().get(name)
            && *until > Instant::now()
        {
            return answer.clone();
        }
        let answer = match timeout(within, tokio::net::lookup_host((&**name, 0))).await {
            Err(_) => Err(ResolveError::Late(name.clone())),
            Ok(Err(error)) => Err(ResolveError::Failed(name.clone(), error.to_string())),
            Ok(Ok(found)) => preferred(found).ok_or_else(|| ResolveError::Empty(name.clone())),
        };
        let kept = if answer.is_ok() { REMEMBERED } else { FAILURE_REMEMBERED };
        let mut known = self.known.lock();
        if known.len() >= NAMES_MAX {
            known.clear();
        }
        known.insert(name.clone(), (Instant::now() + kept, answer.clone()));
        answer
    }
}

/// IPv4 first, and of several the smallest: the same host at every round.
fn preferred(found: impl Iterator<Item = SocketAddr>) -> Option<IpAddr> {
    found.map(|socket| socket.ip()).min_by_key(|ip| (ip.is_ipv6(), *ip))
}

/// Whether this machine knows a way to the address. Sends nothing: connecting a datagram socket only
/// looks the route up.
pub fn has_route(to: IpAddr) -> bool {
    let from: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    UdpSocket::bind((from, 0)).and_then(|socket| socket.connect((to, 9))).is_ok()
}
