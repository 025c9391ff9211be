//! Writes samples: first into a log, in the transaction of the states they came with; then, when nothing else is to
//! be done, from the log into the chunks of their series.
//!
//! At every moment the database says what is true: a start reads the log and knows what every tail was. A commit whose
//! answer was lost is looked up before anything else is written.

use super::{
    chunk::{self, Point, tenths, timestamp},
    columns::{self, Damaged, Written},
    desk::{Desk, Fold, Tail},
    rollup,
};
use crate::{
    alerts::{Crossed, Seen, Watch},
    journal::{Ledger, Sampled},
    store::{Packed, Recording, Result, SeriesId, SeriesKey, Store, StoreError},
};
use async_trait::async_trait;
use engine::{Clock, Fleet, Outcome};
use model::{DeviceId, State, Timestamp};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{sync::Notify, time::Instant};

/// Most samples in one entry of the log: MariaDB's smaller blobs hold 64 KiB.
const ENTRY_SAMPLES_MAX: usize = 2048;
/// Tails that go into chunks in one transaction: states that come meanwhile wait for it.
const FOLDS_MAX: usize = 24;

/// Clones share what is in memory.
#[derive(Clone)]
pub struct Recorder {
    pub(super) store: Store,
    clock: Arc<dyn Clock>,
    fleet: Arc<Fleet>,
    watch: Arc<Mutex<Watch>>,
    /// Grows with every change of the rules.
    rules: Arc<AtomicU64>,
    /// Which rules are watched; nothing when it is not known what is open of them.
    watched: Arc<Mutex<Option<u64>>>,
    /// Rung when there is something new in the outbox.
    bell: Arc<Notify>,
    desk: Arc<Mutex<Desk>>,
    doubt: Arc<Mutex<Doubt>>,
}

/// What may have been written or not.
#[derive(Default)]
struct Doubt {
    /// Entries of the log from this one on.
    log: Option<i64>,
    /// Folds up to an entry.
    folds: Option<(Vec<Fold>, i64)>,
}

/// A sample that knows its series.
struct Placed {
    series: SeriesId,
    device: DeviceId,
    point: Point,
}

impl Recorder {
    /// Reads what is stored.
    pub async fn open(
        store: Store,
        fleet: Arc<Fleet>,
        clock: Arc<dyn Clock>,
        bell: Arc<Notify>,
    ) -> Result<Self> {
        let samples = store.samples();
        let (series, log) = (samples.all_series().await?, samples.log().await?);
        let mut desk = Desk::new(series, log.last().map_or(0, |(entry, _)| *entry));
        let owners = desk.owners();
        for (entry, data) in log {
            // One entry that is damaged costs its samples, and no start.
            match read_entry(&data) {
                Ok(points) => points.into_iter().for_each(|(id, point)| {
                    if let Some(device) = owners.get(&id) {
                        desk.push(*device, id, entry, point);
                    }
                }),
                Err(error) => tracing::error!(entry, %error, "an entry of the log of samples is lost"),
            }
        }
        Ok(Self {
            store,
            clock,
            fleet,
            watch: Arc::default(),
            rules: Arc::default(),
            watched: Arc::default(),
            bell,
            desk: Arc::new(Mutex::new(desk)),
            doubt: Arc::default(),
        })
    }

    /// Rules were changed: they are read again before the next numbers are judged.
    pub fn rules_changed(&self) {
        self.rules.fetch_add(1, Ordering::AcqRel);
    }

    /// What these numbers cross, by which rules. Until it is written down, what is open is not known.
    async fn crossed(&self, samples: &[Sampled]) -> Result<(Vec<Crossed>, Option<u64>)> {
        // States are written also where the rules cannot be read.
        if samples.is_empty() {
            return Ok((Vec::new(), None));
        }
        let rules = self.rules.load(Ordering::Acquire);
        if self.watched.lock().take() != Some(rules) {
            let (all, open) = (self.store.rules().list().await?, self.store.rules().open().await?);
            self.watch.lock().follow(all, open);
        }
        let mut watch = self.watch.lock();
        let mut crossed = Vec::new();
        for Sampled { device, at, sample } in samples {
            if !watch.is_about(sample.measure) {
                continue;
            }
            if let Some(value) = sample.value.number() {
                let seen = Seen { device: *device, subject: &sample.subject, at: *at, value };
                let known = self.fleet.device(*device);
                crossed.append(&mut watch.see(sample.measure, &seen, known.as_deref()));
            }
        }
        Ok((crossed, Some(rules)))
    }

    /// The series of a device.
    pub fn series(&self, device: DeviceId) -> Vec<(SeriesId, SeriesKey)> {
        self.desk.lock().keys(device)
    }

    pub(super) fn tail(&self, device: DeviceId, id: SeriesId) -> Option<Tail> {
        self.desk.lock().tail(device, id)
    }

    /// The series that these samples begin, each once.
    fn unknown(&self, samples: &[Sampled]) -> Vec<SeriesKey> {
        let desk = self.desk.lock();
        let (mut new, mut more) = (HashSet::new(), HashMap::<DeviceId, usize>::new());
        for Sampled { device, sample, .. } in samples {
            if desk.find(*device, sample.measure, &sample.subject).is_some() {
                continue;
            }
            let (measure, subject) = (sample.measure, sample.subject.as_str().into());
            let key = SeriesKey { device: *device, measure, subject };
            let begun = more.entry(*device).or_default();
            if !new.contains(&key) && desk.has_room(*device, *begun) {
                new.insert(key);
                *begun += 1;
            }
        }
        new.into_iter().collect()
    }

    /// Samples whose series is known; others are of devices that went, or of one that has too many.
    fn place(&self, samples: &[Sampled]) -> Vec<Placed> {
        let desk = self.desk.lock();
        let place = |sampled: &Sampled| {
            let Sampled { device, at, sample } = sampled;
            let series = desk.find(*device, sample.measure, &sample.subject)?;
            let point = Point { at: tenths(*at), value: sample.measure.kept(sample.value) };
            Some(Placed { series, device: *device, point })
        };
        samples.iter().filter_map(place).collect()
    }

    /// Begins a transaction, and finds out in it what became of a fold whose answer was lost: by now it has ended, for
    /// one comes after the other.
    async fn begin(&self) -> Result<Recording> {
        let recording = self.store.recording().await?;
        let folds = self.doubt.lock().folds.clone();
        if let Some((folds, entry)) = folds {
            let ids: Vec<_> = folds.iter().map(|fold| fold.series).collect();
            let stored: HashMap<_, _> = recording.folded(&ids).await?.into_iter().collect();
            let mut desk = self.desk.lock();
            for fold in &folds {
                if stored.get(&fold.series).is_some_and(|known| *known >= entry) {
                    desk.folded(fold, entry);
                }
            }
            drop(desk);
            self.doubt.lock().folds = None;
        }
        Ok(recording)
    }

    /// Writes tails into chunks as a part of `recording`; which series are still there.
    async fn fold(&self, recording: &Recording, folds: &[Fold], entry: i64) -> Result<HashSet<SeriesId>> {
        let ids: Vec<_> = folds.iter().map(|fold| fold.series).collect();
        let there: HashSet<_> = recording.folded(&ids).await?.into_iter().map(|(id, _)| id).collect();
        let ids: Vec<_> = there.iter().copied().collect();
        let mut open = by_series(recording.open_chunks(&ids).await?);
        for fold in folds.iter().filter(|fold| there.contains(&fold.series)) {
            for packed in extend_chunk(fold, open.remove(&fold.series)) {
                recording.put_chunk(packed).await?;
            }
        }
        for step_s in rollup::STEPS_S {
            let mut open = by_series(recording.open_rollups(step_s, &ids).await?);
            for fold in folds.iter().filter(|fold| there.contains(&fold.series)) {
                for packed in extend_rollup(fold, step_s, open.remove(&fold.series)) {
                    recording.put_rollup(step_s, packed).await?;
                }
            }
        }
        recording.set_folded(&ids, entry).await?;
        Ok(there)
    }
}

#[async_trait]
impl Ledger for Recorder {
    async fn record(&self, outcomes: &[Outcome], samples: &[Sampled]) -> Result<()> {
        let is_paused =
            |outcome: &Outcome| outcome.transition.as_ref().is_some_and(|change| change.to == State::Paused);
        if outcomes.iter().any(is_paused) {
            // What rules had to say of it is withdrawn with this.
            self.rules_changed();
        }
        let (crossed, rules) = self.crossed(samples).await?;
        let recording = self.begin().await?;
        let has_news = recording.incidents(outcomes, &crossed, self.clock.now()).await?;
        recording.states(outcomes).await?;
        let begun = match self.unknown(samples) {
            new if new.is_empty() => Vec::new(),
            new => recording.begin_series(&new).await?,
        };
        // They are known from now on, and forgotten when this fails.
        let new: Vec<_> = begun.iter().map(|series| (series.key.device, series.id)).collect();
        let mut uncertain = Uncertain { desk: &self.desk, new };
        self.desk.lock().begin(begun);
        let placed = self.place(samples);
        let first = self.desk.lock().next_entry();
        let doubtful = self.doubt.lock().log;
        if let Some(from) = doubtful {
            recording.cut_log(from).await?;
        }
        let entries: Vec<_> = placed.chunks(ENTRY_SAMPLES_MAX).collect();
        for (entry, part) in (first..).zip(&entries) {
            recording.log(entry, write_entry(part)?).await?;
        }
        self.doubt.lock().log = Some(doubtful.unwrap_or(first));
        recording.commit().await?;
        self.doubt.lock().log = None;
        if rules.is_some() {
            *self.watched.lock() = rules;
        }
        if has_news {
            self.bell.notify_one();
        }
        uncertain.new.clear();
        let mut desk = self.desk.lock();
        for (entry, part) in (first..).zip(&entries) {
            for placed in *part {
                desk.push(placed.device, placed.series, entry, placed.point);
            }
        }
        desk.advance(i64::try_from(entries.len()).unwrap_or(0));
        Ok(())
    }

    async fn tidy(&self) -> Result<bool> {
        if self.desk.lock().due(Instant::now(), 1).is_empty() {
            return Ok(false);
        }
        let recording = self.begin().await?;
        let folds = self.desk.lock().due(Instant::now(), FOLDS_MAX);
        let (last, needed) = self.desk.lock().reach(&folds);
        let there = self.fold(&recording, &folds, last).await?;
        recording.trim_log(needed).await?;
        self.doubt.lock().folds = Some((folds.clone(), last));
        recording.commit().await?;
        self.doubt.lock().folds = None;
        let mut desk = self.desk.lock();
        for fold in &folds {
            if there.contains(&fold.series) {
                desk.folded(fold, last);
            } else {
                desk.forget(fold.device, fold.series);
            }
        }
        Ok(folds.len() == FOLDS_MAX)
    }
}

/// Forgets series that were begun in a transaction that did not end well.
struct Uncertain<'a> {
    desk: &'a Mutex<Desk>,
    new: Vec<(DeviceId, SeriesId)>,
}

impl Drop for Uncertain<'_> {
    fn drop(&mut self) {
        let mut desk = self.desk.lock();
        self.new.iter().for_each(|(device, id)| desk.forget(*device, *id));
    }
}

fn by_series(packed: Vec<Packed>) -> HashMap<SeriesId, Packed> {
    packed.into_iter().map(|packed| (packed.series, packed)).collect()
}

/// The rows that hold the fold's points. An open row that cannot be read is left as it is, and a new one begun: what is
/// damaged costs itself.
fn extend_chunk(fold: &Fold, open: Option<Packed>) -> Vec<Packed> {
    let read = open.map(|packed| (packed.id, chunk::read(&packed.data)));
    let (id, points) = match read {
        Some((id, Ok(points))) => (id, points),
        Some((_, Err(error))) => {
            tracing::error!(series = fold.series.0, %error, "a chunk of samples is lost");
            (None, Vec::new())
        }
        None => (None, Vec::new()),
    };
    let rows = chunk::extend(points, &fold.points).unwrap_or_else(|error| {
        tracing::error!(series = fold.series.0, %error, "samples are lost");
        Vec::new()
    });
    let packed = |(place, (points, data)): (usize, Written<Point>)| {
        let times = || points.iter().map(|point| point.at);
        let span = |at: Option<i64>| timestamp(at.unwrap_or(0));
        Packed {
            series: fold.series,
            id: id.filter(|_| place == 0),
            span: (span(times().min()), span(times().max())),
            samples: i32::try_from(points.len()).unwrap_or(i32::MAX),
            data,
        }
    };
    rows.into_iter().enumerate().map(packed).collect()
}

/// The same for the rollups with one step.
fn extend_rollup(fold: &Fold, step_s: i32, open: Option<Packed>) -> Vec<Packed> {
    let read = open.map(|packed| (packed.id, rollup::read(fold.measure, &packed.data)));
    let (id, windows) = match read {
        Some((id, Ok(windows))) => (id, windows),
        Some((_, Err(error))) => {
            tracing::error!(series = fold.series.0, %error, "a rollup of samples is lost");
            (None, Vec::new())
        }
        None => (None, Vec::new()),
    };
    let new = rollup::roll_up(fold.measure, step_s, &fold.points);
    let rows = rollup::extend(fold.measure, windows, &new).unwrap_or_else(|error| {
        tracing::error!(series = fold.series.0, %error, "rollups are lost");
        Vec::new()
    });
    let step_ms = i64::from(step_s) * 1_000;
    let packed = |(place, (windows, data)): (usize, Written<rollup::Window>)| {
        let numbers = || windows.iter().map(|window| window.number);
        let at = |number: Option<i64>| number.unwrap_or(0).saturating_mul(step_ms);
        Packed {
            series: fold.series,
            id: id.filter(|_| place == 0),
            span: (
                Timestamp(at(numbers().min())),
                Timestamp(at(numbers().max()).saturating_add(step_ms - 1)),
            ),
            samples: 0,
            data,
        }
    };
    rows.into_iter().enumerate().map(packed).collect()
}

fn write_entry(placed: &[Placed]) -> Result<Vec<u8>> {
    let column = |of: fn(&Placed) -> i64| -> Vec<i64> { placed.iter().map(of).collect() };
    let (series, times) = (column(|placed| placed.series.0), column(|placed| placed.point.at));
    let values = column(|placed| placed.point.value.into());
    columns::pack([&series, &times, &values]).map_err(|error| StoreError::Damaged(error.to_string()))
}

fn read_entry(bytes: &[u8]) -> std::result::Result<Vec<(SeriesId, Point)>, Damaged> {
    let [series, times, values] = columns::unpack(bytes)?;
    let point = |((id, at), value): ((i64, i64), i64)| {
        let value = i32::try_from(value).map_err(|_| Damaged("a value is out of range"))?;
        Ok((SeriesId(id), Point { at, value }))
    };
    series.into_iter().zip(times).zip(values).map(point).collect()
}
