//! What is remembered: how devices were, and what their series did.

use super::{Program, Viewer, api_error};
use crate::{
    history::{Availability, History, Outage, Span, Step, availability, outages, timeline},
    store::{Result as Stored, SeriesId, SeriesKey, StoreError, in_time},
};
use app::api::ApiError;
use engine::Transition;
use model::*;
use std::{collections::HashMap, sync::Arc};

/// Most changes of states that one answer is made from.
const CHANGES_MAX: u64 = 300_000;
/// Readers of history at once: the database has other readers too.
pub(super) const READERS_MAX: usize = 2;
/// Runs are asked for from so long before a period: one that began before it reaches into it.
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// How a device was in a period.
pub struct Report {
    pub device: Arc<Device>,
    pub availability: Availability,
    /// The oldest first.
    pub outages: Vec<Outage>,
    /// How it stood, in the order of time.
    pub segments: Vec<Segment>,
    /// The same without the time in maintenance, where there was any.
    counted: Option<Vec<Segment>>,
    /// When it was in maintenance; in no order.
    pub windows: Vec<PastWindow>,
}

impl Report {
    /// How it stood where that counts.
    pub fn counted(&self) -> &[Segment] {
        self.counted.as_deref().unwrap_or(&self.segments)
    }
}

/// A series, and whose it is.
pub type Series = (SeriesId, SeriesKey);

impl Viewer {
    /// The last `ms` milliseconds up to now.
    pub fn last(&self, ms: i64) -> Span {
        let now = self.program.clock.now();
        Span { from: Timestamp(now.0.saturating_sub(ms)), to: now }
    }

    pub fn series(&self, device: DeviceId) -> Vec<Series> {
        self.program.history.series(device)
    }

    /// The interface by which a router was last seen to reach the internet.
    pub fn wan_interface(&self, device: DeviceId) -> Option<String> {
        self.program.fleet.facts(device)?.metrics.wan.as_ref().map(|wan| wan.interface.clone())
    }

    /// Every sample of a series, in the order of time.
    pub async fn points(&self, series: &Series, span: Span) -> Result<Vec<(Timestamp, Reading)>, ApiError> {
        let (id, key) = series;
        self.program.reading(self.program.history.points(*id, key, (span.from, span.to))).await
    }

    /// What a series did, in steps.
    pub async fn steps(&self, series: &Series, step_s: i32, span: Span) -> Result<Vec<Step>, ApiError> {
        let mut all = self.steps_of(std::slice::from_ref(series), step_s, span).await?;
        Ok(all.pop().unwrap_or_default())
    }

    /// The same of many series, in their order.
    pub async fn steps_of(
        &self,
        series: &[Series],
        step_s: i32,
        span: Span,
    ) -> Result<Vec<Vec<Step>>, ApiError> {
        self.program.reading(self.program.history.steps(series, step_s, (span.from, span.to))).await
    }

    /// The changes of a device, the oldest first: all that the period needs.
    pub async fn changes(&self, device: DeviceId, span: Span) -> Result<Vec<Transition>, ApiError> {
        let program = &self.program;
        let all = program.reading(program.changes_of(&[device], span)).await?;
        Ok(all.into_iter().map(|(_, change)| change).collect())
    }

    /// How each of `devices` was in `period`.
    pub async fn reports(&self, devices: &[Arc<Device>], period: Span) -> Result<Vec<Report>, ApiError> {
        self.program.reports_of(devices, period).await
    }
}

impl Program {
    /// How each of `devices` was in `period`.
    pub(super) async fn reports_of(
        &self,
        devices: &[Arc<Device>],
        period: Span,
    ) -> Result<Vec<Report>, ApiError> {
        self.each_past(devices, period, |device, history, maintenance| {
            let as_it_was = History { maintenance: &[], ..*history };
            let window = |(span, title): &(Span, &str)| PastWindow {
                from: span.from,
                to: span.to,
                title: (*title).to_owned(),
            };
            Report {
                device: device.clone(),
                availability: availability(history, period),
                outages: outages(history, period),
                segments: timeline(&as_it_was, period),
                counted: if maintenance.is_empty() { None } else { Some(timeline(history, period)) },
                windows: maintenance.iter().map(window).collect(),
            }
        })
        .await
    }

    /// Tells something of what each of `devices` went through in a period, and of its maintenance meanwhile.
    pub(super) async fn each_past<T>(
        &self,
        devices: &[Arc<Device>],
        period: Span,
        tell: impl Fn(&Arc<Device>, &History<'_>, &[(Span, &str)]) -> T,
    ) -> Result<Vec<T>, ApiError> {
        let ids: Vec<_> = devices.iter().map(|device| device.id).collect();
        let read = async {
            let mut by_device = HashMap::<DeviceId, Vec<Transition>>::new();
            for (device, change) in self.changes_of(&ids, period).await? {
                by_device.entry(device).or_default().push(change);
            }
            let early = Timestamp(period.from.0.saturating_sub(DAY_MS));
            let runs = self.store.runs().since(early).await?;
            let only = (ids.len() <= FEW).then_some(ids.as_slice());
            Ok((by_device, runs, self.store.quiets().maintenance(only, period).await?))
        };
        let (mut by_device, runs, maintenance) = self.reading(read).await?;
        let now = self.clock.now();
        let runs = observed(runs, self.vitals.started_at, now);
        let one = |device: &Arc<Device>| {
            let transitions = by_device.remove(&device.id).unwrap_or_default();
            let windows = maintenance.of(device.id);
            let spans: Vec<Span> = windows.iter().map(|(span, _)| *span).collect();
            let history = History {
                created_at: device.created_at,
                transitions: &transitions,
                runs: &runs,
                maintenance: &spans,
                now,
            };
            tell(device, &history, &windows)
        };
        Ok(devices.iter().map(one).collect())
    }

    /// The changes in a period and the last before it; of those that were out or unknown then, all there are, for the
    /// beginning of an outage is told as it was.
    async fn changes_of(&self, devices: &[DeviceId], span: Span) -> Stored<Vec<(DeviceId, Transition)>> {
        let states = self.store.states();
        let only = (devices.len() <= FEW).then_some(devices);
        let mut changes = all_of(states.changes(only, span.from, CHANGES_MAX).await?)?;
        let is_open =
            |change: &Transition| change.at < span.from && matches!(change.to, State::Down | State::Unknown);
        let open: Vec<_> =
            changes.iter().filter(|(_, change)| is_open(change)).map(|(device, _)| *device).collect();
        for part in open.chunks(FEW) {
            let whole = all_of(states.changes(Some(part), Timestamp(i64::MIN), CHANGES_MAX).await?)?;
            changes.retain(|(device, _)| !part.contains(device));
            changes.extend(whole);
        }
        Ok(changes)
    }

    /// Reads in turn with others, and no longer than anybody waits.
    pub(super) async fn reading<T>(&self, work: impl Future<Output = Stored<T>>) -> Result<T, ApiError> {
        let read = async {
            // The semaphore is never closed.
            let _turn = self.readers.acquire().await;
            work.await
        };
        in_time(read).await.map_err(api_error)
    }
}

/// Nothing was left out.
fn all_of<T>(changes: Vec<T>) -> Stored<Vec<T>> {
    if changes.len() as u64 >= CHANGES_MAX {
        let why = "too much happened in this time; ask for less of it";
        return Err(StoreError::Invalid(vec![FieldError::new("days", "error_out_of_range", why)]));
    }
    Ok(changes)
}

/// So many devices are asked for by name; of more it is cheaper to read all.
const FEW: usize = 200;

/// When the program ran; the run that goes on ends now, and not where it was last written down.
fn observed(runs: Vec<(Timestamp, Timestamp)>, started_at: Timestamp, now: Timestamp) -> Vec<Span> {
    let current = runs.iter().map(|(began, _)| *began).filter(|began| *began >= started_at).max();
    let end = |began: Timestamp, seen: Timestamp| if Some(began) == current { now } else { seen };
    runs.into_iter().map(|(from, seen)| Span { from, to: end(from, seen) }).collect()
}
