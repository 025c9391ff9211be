//! A device's past as files for spreadsheets.

use super::{
    Asked, Named,
    attached::{CSV, attached, harmless, line},
    rfc3339,
    span::{days, instant},
};
use crate::{
    backend::Series,
    history::{Outage, Span, Step},
    web::{
        Viewer,
        error::{ErrorBody, Failure},
    },
};
use app::api::ApiError;
use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures::{StreamExt, stream};
use model::{DeviceId, Measure, Timestamp, history_span};
use serde::Deserialize;
use std::io;
use utoipa::IntoParams;

/// What is told of where nothing else is said: 30 days.
const PERIOD_MS: i64 = 30 * 86_400_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Between {
    /// RFC 3339; 30 days before `to` when absent.
    #[param(example = "2026-01-01T00:00:00Z")]
    from: Option<String>,
    /// RFC 3339, at most 366 days later; now when absent.
    #[param(example = "2026-01-08T00:00:00Z")]
    to: Option<String>,
}

/// Everything that was measured of a device, as CSV: up to two days sample by sample, up to 31 in five minutes, beyond in hours.
#[utoipa::path(get, path = "/api/devices/{id}/history.csv", tag = "Devices", params(("id" = i64, Path), Between), responses(
    (status = 200, content_type = "text/csv", body = String),
    (status = 404, description = "There is no such device", body = ErrorBody),
))]
pub async fn series(
    Viewer(viewer): Viewer,
    Named(id): Named,
    Asked(asked): Asked<Between>,
) -> Result<Response, Failure> {
    let device = viewer.device(number(&id)?)?;
    let period = period(&asked, viewer.last(0).to)?;
    let mut all = viewer.series(device.id);
    all.sort_by(|(_, a), (_, b)| (a.measure, &a.subject).cmp(&(b.measure, &b.subject)));
    let head = ["time", "measure", "subject", "unit", "mean", "min", "max", "answered", "unanswered"];
    let head = line(&head.map(str::to_owned))?;
    // One series at a time is in memory, however many there are.
    let rows = stream::iter(all).then(move |series| {
        let viewer = viewer.clone();
        async move {
            let steps = viewer.exported(&series, period).await?;
            rows(&series, &steps).map_err(|_| ApiError::Internal)
        }
    });
    let mut rows = Box::pin(rows);
    // A database that does not answer is told before anything else is.
    let first = rows.next().await.transpose()?.unwrap_or_default();
    let begun = stream::iter([head, first]).map(Ok::<Bytes, io::Error>);
    let rest = rows.map(|part| part.map_err(|_| io::Error::other("the history cannot be read")));
    let name = format!("{}-history.csv", device.name);
    Ok(attached(Body::from_stream(begun.chain(rest)), CSV, &name))
}

/// When a device was down, as CSV, the oldest first.
#[utoipa::path(get, path = "/api/devices/{id}/outages.csv", tag = "Devices", params(("id" = i64, Path), Between), responses(
    (status = 200, content_type = "text/csv", body = String),
    (status = 404, description = "There is no such device", body = ErrorBody),
))]
pub async fn outages(
    Viewer(viewer): Viewer,
    Named(id): Named,
    Asked(asked): Asked<Between>,
) -> Result<Response, Failure> {
    let device = viewer.device(number(&id)?)?;
    let now = viewer.last(0).to;
    let period = period(&asked, now)?;
    let reports = viewer.reports(std::slice::from_ref(&device), period).await?;
    let mut text =
        line(&["start", "end", "seconds", "seconds_observed", "cause"].map(str::to_owned))?.to_vec();
    for outage in reports.iter().flat_map(|report| &report.outages) {
        text.extend(line(&outage_cells(outage, now))?);
    }
    Ok(attached(Body::from(text), CSV, &format!("{}-outages.csv", device.name)))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Days {
    /// 1 to 366; 7 when absent.
    days: Option<u32>,
}

/// How available each device was in the last days, as CSV, the worst first.
#[utoipa::path(get, path = "/api/reports/uptime.csv", tag = "Devices", params(Days), responses(
    (status = 200, content_type = "text/csv", body = String),
))]
pub async fn uptime(Viewer(viewer): Viewer, Asked(asked): Asked<Days>) -> Result<Response, Failure> {
    let found = viewer.uptimes(days(asked.days)?).await?;
    let head = [
        "name",
        "type",
        "ip_address",
        "location",
        "state",
        "uptime_percentage",
        "downtime_seconds",
        "outages",
        "observed_seconds",
    ];
    let mut text = line(&head.map(str::to_owned))?.to_vec();
    for row in &found.rows {
        // Never rounded up, as everywhere.
        let percent = |uptime: f64| ((uptime * 100_000.0).floor() / 1_000.0).to_string();
        text.extend(line(&[
            harmless(&row.name),
            row.kind.word().to_owned(),
            harmless(&row.address),
            harmless(row.location.as_deref().unwrap_or_default()),
            row.state.word().to_owned(),
            row.spent.uptime.map(percent).unwrap_or_default(),
            (row.spent.down_ms / 1_000).to_string(),
            row.outages.to_string(),
            (row.spent.observed_ms() / 1_000).to_string(),
        ])?);
    }
    Ok(attached(Body::from(text), CSV, &format!("{}d-uptime.csv", found.days)))
}

/// What is no number names no device.
fn number(id: &str) -> Result<DeviceId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

fn period(asked: &Between, now: Timestamp) -> Result<Span, Failure> {
    let to = asked.to.as_deref().map_or(Ok(now), |text| instant("to", text))?;
    let month_before = || Ok(Timestamp(to.0.saturating_sub(PERIOD_MS)));
    let from = asked.from.as_deref().map_or_else(month_before, |text| instant("from", text))?;
    let span = Span { from, to };
    history_span(span.from, span.to).map_err(|error| Failure::bad_request(error.to_string()))?;
    Ok(span)
}

fn rows((_, key): &Series, steps: &[Step]) -> Result<Bytes, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let (measure, subject, unit) = (key.measure.word(), harmless(&key.subject), unit(key.measure));
    for step in steps {
        let number = |number: Option<f64>| number.map(rounded).unwrap_or_default();
        let numbers = step.numbers;
        writer.write_record([
            rfc3339(step.at).as_str(),
            measure,
            &subject,
            unit,
            &number(numbers.map(|numbers| numbers.mean)),
            &number(numbers.map(|numbers| numbers.min)),
            &number(numbers.map(|numbers| numbers.max)),
            &step.count.to_string(),
            &step.unanswered.to_string(),
        ])?;
    }
    Ok(writer.into_inner().unwrap_or_default().into())
}

/// To a thousandth, in the unit of the measure: what is beyond comes of the arithmetic.
fn rounded(number: f64) -> String {
    let thousandths = number * 1_000.0;
    if thousandths.is_finite() { (thousandths.round() / 1_000.0).to_string() } else { number.to_string() }
}

fn outage_cells(outage: &Outage, now: Timestamp) -> [String; 5] {
    let seconds = outage.end.unwrap_or(now).since_ms(outage.start) / 1_000;
    [
        rfc3339(outage.start),
        outage.end.map(rfc3339).unwrap_or_default(),
        seconds.to_string(),
        (outage.down_ms / 1_000).to_string(),
        harmless(outage.cause.as_deref().unwrap_or_default()),
    ]
}

fn unit(measure: Measure) -> &'static str {
    match measure {
        Measure::RoundTrip => "ms",
        Measure::CpuLoad | Measure::MemoryUse => "%",
        Measure::Temperature => "°C",
        Measure::Voltage => "V",
        Measure::RxRate | Measure::TxRate => "bps",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_ends_where_nothing_was_measured_any_more() {
        let told = [0.825_000_000_000_000_2, 0.1 + 0.2, 12.0, 0.0004, 1_234_567.891_2, -3.25].map(rounded);
        assert_eq!(told, ["0.825", "0.3", "12", "0", "1234567.891", "-3.25"]);
    }

    #[test]
    fn a_time_that_cannot_be_told_of_is_refused_by_its_name() {
        let asked = |from: &str, to: &str| {
            let asked = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let asked = Between { from: asked(from), to: asked(to) };
            period(&asked, Timestamp(PERIOD_MS)).map_err(|failure| failure.message)
        };
        assert_eq!(asked("", ""), Ok(Span { from: Timestamp(0), to: Timestamp(PERIOD_MS) }));
        let january = asked("", "2026-01-31T00:00:00Z").unwrap();
        assert_eq!(january.to.since_ms(january.from), PERIOD_MS);
        assert_eq!(asked("2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z"), Ok(january));
        assert!(asked("yesterday", "2026-01-02T00:00:00Z").is_err_and(|why| why.starts_with("from: ")));
        assert!(
            asked("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z").is_err_and(|why| why.starts_with("to: "))
        );
        assert!(
            asked("2024-01-02T00:00:00Z", "2026-01-01T00:00:00Z").is_err_and(|why| why.starts_with("from: "))
        );
        assert!(asked("2026-01-01T00:00:00+07:00", "2026-01-02T00:00:00Z").is_ok());
    }
}
