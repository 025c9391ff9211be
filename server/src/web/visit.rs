//! Where a request came from, as far as it can be believed.

use super::listen::Encrypted;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// The far end of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The visitor's address: the peer's, or what a trusted proxy says.
    pub ip: IpAddr,
    /// The visitor's own connection is encrypted.
    pub is_https: bool,
    /// The visitor sits at this machine: nothing in between, and under a name of this machine.
    pub is_loopback: bool,
}

/// Whose forwarded headers count.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Arc<[IpNet]>);

impl TrustedProxies {
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

impl Visit {
    /// Judges `headers` of a request that `peer` sent.
    pub fn new(peer: IpAddr, headers: &HeaderMap, is_tls: bool, proxies: &TrustedProxies) -> Self {
        let is_trusted = |ip: IpAddr| proxies.contain(ip);
        let peer = peer.to_canonical();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if is_trusted(peer) {
            // Several lines of one header are one list, and a proxy adds to its end.
            let hops = from_last(headers, "x-forwarded-for");
            // The nearest hop that is not one of our proxies: what stands further left, anybody may have written.
            let ip =
                hops.map_while(|hop| hop.trim().parse().ok()).find(|ip| !is_trusted(*ip)).unwrap_or(peer);
            let is_https = from_last(headers, "x-forwarded-proto")
                .next()
                .is_some_and(|word| word.trim().eq_ignore_ascii_case("https"));
            return Self { ip, is_https: is_https || is_tls, is_loopback: false };
        }
        let is_forwarded = headers.keys().any(|name| {
            matches!(name.as_str(), "forwarded" | "x-real-ip" | "via")
                || name.as_str().starts_with("x-forwarded-")
        });
        let is_local_name = text(header::HOST.as_str()).is_some_and(is_local_name);
        Self { ip: peer, is_https: is_tls, is_loopback: peer.is_loopback() && is_local_name && !is_forwarded }
    }

    /// Plain HTTP from another machine: pages carry a warning.
    pub fn is_exposed(self) -> bool {
        !self.is_https && !self.is_loopback
    }
}

/// The parts of a list in a header, the last one first, as far as they can be read.
fn from_last<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter().rev().map_while(|line| line.to_str().ok());
    lines.flat_map(|line| line.rsplit(','))
}

/// Whether a `Host` is a name of this machine.
pub fn is_local_name(host: &str) -> bool {
    matches!(host_name(host).to_ascii_lowercase().as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

/// `Host` without its port.
pub fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Notes the [`Visit`] on every request.
pub async fn layer(State(proxies): State<TrustedProxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let is_tls = request.extensions().get::<Encrypted>().is_some();
    let visit = Visit::new(peer, request.headers(), is_tls, &proxies);
    request.extensions_mut().insert(visit);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn visit(peer: &str, headers: &[(&'static str, &'static str)]) -> Visit {
        let proxies = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap()].into());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Visit::new(peer.parse().unwrap(), &map, false, &proxies)
    }

    #[test]
    fn forwarded_headers_of_a_stranger_change_nothing() {
        let seen = visit("203.0.113.9", &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https")]);
        assert_eq!(seen, Visit { ip: "203.0.113.9".parse().unwrap(), is_https: false, is_loopback: false });
    }

    #[test]
    fn a_trusted_proxy_is_believed_as_far_as_the_first_hop_that_is_not_one() {
        let seen = visit(
            "10.0.0.1",
            &[("x-forwarded-for", "127.0.0.1, 203.0.113.9, 10.0.0.2"), ("x-forwarded-proto", "https")],
        );
        assert_eq!(seen, Visit { ip: "203.0.113.9".parse().unwrap(), is_https: true, is_loopback: false });
    }

    #[test]
    fn a_header_in_several_lines_is_read_as_one_with_what_the_proxy_added_last() {
        let seen = visit(
            "10.0.0.1",
            &[
                ("x-forwarded-for", "198.51.100.7"),
                ("x-forwarded-for", "203.0.113.9, 10.0.0.2"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-proto", "http"),
            ],
        );
        assert_eq!(seen, Visit { ip: "203.0.113.9".parse().unwrap(), is_https: false, is_loopback: false });
    }

    #[test]
    fn this_machine_is_known_by_peer_and_name_and_by_nothing_in_between() {
        assert!(visit("127.0.0.1", &[("host", "localhost:5000")]).is_loopback);
        assert!(visit("::1", &[("host", "[::1]:5000")]).is_loopback);
        assert!(!visit("127.0.0.1", &[("host", "attacker.example")]).is_loopback);
        for between in
            ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "x-real-ip", "forwarded", "via"]
        {
            assert!(!visit("127.0.0.1", &[("host", "localhost"), (between, "x")]).is_loopback, "{between}");
        }
        assert!(!visit("192.0.2.1", &[("host", "localhost")]).is_loopback);
    }
}
