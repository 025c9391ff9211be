//! Since when the numbers that open alerts are about were not measured: such an alert tells how it was then.

use super::{Viewer, api_error};
use crate::store::in_time;
use app::api::ApiError;
use model::{Alert, Incident, State, Timestamp};

/// Rounds that may pass without a number while its device answers: one answer may be lost, and one late.
const ROUNDS_MAX: i64 = 3;
/// A device that is asked more often than this is waited for as long, in milliseconds.
const ROUND_MS_MIN: i64 = 5_000;

impl Viewer {
    /// Says of each open alert about a number when that was measured last, where it is not measured now.
    pub(super) async fn mark_unmeasured(&self, alerts: &mut [Alert]) -> Result<(), ApiError> {
        for alert in alerts {
            alert.unmeasured_since = self.unmeasured_since(&alert.incident).await?;
        }
        Ok(())
    }

    /// When the number of an alert was measured last, where the alert is open and the number is not measured now.
    pub async fn unmeasured_since(&self, incident: &Incident) -> Result<Option<Timestamp>, ApiError> {
        let (fleet, history) = (&self.program.fleet, &self.program.history);
        let crossing = incident.crossing.as_ref().filter(|_| incident.closed_at.is_none());
        let Some((id, crossing)) = incident.device.zip(crossing) else { return Ok(None) };
        let Some((device, row)) = fleet.device(id).zip(fleet.row(id)) else { return Ok(None) };
        let found = history.last_number(id, crossing.measure, &crossing.subject);
        // Of a number that was never written down only the alert itself is known.
        let last = in_time(found).await.map_err(api_error)?.unwrap_or(incident.told_at);
        // Samples are kept to a tenth of a second, and the one that it began with is one of them.
        let last = last.max(incident.opened_at);
        let slowest_s = device.checks.iter().map(|check| check.interval_s).max().unwrap_or(0);
        let round_ms = (i64::from(slowest_s) * 1_000).max(ROUND_MS_MIN);
        let rounds = if matches!(row.live.state, State::Up | State::Degraded) { ROUNDS_MAX } else { 1 };
        let is_silent = self.program.clock.now().since_ms(last) > round_ms * rounds;
        Ok(is_silent.then_some(last))
    }
}
