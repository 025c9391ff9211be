//! Does the host answer a ping? Targets that share a host are pinged once.

use super::{BuildArgs, Check, FieldSpec, Kind};
use crate::{
    Observation, Verdict,
    driver::{
        icmp::{Ping, Pinger},
        resolve::{Host, Resolver},
    },
};
use futures::future::{BoxFuture, FutureExt};
use model::{CheckKind, FieldError, Input};
use std::time::Duration;

#[cfg(test)]
mod tests;

const COUNT: FieldSpec = FieldSpec {
    name: "count",
    label: "check_icmp_count",
    input: Input::Number { min: 1, max: 10 },
    required: false,
    default: Some("2"),
};

pub const KIND: Kind = Kind {
    kind: CheckKind::Icmp,
    label: "check_icmp",
    fields: &[COUNT],
    default_timeout_s: 5,
    default_interval_s: None,
    connects: false,
    needs_login: false,
    build,
};

struct IcmpCheck {
    host: Host,
    count: u16,
    pinger: Pinger,
    resolver: Resolver,
}

fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Check>, FieldError> {
    Ok(Box::new(IcmpCheck {
        host: Host::new(&args.watched.device.address),
        count: u16::try_from(args.number(&COUNT)?).unwrap_or(u16::MAX),
        pinger: args.tools.pinger.clone(),
        resolver: args.tools.resolver.clone(),
    }))
}

impl Check for IcmpCheck {
    fn probe<'a>(&'a self, timeout: Duration) -> BoxFuture<'a, Observation> {
        self.ask(timeout).map(Observation::from).boxed()
    }
}

impl IcmpCheck {
    async fn ask(&self, timeout: Duration) -> Verdict {
        let address = match self.resolver.address(&self.host, timeout).await {
            Ok(address) => address,
            Err(error) => return Verdict::Unknown { why: error.to_string() },
        };
        match self.pinger.ping(address, self.count, timeout).await {
            Ping::Answered { time } => Verdict::Up { time_ms: time.as_secs_f32() * 1000.0 },
            Ping::Silent => Verdict::Down { why: super::no_answer(timeout) },
            Ping::Impossible { why } => Verdict::Unknown { why: why.to_string() },
        }
    }
}
