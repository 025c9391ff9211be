//! How everything is and was, summed up: for whoever asks, and for the reports that are sent now and then.

use super::{Program, Report, Viewer, api_error, past::COMPARED_MAX};
use crate::{
    history::{STEPS_S, Span, Step},
    store::in_time,
};
use app::api::ApiError;
use model::*;

const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// Most devices that one list of a summary names.
const NAMED_MAX: usize = 10;
/// Of so many routers, those that are busiest now, the traffic of the period is read.
const BUSY_READ_MAX: usize = 100;

impl Viewer {
    /// The fleet now, and what became of it in the last milliseconds.
    pub async fn summary(&self, ms: i64) -> Result<Summary, ApiError> {
        self.program.summary(self.last(ms)).await
    }

    /// How available every device was in the last days, however many there are.
    pub async fn uptimes(&self, days: u32) -> Result<Comparison, ApiError> {
        let period = self.days(days)?;
        let reports = self.program.reports_of(&self.all_devices(), period).await?;
        self.compared_by(&reports, (days, period), usize::MAX).await
    }

    fn days(&self, days: u32) -> Result<Span, ApiError> {
        if !(1..=COMPARED_DAYS_MAX).contains(&days) {
            let why = format!("must be 1 to {COMPARED_DAYS_MAX}");
            return Err(FieldError::new("days", "error_out_of_range", why).into());
        }
        Ok(self.last(i64::from(days) * DAY_MS))
    }

    /// The same for whole days, with the uptime of the devices.
    pub async fn report(&self, days: u32) -> Result<ReportPage, ApiError> {
        let period = self.days(days)?;
        let reports = self.program.reports_of(&self.all_devices(), period).await?;
        let summary = self.program.summed_up(&reports, period).await?;
        Ok(ReportPage {
            summary,
            uptimes: self.compared_by(&reports, (days, period), COMPARED_MAX).await?,
            now: period.to,
        })
    }
}

impl Program {
    /// The fleet now, and what became of it in `period`.
    pub(crate) async fn summary(&self, period: Span) -> Result<Summary, ApiError> {
        let reports = self.reports_of(&self.fleet.devices(), period).await?;
        self.summed_up(&reports, period).await
    }

    async fn summed_up(&self, reports: &[Report], period: Span) -> Result<Summary, ApiError> {
        let (open, unseen) = in_time(self.store.incidents().open()).await.map_err(api_error)?;
        let rows = self.fleet.rows().1;
        let mut down: Vec<DownNow> = rows
            .iter()
            .filter(|row| row.live.state == State::Down)
            .map(|row| DownNow {
                name: row.name.clone(),
                since: row.live.since,
                cause: row.live.cause.clone(),
            })
            .collect();
        down.sort_by(|a, b| a.since.cmp(&b.since).then_with(|| a.name.cmp(&b.name)));
        let down_total = count(down.len());
        down.truncate(NAMED_MAX);
        let outages = reports.iter().map(|report| report.outages.len()).sum();
        Ok(Summary {
            from: period.from,
            to: period.to,
            counts: self.fleet.counts(),
            down,
            down_total,
            worst: worst(reports),
            outages: count(outages),
            busiest: self.busiest(&rows, period).await?,
            open,
            unseen,
            reconnects: reconnects(&rows),
        })
    }

    /// The routers with the most traffic in the period.
    async fn busiest(&self, rows: &[Row], period: Span) -> Result<Vec<Busy>, ApiError> {
        let now_bps = |row: &Row| {
            let router = row.live.router.as_ref()?;
            router.rx_bps.unwrap_or(0).checked_add(router.tx_bps.unwrap_or(0))
        };
        let mut routers: Vec<_> = rows.iter().filter_map(|row| Some((now_bps(row)?, row))).collect();
        routers.sort_by_key(|(bps, _)| std::cmp::Reverse(*bps));
        let (mut busiest, mut series, mut owners) = (Vec::new(), Vec::new(), Vec::new());
        for (_, row) in routers.into_iter().take(BUSY_READ_MAX) {
            let facts = self.fleet.facts(row.id);
            let wan = facts.as_ref().and_then(|facts| facts.metrics.wan.as_ref());
            let Some(interface) = wan.map(|wan| wan.interface.clone()) else { continue };
            for one in self.history.series(row.id) {
                if is_rate(one.1.measure) && *one.1.subject == *interface {
                    owners.push((busiest.len(), one.1.measure));
                    series.push(one);
                }
            }
            busiest.push(Busy { name: row.name.clone(), interface, rx_bps: 0, tx_bps: 0 });
        }
        let step_s = if period.to.since_ms(period.from) <= DAY_MS { STEPS_S[0] } else { STEPS_S[1] };
        let all = self.reading(self.history.steps(&series, step_s, (period.from, period.to))).await?;
        for ((place, measure), steps) in owners.into_iter().zip(all) {
            let Some(busy) = busiest.get_mut(place) else { continue };
            let rate = if measure == Measure::RxRate { &mut busy.rx_bps } else { &mut busy.tx_bps };
            *rate = mean(&steps);
        }
        busiest.retain(|busy| busy.rx_bps > 0 || busy.tx_bps > 0);
        busiest.sort_by_key(|busy| std::cmp::Reverse(busy.rx_bps.saturating_add(busy.tx_bps)));
        busiest.truncate(NAMED_MAX);
        Ok(busiest)
    }
}

fn is_rate(measure: Measure) -> bool {
    matches!(measure, Measure::RxRate | Measure::TxRate)
}

/// The mean of a rate over all its samples.
fn mean(steps: &[Step]) -> u64 {
    let (mut sum, mut all) = (0.0, 0.0);
    for step in steps {
        let weight = f64::from(step.count);
        sum += step.numbers.map_or(0.0, |numbers| numbers.mean * weight);
        all += weight;
    }
    // A rate is far below 2^63, and no less than nothing.
    if all > 0.0 { (sum / all).max(0.0) as u64 } else { 0 }
}

/// Those that were down for a while, the worst first.
fn worst(reports: &[Report]) -> Vec<Worst> {
    let one = |report: &Report| {
        let how = &report.availability;
        let uptime = how.uptime.filter(|_| how.down_ms > 0)?;
        let outages = count(report.outages.len());
        Some(Worst { name: report.device.name.clone(), uptime, down_ms: how.down_ms, outages })
    };
    let mut worst: Vec<_> = reports.iter().filter_map(one).collect();
    worst.sort_by(|a, b| {
        a.uptime.total_cmp(&b.uptime).then(b.down_ms.cmp(&a.down_ms)).then_with(|| a.name.cmp(&b.name))
    });
    worst.truncate(NAMED_MAX);
    worst
}

fn reconnects(rows: &[Row]) -> Vec<Reconnects> {
    let one = |row: &Row| {
        let total = row.live.router.as_ref()?.reconnects;
        (total > 0).then(|| Reconnects { name: row.name.clone(), total })
    };
    let mut all: Vec<_> = rows.iter().filter_map(one).collect();
    all.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.name.cmp(&b.name)));
    all.truncate(NAMED_MAX);
    all
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
