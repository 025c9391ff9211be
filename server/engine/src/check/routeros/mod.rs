//! Asks a router over its API, through one session that stays open. An answer is up; what it tells about
//! itself comes along as facts. Our own mistakes, a wrong password or a changed certificate, are unknown.

use super::{BuildArgs, Check, Kind};
use crate::{
    Facts, Observation, Verdict,
    driver::routeros::{
        AskError, Ended, Endpoint, Session,
        facts::{Gatherer, Round},
    },
};
use futures::future::BoxFuture;
use model::{CheckKind, Ending, FieldError};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

#[cfg(test)]
mod tests;

/// How many endings of sessions are shown.
const ENDINGS_MAX: usize = 8;

pub const KIND: Kind = Kind {
    kind: CheckKind::Routeros,
    label: "check_routeros",
    fields: &[],
    default_timeout_s: 5,
    // The fast group of questions: load and counters, from which the rates come.
    default_interval_s: Some(30),
    connects: true,
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
                Err(error) => judge(&error).into(),
            }
        })
    }

    /// The session is opened once and kept; a round is a command on it.
    fn is_connected(&self) -> bool {
        self.gatherer.session().is_open()
    }

    fn hurry(&self) {
        self.gatherer.session().hurry();
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
        let mut facts = Facts {
            first_seen_certificate: session.first_seen_certificate(),
            sessions_lost: u32::try_from(lost).unwrap_or(u32::MAX),
            ..round.facts
        };
        facts.metrics.endings = session.endings().into_iter().rev().take(ENDINGS_MAX).map(told).collect();
        let time_ms = round.time.as_secs_f32() * 1_000.0;
        Observation { facts: Some(Box::new(facts)), ..Verdict::Up { time_ms }.into() }
    }
}

fn told(ended: Ended) -> Ending {
    Ending { at: ended.last_at, times: ended.times, reason: ended.why.to_string() }
}

/// Whose fault it is that there is no answer.
fn judge(error: &AskError) -> Verdict {
    let why = error.to_string();
    if error.is_ours() { Verdict::Unknown { why } } else { Verdict::Down { why } }
}
