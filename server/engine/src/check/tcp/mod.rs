//! Does a TCP port accept a connection? Its time is how long the connecting took.

use super::{BuildArgs, Check, FieldSpec, Kind, no_answer};
use crate::{
    Observation, Verdict,
    driver::resolve::{Host, Resolver, has_route},
};
use futures::future::{BoxFuture, FutureExt};
use model::{CheckKind, FieldError, Input};
use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

#[cfg(test)]
mod tests;

const PORT: FieldSpec = FieldSpec {
    name: "port",
    label: "check_tcp_port",
    input: Input::Number { min: 1, max: 65_535 },
    required: true,
    default: None,
};

pub const KIND: Kind = Kind {
    kind: CheckKind::Tcp,
    label: "check_tcp",
    fields: &[PORT],
    default_timeout_s: 5,
    connects: true,
    needs_login: false,
    build,
};

struct TcpCheck {
    host: Host,
    port: u16,
    resolver: Resolver,
}

fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Check>, FieldError> {
    Ok(Box::new(TcpCheck {
        host: Host::new(&args.watched.device.address),
        port: u16::try_from(args.number(&PORT)?).unwrap_or(u16::MAX),
        resolver: args.tools.resolver.clone(),
    }))
}

impl Check for TcpCheck {
    fn probe<'a>(&'a self, timeout: Duration) -> BoxFuture<'a, Observation> {
        self.ask(timeout).map(Observation::from).boxed()
    }
}

impl TcpCheck {
    async fn ask(&self, timeout: Duration) -> Verdict {
        let deadline = Instant::now() + timeout;
        let address = match self.resolver.address(&self.host, timeout).await {
            Ok(address) => address,
            Err(error) => return Verdict::Unknown { why: error.to_string() },
        };
        let began = Instant::now();
        match timeout_at(deadline, TcpStream::connect(SocketAddr::new(address, self.port))).await {
            Ok(Ok(_)) => Verdict::Up { time_ms: began.elapsed().as_secs_f32() * 1000.0 },
            Ok(Err(error)) => judge(&error, address),
            Err(_) => Verdict::Down { why: no_answer(timeout) },
        }
    }
}

/// Whose fault it is that there is no connection, in plain words.
fn judge(error: &io::Error, address: IpAddr) -> Verdict {
    let down = |why: &str| Verdict::Down { why: why.to_owned() };
    match error.kind() {
        ErrorKind::ConnectionRefused => down("connection refused"),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => down("connection reset"),
        ErrorKind::TimedOut => down("no answer"),
        ErrorKind::HostUnreachable => down("no route to host"),
        // A router on the way says this too; only a missing route of ours is our fault.
        ErrorKind::NetworkUnreachable if has_route(address) => down("network unreachable"),
        ErrorKind::NetworkUnreachable => {
            Verdict::Unknown { why: "this machine has no route to the network".to_owned() }
        }
        // Out of sockets or ports, or a firewall of our own.
        _ => Verdict::Unknown { why: format!("could not connect from here: {error}") },
    }
}
