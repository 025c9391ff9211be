//! One command from the connection to its end, with nobody to ask: for programs, and for many devices at once.

use super::{
    Beyond, Connection, Endpoint, NobodyToAsk, Ran, SshError, SshLogin, Step, connect::connect_until,
};
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
    /// Somebody said that it may change the device: it runs on any, and to its end whatever it prints. What nobody
    /// confirmed runs on RouterOS alone, and is cut where it prints more than is kept.
    pub is_confirmed: bool,
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
    let mut connection = reach(resolver, endpoint, &errand, until).await?;
    // Whoever wrote a suffix wants that one.
    if connection.seen.is_routeros() && !login.username.contains('+') {
        let plain = SshLogin { username: format!("{}{PLAIN_LINES}", login.username), ..login.clone() };
        match sign_in(&mut connection, &plain, until).await {
            Ok(()) => return run(connection, errand, until).await,
            // Some take the whole for the name. No server lets the name be changed within a connection.
            Err(SshError::LoginRefused) => {
                connection = reach(resolver, endpoint, &errand, until).await?;
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
    errand: &Errand<'_>,
    until: Instant,
) -> Result<Connection, SshError> {
    let within = until.min(Instant::now() + errand.connect_within);
    let connection = connect_until(resolver, endpoint, within).await?;
    // Before a login is sent to what must not be asked.
    if errand.is_confirmed || connection.seen.is_routeros() {
        Ok(connection)
    } else {
        Err(SshError::Unconfirmed)
    }
}

async fn sign_in(connection: &mut Connection, login: &SshLogin, until: Instant) -> Result<(), SshError> {
    let within = left(until);
    let signed = timeout(within, connection.sign_in(login, &mut NobodyToAsk)).await;
    signed.map_err(|_| SshError::Silent { step: Step::SignIn, after: within })?
}

async fn run(connection: Connection, errand: Errand<'_>, until: Instant) -> Result<Ran, SshError> {
    let beyond = if errand.is_confirmed { Beyond::ThrowAway } else { Beyond::Cut };
    connection.run(errand.command, (errand.bytes_max, beyond), left(until)).await
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}
