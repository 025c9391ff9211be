//! The pages of history: one device's past, and the devices beside each other.

use super::{Report, Series, Viewer};
use crate::history::{STEPS_S, Span, Step, cells, plot, single, thinned, width_ms};
use app::api::ApiError;
use model::*;
use std::sync::Arc;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Up to so long a graph is made of single samples …
const FINE_MS: i64 = DAY_MS;
/// … up to so long of five minutes, and beyond of hours.
const MIDDLE_MS: i64 = 7 * DAY_MS;
/// Most stretches of one timeline: a screen has few more columns.
const SEGMENTS_MAX: usize = 720;
/// Most outages of one answer; the file of them has all.
const OUTAGES_MAX: usize = 500;
/// Most windows that one timeline shows.
const WINDOWS_MAX: usize = 400;
/// Most devices of one comparison.
pub(super) const COMPARED_MAX: usize = 1_000;

impl Viewer {
    /// What became of a device.
    pub async fn see_history(
        &self,
        id: DeviceId,
        period: Span,
        interface: Option<String>,
    ) -> Result<HistoryPage, ApiError> {
        let device = self.device(id)?;
        history_span(period.from, period.to)?;
        let mut reports = self.reports(std::slice::from_ref(&device), period).await?;
        let Some(mut report) = reports.pop() else { return Err(ApiError::NotFound) };
        let series = self.series(id);
        let interfaces = interfaces(&series);
        let wan = || self.wan_interface(id).filter(|wan| interfaces.contains(wan));
        let interface = interface.filter(|asked| interfaces.contains(asked)).or_else(wan);
        let interface = interface.or_else(|| interfaces.first().cloned());
        let mut plots = Vec::new();
        for series in
            series.iter().filter(|(_, key)| is_shown(key.measure, &key.subject, interface.as_deref()))
        {
            plots.push(self.plot(series, period).await?);
        }
        plots.retain(|plot| !plot.buckets.is_empty());
        plots.sort_by(|a, b| (a.measure, &a.subject).cmp(&(b.measure, &b.subject)));
        let sla = self.slas(std::slice::from_ref(&device)).await?.remove(&id);
        report.windows.sort_by_key(|window| std::cmp::Reverse(window.from));
        report.windows.truncate(WINDOWS_MAX);
        let outages_total = u32::try_from(report.outages.len()).unwrap_or(u32::MAX);
        Ok(HistoryPage {
            id,
            name: device.name.clone(),
            kind: device.kind,
            address: device.address.clone(),
            state: self.row(id)?.live.state,
            created_at: device.created_at,
            from: period.from,
            to: period.to,
            now: self.last(0).to,
            spent: spent(&report),
            sla,
            windows: std::mem::take(&mut report.windows),
            segments: thinned(report.segments, period, SEGMENTS_MAX),
            outages: report.outages.iter().rev().take(OUTAGES_MAX).map(past).collect(),
            outages_total,
            plots,
            interfaces,
            interface,
        })
    }

    async fn plot(&self, series: &Series, period: Span) -> Result<Plot, ApiError> {
        let key = &series.1;
        let blank = Plot {
            measure: key.measure,
            subject: key.subject.to_string(),
            begin: period.from,
            step_ms: 0,
            gap_ms: 0,
            buckets: Vec::new(),
        };
        let steps = match resolution(period, FINE_MS, MIDDLE_MS) {
            0 => self.points(series, period).await?.iter().map(single).collect(),
            step_s => self.steps(series, step_s, period).await?,
        };
        Ok(plot(blank, &steps, width_ms(period)))
    }

    /// What a series did, as finely as a file of that length should be.
    pub async fn exported(&self, series: &Series, period: Span) -> Result<Vec<Step>, ApiError> {
        match resolution(period, 2 * DAY_MS, 31 * DAY_MS) {
            0 => Ok(self.points(series, period).await?.iter().map(single).collect()),
            step_s => self.steps(series, step_s, period).await,
        }
    }

    /// How the devices were in the last days, worst first.
    pub async fn compare(&self, days: u32, only: Option<DeviceId>) -> Result<Comparison, ApiError> {
        if !(1..=COMPARED_DAYS_MAX).contains(&days) {
            let why = format!("must be 1 to {COMPARED_DAYS_MAX}");
            return Err(FieldError::new("days", "error_out_of_range", why).into());
        }
        let devices = match only {
            Some(id) => vec![self.device(id)?],
            None => self.all_devices(),
        };
        let period = self.last(i64::from(days) * DAY_MS);
        let reports = self.reports(&devices, period).await?;
        self.compared_by(&reports, (days, period), COMPARED_MAX).await
    }

    /// Devices beside each other, worst first, `most` of them.
    pub(super) async fn compared_by(
        &self,
        reports: &[Report],
        (days, period): (u32, Span),
        most: usize,
    ) -> Result<Comparison, ApiError> {
        let devices: Vec<_> = reports.iter().map(|report| report.device.clone()).collect();
        let mut slas = self.slas(&devices).await?;
        let row = |report: &Report| self.compared(report, period, slas.remove(&report.device.id));
        let mut rows: Vec<_> = reports.iter().filter_map(row).collect();
        rows.sort_by(|a, b| {
            let rank = |row: &Compared| row.spent.uptime.unwrap_or(f64::INFINITY);
            let worse = rank(a).total_cmp(&rank(b)).then(b.spent.down_ms.cmp(&a.spent.down_ms));
            worse.then_with(|| a.name.cmp(&b.name))
        });
        rows.truncate(most);
        Ok(Comparison { days, rows, total: u32::try_from(reports.len()).unwrap_or(u32::MAX) })
    }

    /// None when it was removed meanwhile.
    fn compared(&self, report: &Report, period: Span, sla: Option<Sla>) -> Option<Compared> {
        let device: &Arc<Device> = &report.device;
        let seen = |segment: &Segment| segment.is_observed.then_some(segment.state);
        Some(Compared {
            id: device.id,
            name: device.name.clone(),
            kind: device.kind,
            address: device.address.clone(),
            location: device.location.clone(),
            state: self.row(device.id).ok()?.live.state,
            spent: spent(report),
            sla,
            outages: u32::try_from(report.outages.len()).unwrap_or(u32::MAX),
            cells: cells(report.counted(), period, CELLS)
                .into_iter()
                .map(|(_, worst)| worst.and_then(seen))
                .collect(),
        })
    }
}

/// The step in seconds in which a period is read; 0 for single samples.
fn resolution(period: Span, fine_ms: i64, middle_ms: i64) -> i32 {
    match period.to.since_ms(period.from) {
        ms if ms <= fine_ms => 0,
        ms if ms <= middle_ms => STEPS_S[0],
        _ => STEPS_S[1],
    }
}

fn interfaces(series: &[Series]) -> Vec<String> {
    let is_rate = |measure: Measure| matches!(measure, Measure::RxRate | Measure::TxRate);
    let mut names: Vec<String> = series
        .iter()
        .filter(|(_, key)| is_rate(key.measure))
        .map(|(_, key)| key.subject.to_string())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A router has many interfaces, and a page shows one of them.
fn is_shown(measure: Measure, subject: &str, interface: Option<&str>) -> bool {
    match measure {
        Measure::RxRate | Measure::TxRate => interface == Some(subject),
        _ => true,
    }
}

fn spent(report: &Report) -> Spent {
    let how = &report.availability;
    Spent {
        up_ms: how.up_ms,
        degraded_ms: how.degraded_ms,
        down_ms: how.down_ms,
        unobserved_ms: how.unobserved_ms,
        excluded_ms: how.excluded_ms,
        uptime: how.uptime,
    }
}

fn past(outage: &crate::history::Outage) -> PastOutage {
    let outage = outage.clone();
    PastOutage { start: outage.start, end: outage.end, cause: outage.cause, down_ms: outage.down_ms }
}
