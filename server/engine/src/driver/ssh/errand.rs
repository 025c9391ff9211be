//! One command from the connection to its end, with nobody to ask: for programs, and for many devices at once.

use super::{Connection, Endpoint, NobodyToAsk, Ran, SshError, SshLogin, Step, connect};
use crate::driver::resolve::Resolver;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Behind the name of a RouterOS user: no colours (`c`), a dumb terminal (`e`) that is not asked for its size (`t`), and
/// lines so long that none is broken (`1000w`). From MikroTik's manual, "Console login process".
const PLAIN_LINES: &str = "+cet1000w";

/// What is to be run, how long it is waited for, and how much of it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Errand<'a> {
    pub command: &'a str,
    /// Of each way out.
    pub bytes_max: usize,
    /// For one connection, until the device has proved who it is.
    pub connect_within: Duration,
    /// For all of it.
    pub within: Duration,
}

/// Runs a command on the device that holds the pinned key, and never takes longer than it may.
pub async fn errand(
    resolver: &Resolver,
    endpoint: &Endpoint,
    login: &SshLogin,
    errand: Errand<'_>,
) -> Result<Ran, SshError> {
    let until = Instant::now() + errand.within;
    let mut connection = reach(resolver, endpoint, errand.connect_within, until).await?;
    // Whoever wrote a suffix wants that one.
    if connection.seen.is_routeros() && !login.username.contains('+') {
        let plain = SshLogin { username: format!("{}{PLAIN_LINES}", login.username), ..login.clone() };
        match sign_in(&mut connection, &plain, until).await {
            Ok(()) => return run(connection, errand, until).await,
            // Some take the whole for the name. No server lets the name be changed within a connection.
            Err(SshError::LoginRefused) => {
                connection = reach(resolver, endpoint, errand.connect_within, until).await?;
            }
            Err(error) => return Err(error),
        }
    }
    sign_in(&mut connection, login, until).await?;
    run(connection, errand, until).await
}

async fn reach(
    resolver: &Resolver,
    endpoint: &Endpoint,
    within: Duration,
    until: Instant,
) -> Result<Connection, SshError> {
    let within = within.min(left(until));
    let connected = timeout(within, connect(resolver, endpoint)).await;
    connected.map_err(|_| SshError::Silent { step: Step::Greet, after: within })?
}

async fn sign_in(connection: &mut Connection, login: &SshLogin, until: Instant) -> Result<(), SshError> {
    let within = left(until);
    let signed = timeout(within, connection.sign_in(login, &mut NobodyToAsk)).await;
    signed.map_err(|_| SshError::Silent { step: Step::SignIn, after: within })?
}

async fn run(connection: Connection, errand: Errand<'_>, until: Instant) -> Result<Ran, SshError> {
    connection.run(errand.command, errand.bytes_max, left(until)).await
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}
