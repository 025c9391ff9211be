//! From an address to a connection whose far end is proved: resolve, connect, exchange keys, each under its deadline.

use super::{
    STEP_MAX, SshError, Step, UNSIGNED_BYTES_MAX, algorithms,
    guard::{Allowance, Guarded},
    watcher::{Seen, Watcher},
};
use crate::driver::{
    reach,
    resolve::{Host, Resolver},
};
use model::SshHostKey;
use russh::client::Handle;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How many of a name's addresses are tried.
const ADDRESSES_MAX: usize = 4;

/// Where a device's SSH is, and what it must prove.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
    /// The only host key that is accepted. Without one the connection tells which there is, and ends.
    pub pinned: Option<SshHostKey>,
    /// Whether what only old RouterOS needs is offered too.
    pub has_legacy: bool,
}

/// A connection to a device that has proved who it is. Dropped, it is cut.
pub struct Connection {
    pub(super) handle: Handle<Watcher>,
    pub(super) seen: Seen,
    pub(super) allowance: Allowance,
    pub(super) has_legacy: bool,
    pub(super) cut: DropGuard,
}

impl Connection {
    /// What the device says before the login, tamed; lines end as terminals want them.
    pub fn banner(&self) -> String {
        self.seen.banner()
    }

    /// Why the connection is no more, best known first.
    pub(super) fn end(&self, error: SshError) -> SshError {
        end(&self.seen, &self.allowance, error)
    }
}

pub(super) fn end(seen: &Seen, allowance: &Allowance, error: SshError) -> SshError {
    allowance.end().or_else(|| seen.end()).unwrap_or(error)
}

/// Connects, and lets the device prove that it holds the pinned key.
pub async fn connect(resolver: &Resolver, endpoint: &Endpoint) -> Result<Connection, SshError> {
    let host = Host::new(&endpoint.host);
    let found = resolver.addresses(&host, endpoint.port, STEP_MAX);
    let mut addresses = found.await.map_err(|error| SshError::Unresolved(error.to_string()))?;
    addresses.truncate(ADDRESSES_MAX);
    let reached = in_time(Step::Connect, STEP_MAX, reach::connect(&addresses)).await?;
    let line = reached.map_err(|unreached| SshError::Unreachable(unreached.why))?;
    // Only saves time; a socket that refuses it still works.
    let _ = line.set_nodelay(true);

    let (allowance, seen) = (Allowance::new(UNSIGNED_BYTES_MAX), Seen::default());
    let cut = CancellationToken::new();
    let guarded = Guarded::new(line, allowance.clone(), cut.clone());
    // From here on: whoever stops waiting cuts the line.
    let cut = cut.drop_guard();
    let config = Arc::new(algorithms::config(endpoint.has_legacy, endpoint.pinned.as_ref())?);
    let watcher = Watcher { pinned: endpoint.pinned.clone(), seen: seen.clone() };
    let agreed =
        in_time(Step::Greet, STEP_MAX, russh::client::connect_stream(config, guarded, watcher)).await?;
    match agreed {
        Ok(handle) => Ok(Connection { handle, seen, allowance, has_legacy: endpoint.has_legacy, cut }),
        Err(error) => Err(end(&seen, &allowance, error)),
    }
}

pub(super) async fn in_time<T>(
    step: Step,
    after: Duration,
    work: impl Future<Output = T>,
) -> Result<T, SshError> {
    timeout(after, work).await.map_err(|_| SshError::Silent { step, after })
}
