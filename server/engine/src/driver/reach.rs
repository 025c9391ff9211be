//! Opens TCP connections, and says whose fault it is where none came to be.

use super::resolve::has_route;
use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
};
use tokio::net::TcpStream;

#[cfg(test)]
mod tests;

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    pub kind: ErrorKind,
    /// The target was not even asked, so this says nothing about it.
    pub is_ours: bool,
    /// In plain words.
    pub why: String,
}

/// Connects to the first address that accepts. Of several failures the target's own counts before ours:
/// no route to one of its addresses is no excuse for the silence of another.
pub async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Unreached> {
    let mut failed = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                let unreached = Unreached::new(&error, address.ip());
                if failed.as_ref().is_none_or(|before: &Unreached| before.is_ours) {
                    failed = Some(unreached);
                }
            }
        }
    }
    Err(failed.unwrap_or_else(Unreached::nowhere))
}

impl Unreached {
    pub fn new(error: &io::Error, address: IpAddr) -> Self {
        let (is_ours, why) = match error.kind() {
            ErrorKind::ConnectionRefused => (false, "connection refused".to_owned()),
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                (false, "connection reset".to_owned())
            }
            ErrorKind::TimedOut => (false, "no answer".to_owned()),
            ErrorKind::HostUnreachable => (false, "no route to host".to_owned()),
            // A router on the way says this too; only a missing route of ours is our fault.
            ErrorKind::NetworkUnreachable if has_route(address) => (false, "network unreachable".to_owned()),
            ErrorKind::NetworkUnreachable => (true, "this machine has no route to the network".to_owned()),
            // Out of sockets or ports, or a firewall of our own.
            _ => (true, format!("could not connect from here: {error}")),
        };
        Self { kind: error.kind(), is_ours, why }
    }

    fn nowhere() -> Self {
        Self { kind: ErrorKind::AddrNotAvailable, is_ours: true, why: "there is no address".to_owned() }
    }
}
