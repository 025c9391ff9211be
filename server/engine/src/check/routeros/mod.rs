//! Asks a router over its API, through one session that stays open. An answer is up; what it tells about
//! itself comes along as facts. Our own mistakes, a wrong password or a changed certificate, are unknown.

use super::{BuildArgs, Check, Kind};
use crate::{
    Facts, Observation, Verdict,
    driver::routeros::{
        AskError, Disconnect, Endpoint, Session,
        facts::{Gatherer, Round},
    },
};
use futures::future::BoxFuture;
use model::{CheckKind, FieldError};
use std::{
    io::ErrorKind,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

#[cfg(test)]
mod tests;

pub const KIND: Kind = Kind {
    kind: CheckKind::Routeros,
    label: "check_routeros",
    fields: &[],
    default_timeout_s: 5,
    // The session is opened once and kept; a round is a command on it.
    connects: false,
    needs_login: true,
    build,
};

struct Routeros {
    gatherer: Gatherer,
    /// Session losses that were already told.
    losses_told: AtomicU64,
}

fn build(args: &BuildArgs<'_>) -> Result<Box<dyn Check>, FieldError> {
    let Some(login) = args.watched.routeros.clone() else {
        return Err(FieldError::new("routeros", "error_needs_login", "needs a RouterOS login"));
    };
    let host = &args.watched.device.address;
    let session = Session::new(Endpoint { host: host.clone(), login }, args.tools.runtime());
    Ok(Box::new(Routeros { gatherer: Gatherer::new(session, host), losses_told: AtomicU64::new(0) }))
}

impl Check for Routeros {
    fn probe<'a>(&'a self, timeout: Duration) -> BoxFuture<'a, Observation> {
        Box::pin(async move {
            match self.gatherer.round(timeout).await {
                Ok(round) => self.answered(round),
                Err(error) => Observation { verdict: judge(&error), facts: None },
            }
        })
    }

    fn router(&self) -> Option<Session> {
        Some(self.gatherer.session().clone())
    }
}

impl Routeros {
    fn answered(&self, round: Round) -> Observation {
        let session = self.gatherer.session();
        // Told once the router is back: what fails in between is an outage, not a reconnect.
        let losses = session.losses();
        let lost = losses.saturating_sub(self.losses_told.swap(losses, Ordering::Relaxed));
        let facts = Facts {
            first_seen_certificate: session.first_seen_certificate(),
            sessions_lost: u32::try_from(lost).unwrap_or(u32::MAX),
            ..round.facts
        };
        let time_ms = round.time.as_secs_f32() * 1_000.0;
        Observation { verdict: Verdict::Up { time_ms }, facts: Some(Box::new(facts)) }
    }
}

/// Whose fault it is that there is no answer.
fn judge(error: &AskError) -> Verdict {
    let why = error.to_string();
    match error {
        AskError::Disconnected(
            Disconnect::Unresolved(_)
            | Disconnect::Tls(_)
            | Disconnect::CertificateChanged { .. }
            | Disconnect::LoginRefused { .. }
            | Disconnect::Unreachable { kind: ErrorKind::NetworkUnreachable, .. }
            | Disconnect::Stopped,
        ) => Verdict::Unknown { why },
        _ => Verdict::Down { why },
    }
}
