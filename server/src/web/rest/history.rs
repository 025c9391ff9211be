//! What was measured: round trips as the tunnel monitor's clients know them, and traffic.

use super::{Asked, Named, devices::DeviceRef, rfc3339, span::hours};
use crate::{
    backend::Series,
    history::{STEPS_S, Span},
    web::{
        Viewer,
        error::{ErrorBody, Failure},
    },
};
use axum::Json;
use engine::Transition;
use model::{Check, CheckKind, Device, DeviceId, Measure, Reading, State, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest time of one answer in single samples, in hours …
const SAMPLES_HOURS_MAX: u32 = 31 * 24;
/// … and in steps: a year.
const HOURS_MAX: u32 = 366 * 24;
/// Up to so many hours traffic is told sample by sample, and up to so many in five minutes.
const FINE_HOURS: u32 = 48;
const MIDDLE_HOURS: u32 = 31 * 24;
const TENTH_MS: i64 = 100;
/// A ping this near in time belongs to a round, in milliseconds, at least.
const NEAR_MS: i64 = 30_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Hours {
    /// 1 to 744; 24 when absent.
    hours: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct RoundTrips {
    name: String,
    hours: u32,
    /// The oldest first.
    history: Vec<Round>,
}

/// One round of a tunnel's check.
#[derive(Serialize, ToSchema)]
pub struct Round {
    /// RFC 3339 in UTC.
    timestamp: String,
    /// Whether the tunnel was up then.
    overall: bool,
    /// Milliseconds; `null` when it was not answered.
    tcp_time: Option<f64>,
    /// Milliseconds; `null` when it was not answered, or not asked about then.
    ping_time: Option<f64>,
}

/// The rounds of one device, the oldest first.
#[utoipa::path(get, path = "/api/history/{name}", tag = "Tunnels", params(("name" = String, Path), Hours), responses(
    (status = 200, body = RoundTrips),
    (status = 404, description = "No device has this name", body = ErrorBody),
))]
pub async fn show(
    Viewer(viewer): Viewer,
    Named(name): Named,
    Asked(asked): Asked<Hours>,
) -> Result<Json<RoundTrips>, Failure> {
    let device = viewer.device_named(&name)?;
    let hours = hours(asked.hours, SAMPLES_HOURS_MAX)?;
    let span = viewer.last(i64::from(hours) * 3_600_000);
    let series = viewer.series(device.id);
    let (tcp, ping) =
        (round_trips(&device, CheckKind::Tcp, &series), round_trips(&device, CheckKind::Icmp, &series));
    let tcp = points(&viewer, &tcp, span).await?;
    let ping = points(&viewer, &ping, span).await?;
    let changes = viewer.changes(device.id, span).await?;
    let history = rounds(&device, &changes, (&tcp, &ping));
    Ok(Json(RoundTrips { name, hours, history }))
}

/// The series of the device's first check of a kind, and those of such checks that are no more: what a tunnel was
/// before its port was changed is its history too.
fn round_trips(device: &Device, kind: CheckKind, series: &[Series]) -> Vec<Series> {
    let mut checks = device.checks.iter().filter(|check| check.kind == kind);
    let first = checks.next().map(Check::subject);
    let others: Vec<String> = checks.map(Check::subject).collect();
    let is_of_kind = |subject: &str| subject.split(':').next() == Some(kind.word());
    let is_it = |(_, key): &&Series| {
        let subject = key.subject.to_string();
        let is_own = first.is_some() && !others.contains(&subject);
        key.measure == Measure::RoundTrip && is_own && is_of_kind(&subject)
    };
    series.iter().filter(is_it).cloned().collect()
}

async fn points(
    viewer: &crate::backend::Viewer,
    series: &[Series],
    span: Span,
) -> Result<Vec<(Timestamp, Reading)>, Failure> {
    let mut points = Vec::new();
    for series in series {
        points.append(&mut viewer.points(series, span).await?);
    }
    points.sort_by_key(|(at, _)| *at);
    Ok(points)
}

type Points = [(Timestamp, Reading)];

/// Joins what the checks measured by the rounds of the first of them, and says what state the device had.
fn rounds(device: &Device, changes: &[Transition], (tcp, ping): (&Points, &Points)) -> Vec<Round> {
    let is_by_tcp = !tcp.is_empty();
    let clock = if is_by_tcp { tcp } else { ping };
    let interval_ms = device.checks.iter().map(|check| i64::from(check.interval_s) * 1_000).min();
    let near_ms = interval_ms.unwrap_or(NEAR_MS).max(NEAR_MS);
    let mut pings = Nearest { points: ping, place: 0 };
    let mut states = States { changes, place: 0, state: State::Unknown };
    let round = |(at, reading): &(Timestamp, Reading)| Round {
        timestamp: rfc3339(*at),
        overall: states.at(*at).is_overall_up(),
        tcp_time: reading.number().filter(|_| is_by_tcp).map(tidy),
        ping_time: pings.to(*at, near_ms).and_then(Reading::number).map(tidy),
    };
    clock.iter().map(round).collect()
}

fn tidy(ms: f64) -> f64 {
    (ms * 100.0).round() / 100.0
}

/// Finds the point nearest to instants that only grow.
struct Nearest<'a> {
    points: &'a Points,
    place: usize,
}

impl Nearest<'_> {
    fn to(&mut self, at: Timestamp, within_ms: i64) -> Option<Reading> {
        let distance = |place: usize| self.points.get(place).map(|(known, _)| known.0.abs_diff(at.0));
        while distance(self.place + 1).is_some_and(|next| Some(next) <= distance(self.place)) {
            self.place += 1;
        }
        let (known, reading) = self.points.get(self.place)?;
        (known.0.abs_diff(at.0) <= within_ms.unsigned_abs()).then_some(*reading)
    }
}

/// Says the state at instants that only grow.
struct States<'a> {
    changes: &'a [Transition],
    place: usize,
    state: State,
}

impl States<'_> {
    fn at(&mut self, at: Timestamp) -> State {
        // Samples are kept to the tenth of a second, and the try that changed the state is one of them.
        let at = Timestamp(at.0.saturating_add(TENTH_MS));
        while let Some(change) = self.changes.get(self.place).filter(|change| change.at <= at) {
            (self.state, self.place) = (change.to, self.place + 1);
        }
        self.state
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Traffic {
    /// 1 to 8784; 24 when absent.
    hours: Option<u32>,
    /// The WAN interface when absent.
    interface: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct BandwidthHistory {
    success: bool,
    device: DeviceRef,
    /// Absent when nothing was measured.
    interface: Option<String>,
    hours: u32,
    /// Seconds that one entry stands for: its mean; 0 for single measurements.
    step_seconds: i32,
    /// The oldest first.
    history: Vec<Rate>,
}

#[derive(Serialize, ToSchema)]
pub struct Rate {
    timestamp: String,
    in_mbps: Option<f64>,
    out_mbps: Option<f64>,
    total_mbps: Option<f64>,
}

/// What an interface of a router received and sent.
#[utoipa::path(get, path = "/api/bandwidth/history/{id}", tag = "Devices",
    params(("id" = i64, Path), Traffic), responses(
    (status = 200, body = BandwidthHistory),
    (status = 404, description = "There is no such device, or nothing was measured of this interface", body = ErrorBody),
))]
pub async fn bandwidth(
    Viewer(viewer): Viewer,
    Named(id): Named,
    Asked(asked): Asked<Traffic>,
) -> Result<Json<BandwidthHistory>, Failure> {
    let id: DeviceId = id.parse().map_err(|_| Failure::not_found())?;
    let device = viewer.device(id)?;
    let hours = hours(asked.hours, HOURS_MAX)?;
    let series = viewer.series(id);
    let wan = viewer.wan_interface(id);
    let measured = |measure: Measure, name: &str| {
        series.iter().find(|(_, key)| key.measure == measure && *key.subject == *name)
    };
    let first = || {
        series.iter().find(|(_, key)| key.measure == Measure::RxRate).map(|(_, key)| key.subject.to_string())
    };
    let interface = asked.interface.clone().or(wan).or_else(first);
    let found =
        interface.as_deref().map(|name| (measured(Measure::RxRate, name), measured(Measure::TxRate, name)));
    if asked.interface.is_some() && !matches!(found, Some((Some(_), _) | (_, Some(_)))) {
        return Err(Failure::not_found());
    }
    let span = viewer.last(i64::from(hours) * 3_600_000);
    let step_s = match hours {
        hours if hours <= FINE_HOURS => 0,
        hours if hours <= MIDDLE_HOURS => STEPS_S[0],
        _ => STEPS_S[1],
    };
    let (rx, tx) = found.unwrap_or_default();
    let (rx, tx) = (rates(&viewer, rx, step_s, span).await?, rates(&viewer, tx, step_s, span).await?);
    let history = both(&rx, &tx);
    Ok(Json(BandwidthHistory {
        success: true,
        device: DeviceRef::of(&device),
        interface,
        hours,
        step_seconds: step_s,
        history,
    }))
}

/// Bits per second over time.
async fn rates(
    viewer: &crate::backend::Viewer,
    series: Option<&Series>,
    step_s: i32,
    span: Span,
) -> Result<Vec<(Timestamp, f64)>, Failure> {
    let Some(series) = series else { return Ok(Vec::new()) };
    if step_s == 0 {
        let points = viewer.points(series, span).await?;
        return Ok(points.into_iter().filter_map(|(at, reading)| Some((at, reading.number()?))).collect());
    }
    let steps = viewer.steps(series, step_s, span).await?;
    Ok(steps.into_iter().filter_map(|step| Some((step.at, step.numbers?.mean))).collect())
}

/// Joins two directions that were measured at the same instants.
fn both(rx: &[(Timestamp, f64)], tx: &[(Timestamp, f64)]) -> Vec<Rate> {
    let mut joined = std::collections::BTreeMap::<Timestamp, (Option<f64>, Option<f64>)>::new();
    for (at, bps) in rx {
        joined.entry(*at).or_default().0 = Some(*bps);
    }
    for (at, bps) in tx {
        joined.entry(*at).or_default().1 = Some(*bps);
    }
    let mbps = |bps: f64| (bps / 1_000.0).round() / 1_000.0;
    let rate = |(at, (rx, tx)): (Timestamp, (Option<f64>, Option<f64>))| Rate {
        timestamp: rfc3339(at),
        in_mbps: rx.map(mbps),
        out_mbps: tx.map(mbps),
        total_mbps: rx.zip(tx).map(|(rx, tx)| mbps(rx + tx)),
    };
    joined.into_iter().map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_the_ping_nearest_to_it_and_none_that_is_far() {
        let points: Vec<_> =
            [0, 30_000, 61_000, 200_000].map(|ms| (Timestamp(ms), Reading::Number(ms as f64))).to_vec();
        let mut pings = Nearest { points: &points, place: 0 };
        let found: Vec<_> = [1_000, 31_000, 59_000, 120_000, 199_000, 300_000]
            .map(|ms| pings.to(Timestamp(ms), 30_000).and_then(Reading::number))
            .to_vec();
        assert_eq!(found, [Some(0.0), Some(30_000.0), Some(61_000.0), None, Some(200_000.0), None]);
    }
}
