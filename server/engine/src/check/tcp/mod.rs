//! Does a TCP port accept a connection? Its time is how long the connecting took.

use super::{BuildArgs, Check, FieldSpec, Kind, no_answer};
use crate::{
    Observation, Verdict,
    driver::{
        reach::{Unreached, connect},
        resolve::{Host, Resolver},
    },
};
use futures::future::{BoxFuture, FutureExt};
use model::{CheckKind, FieldError, Input};
use std::{io::ErrorKind, net::SocketAddr, time::Duration};
use tokio::time::{Instant, timeout_at};

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
    default_interval_s: None,
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
        self.ask(timeout).boxed()
    }
}

impl TcpCheck {
    async fn ask(&self, timeout: Duration) -> Observation {
        let deadline = Instant::now() + timeout;
        let address = match self.resolver.address(&self.host, timeout).await {
            Ok(address) => address,
            Err(error) => return Verdict::Unknown { why: error.to_string() }.into(),
        };
        let began = Instant::now();
        match timeout_at(deadline, connect(&[SocketAddr::new(address, self.port)])).await {
            Ok(Ok(_)) => Verdict::Up { time_ms: began.elapsed().as_secs_f32() * 1000.0 }.into(),
            Ok(Err(Unreached { is_ours: true, why, .. })) => Verdict::Unknown { why }.into(),
            Ok(Err(Unreached { kind, why, .. })) => Observation {
                is_heard: matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset),
                ..Verdict::Down { why }.into()
            },
            Err(_) => Verdict::Down { why: no_answer(timeout) }.into(),
        }
    }
}
