//! `sim`: simulated routers alone, for tests and benchmarks. Hidden: nobody needs it to watch a network.

use std::net::SocketAddr;

#[derive(Clone, Debug, clap::Args)]
pub struct Sim {
    /// How many routers
    #[arg(long, default_value_t = 1)]
    pub routers: u16,
    /// The first router's address; the others take the ports after it
    #[arg(long, default_value = "127.0.0.1:18728")]
    pub listen: SocketAddr,
}
