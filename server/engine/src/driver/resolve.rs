//! From a device's address to an IP address, with a deadline and a short memory.
//!
//! A name that cannot be resolved is our failure, never the device's.

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket},
    sync::Arc,
    time::Duration,
};
use thiserror::Error;
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

#[cfg(test)]
mod tests;

/// How long an answer is used: shorter than an interval, so that a moved host is found at the next round.
const REMEMBERED: Duration = Duration::from_secs(20);
/// How long a failure is used: tries of several checks on one name ask once.
const FAILURE_REMEMBERED: Duration = Duration::from_secs(2);
/// Past this many names the memory is emptied rather than grown.
const NAMES_MAX: usize = 16_384;
/// Questions to the name service at once: each holds a thread, and cannot be called off when it is late.
const AT_ONCE_MAX: usize = 32;

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

/// What the name service says, sorted: the same first one at every round.
type Answer = Result<Arc<[SocketAddr]>, ResolveError>;

type ByName<T> = HashMap<Arc<str>, T>;

/// The operating system's name service, asked as little as possible: one question for each name at a time.
#[derive(Clone)]
pub struct Resolver {
    known: Arc<Mutex<ByName<(Instant, Answer)>>>,
    asking: Arc<Mutex<ByName<Shared<BoxFuture<'static, Answer>>>>>,
    places: Arc<Semaphore>,
}

impl Default for Resolver {
    fn default() -> Self {
        let places = Arc::new(Semaphore::new(AT_ONCE_MAX));
        Self { known: Arc::default(), asking: Arc::default(), places }
    }
}

impl Resolver {
    /// The host's address, IPv4 before IPv6.
    pub async fn address(&self, host: &Host, within: Duration) -> Result<IpAddr, ResolveError> {
        match host {
            Host::Ip(address) => Ok(*address),
            Host::Name(name) => Ok(self.look_up(name, within).await?[0].ip()),
        }
    }

    /// All of the host's addresses, with the port; never none.
    pub async fn addresses(
        &self,
        host: &Host,
        port: u16,
        within: Duration,
    ) -> Result<Vec<SocketAddr>, ResolveError> {
        let name = match host {
            Host::Ip(address) => return Ok(vec![SocketAddr::new(*address, port)]),
            Host::Name(name) => name,
        };
        let mut addresses = self.look_up(name, within).await?.to_vec();
        addresses.iter_mut().for_each(|address| address.set_port(port));
        Ok(addresses)
    }

    /// What was last heard of the host's addresses, however long ago; nobody is asked.
    pub fn last_heard(&self, host: &Host) -> Vec<IpAddr> {
        match host {
            Host::Ip(address) => vec![*address],
            Host::Name(name) => match self.known.lock().get(name) {
                Some((_, Ok(found))) => found.iter().map(SocketAddr::ip).collect(),
                _ => Vec::new(),
            },
        }
    }

    async fn look_up(&self, name: &Arc<str>, within: Duration) -> Answer {
        if let Some((until, answer)) = self.known.lock().get(name)
            && *until > Instant::now()
        {
            return answer.clone();
        }
        let asking = timeout_at(Instant::now() + within, async { self.ask(name).await.await });
        match asking.await {
            Ok(answer) => answer,
            Err(_) => {
                // The question goes on, and its answer takes the place of this one.
                let late = Err(ResolveError::Late(name.clone()));
                self.remember(name, late.clone());
                late
            }
        }
    }

    fn remember(&self, name: &Arc<str>, answer: Answer) {
        let kept = if answer.is_ok() { REMEMBERED } else { FAILURE_REMEMBERED };
        let mut known = self.known.lock();
        if known.len() >= NAMES_MAX {
            known.clear();
        }
        known.insert(name.clone(), (Instant::now() + kept, answer));
    }

    /// The question about this name that is under way, begun if need be.
    async fn ask(&self, name: &Arc<str>) -> Shared<BoxFuture<'static, Answer>> {
        if let Some(asking) = self.asking.lock().get(name) {
            return asking.clone();
        }
        let place = self.places.clone().acquire_owned().await;
        let mut all = self.asking.lock();
        if let Some(asking) = all.get(name) {
            return asking.clone();
        }
        if all.len() >= NAMES_MAX {
            all.clear();
        }
        let (wanted, all_known) = (name.clone(), self.clone());
        let working = spawn_blocking(move || {
            // Held until the name service has answered, whether or not anybody still waits for it.
            let _place = place;
            let found = answer(&wanted);
            all_known.remember(&wanted, found.clone());
            all_known.asking.lock().remove(&wanted);
            found
        });
        let late = name.clone();
        let asking = async move { working.await.unwrap_or(Err(ResolveError::Late(late))) };
        let asking = asking.boxed().shared();
        all.insert(name.clone(), asking.clone());
        asking
    }
}

fn answer(name: &Arc<str>) -> Answer {
    match (&**name, 0).to_socket_addrs() {
        Err(error) => Err(ResolveError::Failed(name.clone(), error.to_string())),
        Ok(found) => sorted(found).ok_or_else(|| ResolveError::Empty(name.clone())),
    }
}

/// IPv4 first, and of several the smallest: the same host at every round.
fn sorted(found: impl Iterator<Item = SocketAddr>) -> Option<Arc<[SocketAddr]>> {
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|address| (address.is_ipv6(), address.ip()));
    found.dedup();
    (!found.is_empty()).then(|| found.into())
}

/// Whether this machine knows a way to the address. Sends nothing: connecting a datagram socket only
/// looks the route up.
pub fn has_route(to: IpAddr) -> bool {
    let from: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    UdpSocket::bind((from, 0)).and_then(|socket| socket.connect((to, 9))).is_ok()
}
