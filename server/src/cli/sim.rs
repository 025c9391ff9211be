//! `sim`: simulated routers alone, for tests and benchmarks. Hidden: nobody needs it to watch a network.

use anyhow::Context as _;
use engine::driver::routeros::sim::{self, LoginStyle, SimOptions, Spread};
use std::net::{IpAddr, SocketAddr};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, clap::Args)]
pub struct Sim {
    /// How many routers
    #[arg(long, default_value_t = 1)]
    pub routers: u16,
    /// The first router's address; the others take the ports after it (with port 0 any free ones)
    #[arg(long, default_value = "127.0.0.1:18728")]
    pub listen: SocketAddr,
    /// The others take the addresses after it instead, all on the same port
    #[arg(long)]
    pub own_addresses: bool,
    /// How they let people in
    #[arg(long, default_value = "plain")]
    pub login: Login,
    /// API-SSL instead of the plain API
    #[arg(long)]
    pub tls: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Login {
    /// RouterOS 6.43 and later
    Plain,
    /// Before
    Challenge,
}

impl Sim {
    /// Runs until `stop`; says on standard output where each router listens, one line each.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let spread = match (self.own_addresses, self.listen.ip()) {
            (false, _) => Spread::Ports(self.listen),
            (true, IpAddr::V4(first)) => Spread::Addresses { first, port: self.listen.port() },
            (true, IpAddr::V6(_)) => anyhow::bail!("own addresses are counted up from an IPv4 address"),
        };
        let login = match self.login {
            Login::Plain => LoginStyle::Plain,
            Login::Challenge => LoginStyle::Challenge,
        };
        let options = SimOptions { login, tls: self.tls, ..SimOptions::default() };
        let routers = u32::from(self.routers);
        sim::run(routers, spread, options, stop)
            .await
            .with_context(|| format!("while simulating at {}", self.listen))
    }
}
