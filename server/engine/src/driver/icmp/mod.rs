//! Pings: one socket per address family, and one ping for all who ask about a host at the same time.

use crate::Workers;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use parking_lot::Mutex;
use socket::EchoSocket;
use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    net::IpAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use wire::Family;

mod socket;
#[cfg(test)]
mod tests;
mod wire;

/// Who asks again within this time gets the same answer.
const SHARED_FOR: Duration = Duration::from_millis(500);
/// Past this many answers the old ones are forgotten.
const SHARED_MAX: usize = 1024;
/// Between two echoes of one ping, unless its time is shorter.
const ECHO_EVERY: Duration = Duration::from_secs(1);

const NO_PERMISSION: &str = "no permission to send pings. Allow them with \
    `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"`, or give the program CAP_NET_RAW \
    (`setcap cap_net_raw+ep routewarden`), and start it again. TCP checks go on without it";

/// How a ping went.
#[derive(Clone, Debug, PartialEq)]
pub enum Ping {
    /// The time of the first answer.
    Answered { time: Duration },
    /// Asked, and nothing came back in time.
    Silent,
    /// We could not ask: no permission, no route of ours.
    Impossible { why: Arc<str> },
}

/// Sends pings. Cheap to clone.
#[derive(Clone)]
pub struct Pinger {
    v4: Result<Arc<EchoSocket>, Arc<str>>,
    v6: Result<Arc<EchoSocket>, Arc<str>>,
    shared: Arc<Mutex<HashMap<IpAddr, SharedPing>>>,
}

struct SharedPing {
    began: Instant,
    count: u16,
    timeout: Duration,
    ping: Shared<BoxFuture<'static, Ping>>,
}

impl Default for Pinger {
    /// A pinger that cannot ping, for where nothing is to be sent.
    fn default() -> Self {
        let why: Arc<str> = "pings are switched off".into();
        Self { v4: Err(why.clone()), v6: Err(why), shared: Arc::default() }
    }
}

impl Pinger {
    /// Opens what the system allows: an unprivileged socket, else a raw one.
    pub fn open(workers: &Workers, stop: &CancellationToken) -> Self {
        let open = |family, name| match EchoSocket::open(family).map(Arc::new) {
            Ok(socket) => {
                let receiving = socket.clone();
                workers.start(name, stop.clone(), move |duty| {
                    let socket = receiving.clone();
                    async move {
                        let ended = duty.stop.run_until_cancelled(socket.receive(&duty)).await;
                        Ok(ended.unwrap_or(Ok(()))?)
                    }
                });
                Ok(socket)
            }
            Err(error) => Err(trouble(&error)),
        };
        Self { v4: open(Family::V4, "ping"), v6: open(Family::V6, "ping6"), shared: Arc::default() }
    }

    /// Why there are no pings, with the remedy, when there are none.
    pub fn trouble(&self) -> Option<Arc<str>> {
        self.v4.as_ref().err().cloned()
    }

    /// Sends up to `count` echoes within `timeout`, and is content with the first answer.
    pub async fn ping(&self, host: IpAddr, count: u16, timeout: Duration) -> Ping {
        let socket = match if host.is_ipv4() { &self.v4 } else { &self.v6 } {
            Ok(socket) => socket.clone(),
            Err(why) => return Ping::Impossible { why: why.clone() },
        };
        let ping = {
            let now = Instant::now();
            let mut shared = self.shared.lock();
            let is_same = |known: &&SharedPing| {
                known.began + SHARED_FOR > now && (known.count, known.timeout) == (count, timeout)
            };
            match shared.get(&host).filter(is_same) {
                Some(known) => known.ping.clone(),
                None => {
                    if shared.len() >= SHARED_MAX {
                        shared.retain(|_, known| known.began + SHARED_FOR > now);
                    }
                    let ping = echo(socket, host, count, now + timeout).boxed().shared();
                    shared.insert(host, SharedPing { began: now, count, timeout, ping: ping.clone() });
                    ping
                }
            }
        };
        ping.await
    }
}

/// Echoes until one is answered: the next when the last had a second, the last until `deadline`.
async fn echo(socket: Arc<EchoSocket>, host: IpAddr, count: u16, deadline: Instant) -> Ping {
    let mut wait = socket.wait(host);
    let breaks = socket.breaks.load(Relaxed);
    let now = Instant::now();
    let every = (deadline.saturating_duration_since(now) / u32::from(count.max(1))).min(ECHO_EVERY);
    for number in 1..=u32::from(count.max(1)) {
        match timeout_at(deadline, wait.send(host)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Ping::Impossible { why: trouble(&error) },
            Err(_) => return Ping::Impossible { why: "the system takes no more packets".into() },
        }
        let until = if number == u32::from(count.max(1)) { deadline } else { now + every * number };
        match timeout_at(until, &mut wait.answer).await {
            Ok(Ok(time)) => return Ping::Answered { time },
            // The sender is only dropped with an answer.
            Ok(Err(_)) => break,
            Err(_) => {}
        }
    }
    if socket.is_listening.load(Relaxed) && socket.breaks.load(Relaxed) == breaks {
        Ping::Silent
    } else {
        Ping::Impossible { why: "replies could not be read".into() }
    }
}

/// Why the system does not let us ask.
fn trouble(error: &io::Error) -> Arc<str> {
    match error.kind() {
        ErrorKind::PermissionDenied => NO_PERMISSION.into(),
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => {
            "this machine has no route to the network".into()
        }
        _ => format!("could not ping from here: {error}").into(),
    }
}
