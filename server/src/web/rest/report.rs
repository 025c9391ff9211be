//! Downtime and statistics, as the tunnel monitor's clients know them.

use super::{
    Asked, Named, rfc3339,
    span::{days, formatted},
};
use crate::{
    backend::Report,
    history::{Outage, STEPS_S, Span, budget},
    web::{
        Viewer,
        error::{ErrorBody, Failure},
    },
};
use axum::Json;
use model::{Check, CheckKind, Device, Measure, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use utoipa::{IntoParams, ToSchema};

const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// With more tunnels than this, rounds are counted by the hour.
const FINE_MAX: usize = 500;
/// Tunnels whose rounds are read within one deadline.
const TOGETHER: usize = 200;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Days {
    /// 1 to 366; 7 when absent.
    days: Option<u32>,
}

/// A time in which a tunnel was down.
#[derive(Serialize, ToSchema)]
pub struct DowntimeEvent {
    /// The first failed try, as RFC 3339 in UTC; may lie before the days that were asked for.
    start: String,
    /// The first success; `null` while it goes on.
    end: Option<String>,
    duration_seconds: u64,
    #[schema(example = "1h 5m")]
    duration_formatted: String,
    cause: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Downtime {
    name: String,
    days: u32,
    /// The oldest first.
    events: Vec<DowntimeEvent>,
    /// Within these days; without what was not observed.
    total_downtime_seconds: u64,
}

#[derive(Serialize, ToSchema)]
pub struct AllDowntime {
    days: u32,
    /// By name.
    tunnels: BTreeMap<String, Vec<DowntimeEvent>>,
}

#[derive(Serialize, ToSchema)]
pub struct Statistics {
    /// By name.
    tunnel_statistics: BTreeMap<String, TunnelStatistics>,
    period_days: u32,
}

#[derive(Serialize, ToSchema)]
pub struct TunnelStatistics {
    /// Of the time that was observed; `null` when none was.
    uptime_percentage: Option<f64>,
    /// Rounds of the first deciding check, in whole steps of five minutes or an hour.
    total_checks: u64,
    online_checks: u64,
    /// Milliseconds; `null` when no round was answered.
    avg_response_time: Option<f64>,
    downtime_events: usize,
    total_downtime_seconds: u64,
    #[schema(example = "30m")]
    total_downtime_formatted: String,
    /// How much of the period was observed, in seconds: while the program ran and could tell.
    observed_seconds: u64,
    /// In maintenance, which counts as neither, in seconds.
    maintenance_seconds: u64,
    /// The uptime that is promised, in percent.
    sla_target: Option<f64>,
    /// How much downtime the target allows in these days, and what is left of it: below 0 when it was missed.
    budget_seconds: Option<u64>,
    budget_left_seconds: Option<i64>,
}

/// When one device was down.
#[utoipa::path(get, path = "/api/downtime/{name}", tag = "Tunnels", params(("name" = String, Path), Days), responses(
    (status = 200, body = Downtime),
    (status = 404, description = "No device has this name", body = ErrorBody),
))]
pub async fn downtime(
    Viewer(viewer): Viewer,
    Named(name): Named,
    Asked(asked): Asked<Days>,
) -> Result<Json<Downtime>, Failure> {
    let device = viewer.device_named(&name)?;
    let (days, period) = period(&viewer, &asked)?;
    let reports = viewer.reports(&[device], period).await?;
    let down_ms = reports.iter().map(|report| report.availability.down_ms).sum::<u64>();
    let events = reports.iter().flat_map(|report| events(report, period.to)).collect();
    Ok(Json(Downtime { name, days, events, total_downtime_seconds: down_ms / 1_000 }))
}

/// When each tunnel was down.
#[utoipa::path(get, path = "/api/downtime/all", tag = "Tunnels", params(Days), responses((status = 200, body = AllDowntime)))]
pub async fn all_downtime(
    Viewer(viewer): Viewer,
    Asked(asked): Asked<Days>,
) -> Result<Json<AllDowntime>, Failure> {
    let (days, period) = period(&viewer, &asked)?;
    let reports = viewer.reports(&tunnels(&viewer), period).await?;
    let of = |report: &Report| (report.device.name.clone(), events(report, period.to));
    Ok(Json(AllDowntime { days, tunnels: reports.iter().map(of).collect() }))
}

/// How each tunnel was.
#[utoipa::path(get, path = "/api/statistics", tag = "Tunnels", params(Days), responses((status = 200, body = Statistics)))]
pub async fn statistics(
    Viewer(viewer): Viewer,
    Asked(asked): Asked<Days>,
) -> Result<Json<Statistics>, Failure> {
    let (period_days, period) = period(&viewer, &asked)?;
    let tunnels = tunnels(&viewer);
    let step_s = if tunnels.len() <= FINE_MAX { STEPS_S[0] } else { STEPS_S[1] };
    let mut tunnel_statistics = BTreeMap::new();
    let reports = viewer.reports(&tunnels, period).await?;
    for part in reports.chunks(TOGETHER) {
        for (report, rounds) in part.iter().zip(rounds(&viewer, part, step_s, period).await?) {
            tunnel_statistics.insert(report.device.name.clone(), statistics_of(report, &rounds));
        }
    }
    Ok(Json(Statistics { tunnel_statistics, period_days }))
}

/// Counted rounds of a check.
#[derive(Default)]
struct Rounds {
    answered: u64,
    unanswered: u64,
    sum_ms: f64,
}

/// Of each device, in their order.
async fn rounds(
    viewer: &crate::backend::Viewer,
    reports: &[Report],
    step_s: i32,
    period: Span,
) -> Result<Vec<Rounds>, Failure> {
    let (mut series, mut owners) = (Vec::new(), Vec::new());
    for (place, report) in reports.iter().enumerate() {
        let Some(subject) = report.device.deciding_checks().next().map(Check::subject) else { continue };
        for one in viewer.series(report.device.id) {
            if one.1.measure == Measure::RoundTrip && *one.1.subject == *subject {
                series.push(one);
                owners.push(place);
            }
        }
    }
    let mut all: Vec<Rounds> = reports.iter().map(|_| Rounds::default()).collect();
    for (place, steps) in owners.into_iter().zip(viewer.steps_of(&series, step_s, period).await?) {
        let Some(rounds) = all.get_mut(place) else { continue };
        for step in steps {
            rounds.answered += u64::from(step.count);
            rounds.unanswered += u64::from(step.unanswered);
            rounds.sum_ms += step.numbers.map_or(0.0, |numbers| numbers.mean * f64::from(step.count));
        }
    }
    Ok(all)
}

#[allow(clippy::cast_precision_loss)] // Rounds are far fewer than 2^52.
fn statistics_of(report: &Report, rounds: &Rounds) -> TunnelStatistics {
    let how = &report.availability;
    let target = report.device.sla_target;
    let budget = target.map(|target| budget(target.share(), how));
    let average = (rounds.answered > 0).then(|| rounds.sum_ms / rounds.answered as f64);
    TunnelStatistics {
        uptime_percentage: how.uptime.map(percent),
        total_checks: rounds.answered + rounds.unanswered,
        online_checks: rounds.answered,
        avg_response_time: average.map(|ms| (ms * 100.0).round() / 100.0),
        downtime_events: report.outages.len(),
        total_downtime_seconds: how.down_ms / 1_000,
        total_downtime_formatted: formatted(how.down_ms / 1_000),
        observed_seconds: (how.up_ms + how.degraded_ms + how.down_ms) / 1_000,
        maintenance_seconds: how.excluded_ms / 1_000,
        sla_target: target.map(model::SlaTarget::percent),
        budget_seconds: budget.map(|budget| budget.allowed_ms / 1_000),
        budget_left_seconds: budget.map(|budget| budget.left_ms / 1_000),
    }
}

/// Never rounded up: with any downtime it is less than 100.
fn percent(uptime: f64) -> f64 {
    (uptime * 100_000.0).floor() / 1_000.0
}

fn events(report: &Report, now: Timestamp) -> Vec<DowntimeEvent> {
    report.outages.iter().map(|outage| event(outage, now)).collect()
}

fn event(outage: &Outage, now: Timestamp) -> DowntimeEvent {
    let lasted_ms = outage.end.unwrap_or(now).since_ms(outage.start);
    let seconds = lasted_ms.unsigned_abs() / 1_000;
    DowntimeEvent {
        start: rfc3339(outage.start),
        end: outage.end.map(rfc3339),
        duration_seconds: seconds,
        duration_formatted: formatted(seconds),
        cause: outage.cause.clone(),
    }
}

fn period(viewer: &crate::backend::Viewer, asked: &Days) -> Result<(u32, Span), Failure> {
    let days = days(asked.days)?;
    Ok((days, viewer.last(i64::from(days) * DAY_MS)))
}

/// Every device with a TCP check.
fn tunnels(viewer: &crate::backend::Viewer) -> Vec<Arc<Device>> {
    let is_tunnel = |device: &Arc<Device>| device.checks.iter().any(|check| check.kind == CheckKind::Tcp);
    viewer.all_devices().into_iter().filter(is_tunnel).collect()
}
