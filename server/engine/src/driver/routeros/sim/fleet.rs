//! Many simulated routers in one process.

use super::personality::Personality;
use super::router::SimRouter;
use super::{SimOptions, tls};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// How a fleet is told apart from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// One address, one port each, counted up from the first; port 0 takes whatever is free.
    Ports(SocketAddr),
    /// One port, one address each, counted up from the first (127.x.y.z; Linux answers for all of them).
    Addresses { first: Ipv4Addr, port: u16 },
}

impl Spread {
    fn nth(self, index: u32) -> io::Result<SocketAddr> {
        let overflow = || io::Error::new(io::ErrorKind::InvalidInput, "more routers than ports or addresses");
        match self {
            Spread::Ports(first) if first.port() == 0 => Ok(first),
            Spread::Ports(first) => {
                let port = u16::try_from(u32::from(first.port()) + index).map_err(|_| overflow())?;
                Ok(SocketAddr::new(first.ip(), port))
            }
            Spread::Addresses { first, port } => {
                let address = u32::from(first).checked_add(index).ok_or_else(overflow)?;
                Ok(SocketAddr::new(IpAddr::V4(address.into()), port))
            }
        }
    }
}

/// Routers in the mix of a grown network. They disappear when dropped.
pub struct SimFleet {
    pub routers: Vec<SimRouter>,
}

impl SimFleet {
    /// Starts `count` routers, of all kinds in turn.
    pub async fn start(count: u32, spread: Spread, options: SimOptions) -> io::Result<Self> {
        let identity = if options.tls { Some(tls::identity()?) } else { None };
        let options = Arc::new(options);
        let start = |index| {
            let (personality, at) = (Personality::nth(index), spread.nth(index)?);
            SimRouter::start_nth(index, personality, at, options.clone(), identity.clone())
        };
        Ok(Self { routers: (0..count).map(start).collect::<io::Result<_>>()? })
    }

    /// Logins that all routers together accepted.
    pub fn logins(&self) -> u64 {
        self.routers.iter().map(SimRouter::logins).sum()
    }
}

/// Runs a fleet until `stop`, and says on standard output where each router listens: the program's `sim`
/// command.
pub async fn run(count: u32, spread: Spread, options: SimOptions, stop: CancellationToken) -> io::Result<()> {
    let fleet = SimFleet::start(count, spread, options).await?;
    for router in &fleet.routers {
        println!("{} {} {}", router.address(), router.identity(), router.personality().version_text());
    }
    stop.cancelled().await;
    println!("logins: {}", fleet.logins());
    Ok(())
}
