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
use std::{net::SocketAddr, slice, sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How many of a name's addresses are tried.
const ADDRESSES_MAX: usize = 4;
/// Resolving, connecting, and the exchange of keys.
const STEPS: u32 = 3;

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
    connect_until(resolver, endpoint, Instant::now() + STEPS * STEP_MAX).await
}

/// The same, over at `until` at the latest; what fails names the step that took too long.
pub(super) async fn connect_until(
    resolver: &Resolver,
    endpoint: &Endpoint,
    until: Instant,
) -> Result<Connection, SshError> {
    let step_max = || STEP_MAX.min(until.saturating_duration_since(Instant::now()));
    let host = Host::new(&endpoint.host);
    let found = resolver.addresses(&host, endpoint.port, step_max());
    let mut addresses = found.await.map_err(|error| SshError::Unresolved(error.to_string()))?;
    addresses.truncate(ADDRESSES_MAX);
    let line = line_to(&addresses, step_max()).await?;
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
        in_time(Step::Greet, step_max(), russh::client::connect_stream(config, guarded, watcher)).await?;
    match agreed {
        Ok(handle) => Ok(Connection { handle, seen, allowance, has_legacy: endpoint.has_legacy, cut }),
        Err(error) => Err(end(&seen, &allowance, error)),
    }
}

/// A line to the first address that accepts. One that is silent takes only its share of the time. Of several failures the
/// device's own counts before ours.
async fn line_to(addresses: &[SocketAddr], within: Duration) -> Result<TcpStream, SshError> {
    let until = Instant::now() + within;
    let mut waiting = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    let mut failed: Option<(bool, SshError)> = None;
    for address in addresses {
        let share = until.saturating_duration_since(Instant::now()) / waiting.max(1);
        waiting = waiting.saturating_sub(1);
        let (is_ours, error) = match timeout(share, reach::connect(slice::from_ref(address))).await {
            Ok(Ok(line)) => return Ok(line),
            Ok(Err(unreached)) => (unreached.is_ours, SshError::Unreachable(unreached.why)),
            Err(_) => (false, SshError::Silent { step: Step::Connect, after: share }),
        };
        if failed.as_ref().is_none_or(|(was_ours, _)| *was_ours) {
            failed = Some((is_ours, error));
        }
    }
    Err(failed.map_or_else(|| SshError::Unreachable("there is no address".to_owned()), |(_, error)| error))
}

pub(super) async fn in_time<T>(
    step: Step,
    after: Duration,
    work: impl Future<Output = T>,
) -> Result<T, SshError> {
    timeout(after, work).await.map_err(|_| SshError::Silent { step, after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, TcpSocket};

    const WITHIN: Duration = Duration::from_secs(10);

    /// A listener that answers nobody any more, with whoever fills it: what Linux takes for one that waits is full
    /// with the first.
    async fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        while let Ok(line) = timeout(Duration::from_millis(1), TcpStream::connect(address)).await {
            waiting.push(line.unwrap());
        }
        (address, listener, waiting)
    }

    fn endpoint(address: SocketAddr) -> Endpoint {
        Endpoint { host: address.ip().to_string(), port: address.port(), pinned: None, has_legacy: false }
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_told_from_who_does_not_speak_within_the_time_that_was_given() {
        let (address, _listener, _waiting) = silent().await;
        let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for (address, step) in [(address, Step::Connect), (mute.local_addr().unwrap(), Step::Greet)] {
            let began = Instant::now();
            let reached = connect_until(&Resolver::default(), &endpoint(address), began + WITHIN).await;
            let Some(SshError::Silent { step: named, after }) = reached.err() else {
                panic!("{step:?} was not silent")
            };
            assert_eq!(named, step);
            assert!(after > WITHIN / 2 && after <= WITHIN, "{after:?}");
            assert!(began.elapsed() < WITHIN + Duration::from_secs(1), "{:?}", began.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_address_that_is_silent_leaves_time_for_the_second_and_else_is_the_failure() {
        let (dead, _listener, _waiting) = silent().await;
        let living = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let second = living.local_addr().unwrap();
        let line = line_to(&[dead, second], WITHIN).await.unwrap();
        assert_eq!(line.peer_addr().unwrap(), second);
        let refused = line_to(&[dead, dead], WITHIN).await.unwrap_err();
        assert!(matches!(refused, SshError::Silent { step: Step::Connect, .. }), "{refused}");
        assert!(line_to(&[], WITHIN).await.is_err());
    }
}
