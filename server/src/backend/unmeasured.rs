//! Since when the numbers that open alerts are about were not measured: such an alert tells how it was then.

use super::Viewer;
use crate::{alerts::round_s, store};
use model::{Alert, Incident, Measure, State, Timestamp};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Rounds that may pass without a number while its device answers: one answer may be lost, and one late.
const ROUNDS_MAX: i64 = 3;
/// A device that is asked more often than this is waited for as long, in milliseconds.
const ROUND_MS_MIN: i64 = 5_000;
/// How long a list of alerts waits for all that is said of them here.
const LOOK_MAX: Duration = Duration::from_secs(2);

impl Viewer {
    /// Says of each open alert about a number when that was measured last, where it is not measured now.
    pub(super) async fn mark_unmeasured(&self, alerts: &mut [Alert]) {
        let incidents: Vec<_> = alerts.iter().map(|alert| &alert.incident).collect();
        let since = self.unmeasured_since(&incidents).await;
        for (alert, since) in alerts.iter_mut().zip(since) {
            alert.unmeasured_since = since;
        }
    }

    /// When the number of each of these alerts was measured last, where the alert is open and the number is not measured
    /// now. What the database does not tell in time is left unsaid: the alerts are what people came for.
    pub async fn unmeasured_since(&self, incidents: &[&Incident]) -> Vec<Option<Timestamp>> {
        let until = Instant::now() + LOOK_MAX;
        let mut all = Vec::with_capacity(incidents.len());
        for incident in incidents {
            let since = match timeout_at(until, self.unmeasured(incident)).await {
                Ok(Ok(since)) => since,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "when a number was measured last could not be read");
                    None
                }
                Err(_) => None,
            };
            all.push(since);
        }
        all
    }

    async fn unmeasured(&self, incident: &Incident) -> store::Result<Option<Timestamp>> {
        let (fleet, history) = (&self.program.fleet, &self.program.history);
        let crossing = incident.crossing.as_ref().filter(|_| incident.closed_at.is_none());
        let Some((id, crossing)) = incident.device.zip(crossing) else { return Ok(None) };
        let Some((device, row)) = fleet.device(id).zip(fleet.row(id)) else { return Ok(None) };
        let found = history.last_number(id, crossing.measure, &crossing.subject).await?;
        // Of a number that was never written down only the alert itself is known.
        let last = found.unwrap_or(incident.told_at);
        // Samples are kept to a tenth of a second, and the one that it began with is one of them.
        let last = last.max(incident.opened_at);
        // What does not answer gives no number, however seldom that one comes.
        let (rounds, measure) = match row.live.state {
            State::Up | State::Degraded => (ROUNDS_MAX, crossing.measure),
            _ => (1, Measure::RoundTrip),
        };
        let round_ms = (i64::from(round_s(measure, &device)) * 1_000).max(ROUND_MS_MIN);
        let is_silent = self.program.clock.now().since_ms(last) > round_ms * rounds;
        Ok(is_silent.then_some(last))
    }
}
