//! Which addresses a channel may speak to, judged on what a name means at that moment, and on nothing else:
//! what was judged is what is connected to.

use crate::driver::resolve::{Host, ResolveError, Resolver};
use futures::future::BoxFuture;
use ipnet::IpNet;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use thiserror::Error;

/// All addresses of a name, within a time.
pub type Lookup =
    Arc<dyn Fn(String, Duration) -> BoxFuture<'static, Result<Vec<SocketAddr>, ResolveError>> + Send + Sync>;

/// Where names are looked up.
#[derive(Clone)]
pub struct Names {
    lookup: Lookup,
    /// Networks that also a browser may name: a push service of one's own.
    allowed: Arc<[IpNet]>,
}

/// How far a channel may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// An admin named the place: receivers in the same house, or on the same machine, are the common case.
    Own,
    /// A browser named the place: nothing inside the house may be asked in our name.
    Public,
}

/// A name means nothing but addresses that must not be spoken to.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the address {0} is not one to send to")]
pub struct Forbidden(pub IpAddr);

/// Why a name gave no address to connect to.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoAddress {
    #[error(transparent)]
    Unknown(#[from] ResolveError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
}

impl Names {
    /// By the operating system's name service.
    pub fn of(resolver: Resolver) -> Self {
        Self::new(Arc::new(move |name, within| {
            let resolver = resolver.clone();
            Box::pin(async move { resolver.addresses(&Host::new(&name), 0, within).await })
        }))
    }

    pub fn new(lookup: Lookup) -> Self {
        Self { lookup, allowed: Arc::default() }
    }

    /// Lets also browsers name places in these networks, as far as anybody may speak to them.
    pub fn allowing(self, networks: &[IpNet]) -> Self {
        Self { allowed: networks.into(), ..self }
    }

    /// Whether there may be push services in the house, which need no TLS.
    pub fn allow_any(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Whether this address may be spoken to by who reaches so far.
    pub fn allow(&self, reach: Reach, address: IpAddr) -> bool {
        let is_named = |address: IpAddr| self.allowed.iter().any(|network| network.contains(&address));
        reach.allows(address) || (Reach::Own.allows(address) && is_named(plain(address)))
    }

    /// The addresses of a host that may be spoken to; never none.
    pub async fn addresses(
        &self,
        host: &str,
        port: u16,
        reach: Reach,
        within: Duration,
    ) -> Result<Vec<SocketAddr>, NoAddress> {
        let mut found = (self.lookup)(host.to_owned(), within).await?;
        found.iter_mut().for_each(|address| address.set_port(port));
        let refused = found.iter().find(|address| !self.allow(reach, address.ip())).map(SocketAddr::ip);
        found.retain(|address| self.allow(reach, address.ip()));
        match refused {
            Some(address) if found.is_empty() => Err(Forbidden(address).into()),
            _ => Ok(found),
        }
    }
}

impl Reach {
    pub fn allows(self, address: IpAddr) -> bool {
        match (self, plain(address)) {
            (Reach::Own, address) => !is_nobodys(address),
            (Reach::Public, address) => !is_nobodys(address) && !is_inside(address),
        }
    }
}

/// An IPv4 address in the clothes of an IPv6 one (RFC 4291 2.5.5.2, RFC 6052 2.1) is that IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        _ => v6.to_canonical(),
    }
}

/// Never a receiver: this network only (where clouds keep their machines' passwords), everybody, or nobody.
fn is_nobodys(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.octets()[0] == 0 || v4.octets()[0] >= 224 || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_multicast() || v6.is_unicast_link_local(),
    }
}

/// Not on the internet (RFC 6890).
fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || (a == 100 && b & 0xc0 == 64)
                || (a, b, c) == (192, 0, 0)
                || (a == 198 && b & 0xfe == 18)
                || v4.is_documentation()
        }
        IpAddr::V6(v6) => is_inside_v6(v6),
    }
}

/// Of IPv6 only 2000::/3 is handed out (RFC 4291 2.4), less what is documentation (RFC 3849) and the tunnels
/// that carry an IPv4 address inside (RFC 3056, RFC 4380).
fn is_inside_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first & 0xe000 != 0x2000 || first == 0x2002 || (first == 0x2001 && matches!(second, 0 | 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(reach: Reach, addresses: &[&str]) -> Vec<String> {
        let is_refused = |address: &&&str| !reach.allows(address.parse().unwrap());
        addresses.iter().filter(is_refused).map(|address| (*address).to_owned()).collect()
    }

    const NEVER: [&str; 16] = [
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "169.254.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "fe80::1",
        "febf::1",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "64:ff9b::a9fe:a9fe",
        "::ffff:224.0.0.1",
    ];
    const INSIDE: [&str; 14] = [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.88.1",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.0.192",
        "::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "64:ff9b::a01:203",
        "2001:db8::1",
        "2002:a01:203::1",
    ];
    const OUTSIDE: [&str; 6] =
        ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"];

    #[test]
    fn what_is_nobodys_is_refused_to_everybody_and_the_house_to_browsers() {
        assert_eq!(refused(Reach::Own, &NEVER), NEVER);
        assert_eq!(refused(Reach::Public, &NEVER), NEVER);
        assert!(refused(Reach::Own, &INSIDE).is_empty());
        assert_eq!(refused(Reach::Public, &INSIDE), INSIDE);
        assert!(refused(Reach::Own, &OUTSIDE).is_empty() && refused(Reach::Public, &OUTSIDE).is_empty());
    }

    #[tokio::test]
    async fn of_several_addresses_only_those_that_may_be_spoken_to_are_left() {
        let answers = |found: &[&str]| {
            let found: Vec<SocketAddr> =
                found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
            let lookup: Lookup = Arc::new(move |_, _| Box::pin(std::future::ready(Ok(found.clone()))));
            Names::new(lookup)
        };
        let within = Duration::from_secs(1);
        let mixed = answers(&["169.254.169.254", "127.0.0.1"]);
        let left = mixed.addresses("a.example", 25, Reach::Own, within).await.unwrap();
        assert_eq!(left, ["127.0.0.1:25".parse().unwrap()]);
        let none = mixed.addresses("a.example", 25, Reach::Public, within).await.unwrap_err();
        assert_eq!(none, Forbidden("169.254.169.254".parse().unwrap()).into());
        let allowed = mixed.allowing(&["0.0.0.0/0".parse().unwrap()]);
        let left = allowed.addresses("a.example", 25, Reach::Public, within).await.unwrap();
        assert_eq!(left, ["127.0.0.1:25".parse().unwrap()], "what is nobody's is not to be allowed");
    }
}
