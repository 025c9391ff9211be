//! What waits in memory for its chunk: the tails of every series, and where the log stands.
//!
//! Pure: no database, no clock of its own.

use super::chunk::Point;
use crate::{
    alerts::Number,
    store::{SeriesId, SeriesKey, StoredSeries},
};
use model::{DeviceId, Measure};
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// A tail of so many points goes into its chunk …
pub const POINTS_MAX: usize = 48;
/// … and so does one whose first point has waited so long: the log is kept until then.
pub const WAIT_MAX: Duration = Duration::from_secs(30 * 60);
/// Most series of interfaces that a device has at a time; what else it measures is bound by its checks.
pub const INTERFACES_MAX: usize = 256;
/// A series without a sample for so long takes no room from others …
const RESTED: Duration = Duration::from_secs(24 * 3_600);
/// … but this is the most of one device: what a hostile router may make of its interfaces.
const INTERFACES_EVER_MAX: usize = 4_096;

/// Every series, with what is not in its chunks yet.
#[derive(Default)]
pub struct Desk {
    devices: HashMap<DeviceId, Vec<Series>>,
    /// The number of the next entry of the log.
    next: i64,
}

/// One series and its tail.
struct Series {
    id: SeriesId,
    measure: Measure,
    subject: Box<str>,
    /// Up to which entry of the log its points are in chunks.
    folded: i64,
    /// The entry of the tail's first point.
    first: i64,
    since: Instant,
    /// When it last had a sample; it began then, where it had none since the start.
    last: Instant,
    points: Vec<Point>,
}

/// A tail on its way into a chunk.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    pub series: SeriesId,
    pub device: DeviceId,
    pub measure: Measure,
    pub points: Vec<Point>,
}

/// A tail as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tail {
    /// It is of no use to somebody who finds the series folded beyond this entry.
    pub folded: i64,
    pub points: Vec<Point>,
}

impl Desk {
    /// What is stored, before the log is read; `last` is the log's last entry.
    pub fn new(stored: Vec<StoredSeries>, last: i64) -> Self {
        let folded = stored.iter().map(|series| series.folded_entry).max().unwrap_or(0);
        let mut desk = Self { devices: HashMap::new(), next: last.max(folded).saturating_add(1) };
        desk.begin(stored);
        desk
    }

    pub fn begin(&mut self, stored: Vec<StoredSeries>) {
        for StoredSeries { id, key, folded_entry } in stored {
            let of_device = self.devices.entry(key.device).or_default();
            of_device.reserve_exact(1);
            of_device.push(Series {
                id,
                measure: key.measure,
                subject: key.subject,
                folded: folded_entry,
                first: 0,
                since: Instant::now(),
                last: Instant::now(),
                points: Vec::new(),
            });
        }
    }

    pub fn find(&self, device: DeviceId, measure: Measure, subject: &str) -> Option<SeriesId> {
        let mut of_device = self.of(device).iter();
        of_device
            .find(|series| series.measure == measure && *series.subject == *subject)
            .map(|series| series.id)
    }

    /// How many more series of interfaces the device may begin.
    pub fn room(&self, device: DeviceId, now: Instant) -> usize {
        let interfaces = || self.of(device).iter().filter(|series| is_of_interface(series.measure));
        let is_alive = |series: &&Series| now.saturating_duration_since(series.last) < RESTED;
        let now_there = INTERFACES_MAX.saturating_sub(interfaces().filter(is_alive).count());
        now_there.min(INTERFACES_EVER_MAX.saturating_sub(interfaces().count()))
    }

    /// The series of a device.
    pub fn keys(&self, device: DeviceId) -> Vec<(SeriesId, SeriesKey)> {
        let key = |series: &Series| {
            let key = SeriesKey { device, measure: series.measure, subject: series.subject.clone() };
            (series.id, key)
        };
        self.of(device).iter().map(key).collect()
    }

    pub fn tail(&self, device: DeviceId, id: SeriesId) -> Option<Tail> {
        let series = self.of(device).iter().find(|series| series.id == id)?;
        Some(Tail { folded: series.folded, points: series.points.clone() })
    }

    /// The series of such measures that have a number in their tails, and the last one.
    pub fn last_numbers(&self, is: impl Fn(Measure) -> bool) -> Vec<(Number, f64)> {
        self.of_measures(is)
            .filter_map(|(device, series)| Some((series.of(device), series.last()?)))
            .collect()
    }

    /// The series of such measures that have none in their tails.
    pub fn silent(&self, is: impl Fn(Measure) -> bool) -> Vec<(SeriesId, Number)> {
        let silent = self.of_measures(is).filter(|(_, series)| series.last().is_none());
        silent.map(|(device, series)| (series.id, series.of(device))).collect()
    }

    fn of_measures(&self, is: impl Fn(Measure) -> bool) -> impl Iterator<Item = (DeviceId, &Series)> {
        let all =
            self.devices.iter().flat_map(|(device, series)| series.iter().map(|series| (*device, series)));
        all.filter(move |(_, series)| is(series.measure))
    }

    pub fn next_entry(&self) -> i64 {
        self.next
    }

    /// An entry is in the log.
    pub fn advance(&mut self, entries: i64) {
        self.next = self.next.saturating_add(entries);
    }

    /// A point that the log has in `entry`, unless it is in a chunk already.
    pub fn push(&mut self, device: DeviceId, id: SeriesId, entry: i64, point: Point) {
        let of_device = self.devices.get_mut(&device);
        let Some(series) = of_device.and_then(|all| all.iter_mut().find(|series| series.id == id)) else {
            return;
        };
        if entry <= series.folded {
            return;
        }
        series.last = Instant::now();
        if series.points.is_empty() {
            (series.first, series.since) = (entry, series.last);
        }
        if series.points.len() == series.points.capacity() {
            let more = (series.points.len() / 2).clamp(4, POINTS_MAX);
            series.points.reserve_exact(more);
        }
        series.points.push(point);
    }

    /// Whose device a series is; for what is read from the log.
    pub fn owners(&self) -> HashMap<SeriesId, DeviceId> {
        let all = self.devices.iter();
        all.flat_map(|(device, series)| series.iter().map(|series| (series.id, *device))).collect()
    }

    /// Up to `limit` tails that are due.
    pub fn due(&self, now: Instant, limit: usize) -> Vec<Fold> {
        let is_due = |series: &&Series| {
            series.points.len() >= POINTS_MAX
                || (!series.points.is_empty() && now.saturating_duration_since(series.since) >= WAIT_MAX)
        };
        let all =
            self.devices.iter().flat_map(|(device, series)| series.iter().map(|series| (*device, series)));
        all.filter(|(_, series)| is_due(series))
            .take(limit)
            .map(|(device, series)| series.fold(device))
            .collect()
    }

    /// The last entry, up to which these folds reach, and the first that is needed once they are in chunks.
    pub fn reach(&self, folds: &[Fold]) -> (i64, i64) {
        let last = self.next.saturating_sub(1);
        let folding: std::collections::HashSet<_> = folds.iter().map(|fold| fold.series).collect();
        let waiting = self.devices.values().flatten();
        let waiting = waiting.filter(|series| !series.points.is_empty() && !folding.contains(&series.id));
        (last, waiting.map(|series| series.first).min().unwrap_or(self.next))
    }

    /// These points of a series are in chunks up to `entry`.
    pub fn folded(&mut self, fold: &Fold, entry: i64) {
        let of_device = self.devices.get_mut(&fold.device);
        let Some(series) = of_device.and_then(|all| all.iter_mut().find(|series| series.id == fold.series))
        else {
            return;
        };
        series.folded = entry;
        series.points.drain(..fold.points.len().min(series.points.len()));
        if let Some(first) = (!series.points.is_empty()).then_some(entry.saturating_add(1)) {
            series.first = first;
        }
        if series.points.is_empty() {
            // Most series fill again as far as they did.
            series.points.shrink_to(POINTS_MAX);
        }
    }

    /// A series is gone, with its device or for want of samples.
    pub fn forget(&mut self, device: DeviceId, id: SeriesId) {
        if let Some(of_device) = self.devices.get_mut(&device) {
            of_device.retain(|series| series.id != id);
            if of_device.is_empty() {
                self.devices.remove(&device);
            }
        }
    }

    fn of(&self, device: DeviceId) -> &[Series] {
        self.devices.get(&device).map_or(&[], Vec::as_slice)
    }
}

/// Their number is the router's to say.
pub fn is_of_interface(measure: Measure) -> bool {
    matches!(measure, Measure::RxRate | Measure::TxRate)
}

impl Series {
    fn of(&self, device: DeviceId) -> Number {
        (device, self.measure, self.subject.clone())
    }

    /// The last number of its tail.
    fn last(&self) -> Option<f64> {
        self.points.iter().rev().find_map(|point| self.measure.read(point.value).number())
    }

    fn fold(&self, device: DeviceId) -> Fold {
        Fold { series: self.id, device, measure: self.measure, points: self.points.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn interfaces_that_went_give_way_after_a_day_and_there_is_an_end_to_them() {
        let device = DeviceId(1);
        let series = |id: i64| {
            let key = SeriesKey { device, measure: Measure::RxRate, subject: id.to_string().into() };
            StoredSeries { id: SeriesId(id), key, folded_entry: 0 }
        };
        let mut desk = Desk::new((0..256).map(series).collect(), 0);
        assert_eq!(desk.room(device, Instant::now()), 0);
        tokio::time::advance(RESTED / 2).await;
        (0..10).for_each(|id| desk.push(device, SeriesId(id), 1, Point { at: 0, value: 1 }));
        tokio::time::advance(RESTED / 2).await;
        assert_eq!(desk.room(device, Instant::now()), INTERFACES_MAX - 10);
        desk.begin((256..4_090).map(series).collect());
        tokio::time::advance(RESTED).await;
        assert_eq!(desk.room(device, Instant::now()), 6);
    }
}
