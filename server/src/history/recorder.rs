//! Writes samples: first into a log, in the transaction of the states they came with; then, when nothing else is to
//! be done, from the log into the chunks of their series.
//!
//! At every moment the database says what is true: a start reads the log and knows what every tail was. A commit whose
//! answer was lost is looked up before anything else is written: every batch has a number, written with it.

use super::{
    chunk::{self, Point, tenths, timestamp},
    columns::{self, Damaged, Written},
    desk::{Desk, Fold, Tail, is_of_interface},
    look::Looks,
    rollup,
};
use crate::{
    alerts::{Crossed, Measured, Watch},
    journal::{Ledger, Part, Sampled},
    store::{Packed, Recording, Result, SeriesId, SeriesKey, Store, StoreError, StoredSeries},
};
use async_trait::async_trait;
use engine::{Clock, Fleet, Outcome};
use model::{DeviceId, Measure, State, Timestamp};
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
    pub(super) clock: Arc<dyn Clock>,
    pub(super) fleet: Arc<Fleet>,
    pub(super) watch: Arc<Mutex<Watch>>,
    /// What is looked at now and then.
    pub(super) looks: Arc<Mutex<Looks>>,
    /// Grows with every change of the rules.
    rules: Arc<AtomicU64>,
    /// Which rules are watched; nothing when it is not known what is open of them.
    pub(super) watched: Arc<Mutex<Option<u64>>>,
    /// Rung when there is something new in the outbox.
    pub(super) bell: Arc<Notify>,
    pub(super) desk: Arc<Mutex<Desk>>,
    /// Devices of which it was said that they have too many interfaces.
    full: Arc<Mutex<HashSet<DeviceId>>>,
    written: Arc<Mutex<Marks>>,
    doubt: Arc<Mutex<Doubt>>,
}

/// What of the journal is written: everything with a lesser number.
#[derive(Clone, Copy, Default)]
struct Marks {
    outcomes: u64,
    samples: u64,
}

/// What may have been written or not.
#[derive(Default)]
struct Doubt {
    batch: Option<Batch>,
    /// Folds up to an entry.
    folds: Option<(Vec<Fold>, i64)>,
}

/// What is true once a batch is committed.
struct Batch {
    number: i64,
    marks: Marks,
    begun: Vec<StoredSeries>,
    /// The log's entries with it, and the number of the first.
    entries: Vec<Vec<Placed>>,
    first: i64,
    /// As of which change of the rules it was judged.
    rules: Option<u64>,
    /// Whether a number crossed what a rule says of it.
    has_crossed: bool,
    has_news: bool,
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
            looks: Arc::default(),
            rules: Arc::default(),
            watched: Arc::default(),
            bell,
            desk: Arc::new(Mutex::new(desk)),
            full: Arc::default(),
            written: Arc::default(),
            doubt: Arc::default(),
        })
    }

    /// Rules were changed: they are read again before the next numbers are judged.
    pub fn rules_changed(&self) {
        self.rules.fetch_add(1, Ordering::AcqRel);
    }

    /// How often they were.
    pub(super) fn rules_number(&self) -> u64 {
        self.rules.load(Ordering::Acquire)
    }

    /// Writes what follows upon all that was written before. When this fails, the same is to be tried again before
    /// anything else is.
    pub async fn append(&self, outcomes: &[Outcome], samples: &[Sampled]) -> Result<()> {
        let marks = *self.written.lock();
        let samples = Part { first: marks.samples, items: samples };
        self.record(Part { first: marks.outcomes, items: outcomes }, samples).await
    }

    /// What these numbers cross, by which rules. Until it is written down, what is open is not known.
    async fn crossed(
        &self,
        recording: &Recording,
        samples: &[Sampled],
    ) -> Result<(Vec<Crossed>, Option<u64>)> {
        // States are written also where the rules cannot be read.
        if samples.is_empty() {
            return Ok((Vec::new(), None));
        }
        let rules = self.follow(recording).await?;
        let mut watch = self.watch.lock();
        let mut crossed = Vec::new();
        for Sampled { device, at, sample } in samples {
            if !watch.is_about(sample.measure) {
                continue;
            }
            if let Some(value) = sample.value.number() {
                let (measure, subject) = (sample.measure, sample.subject.as_str());
                let measured = Measured { device: *device, measure, subject, at: *at, value };
                let known = self.fleet.device(*device);
                crossed.append(&mut watch.see(&measured, known.as_deref()));
            }
        }
        Ok((crossed, Some(rules)))
    }

    /// Reads the rules again where they may have changed, or where it is not known what is open of them; which ones
    /// are watched now. Until that is said to hold, by `watched`, it is not known again.
    pub(super) async fn follow(&self, recording: &Recording) -> Result<u64> {
        let rules = self.rules_number();
        if self.watched.lock().take() != Some(rules) {
            // What is open is read as of this transaction: the one before it may have opened more.
            let (all, open) = (self.store.rules().list().await?, recording.open_alerts().await?);
            self.looks.lock().follow(&all);
            self.watch.lock().follow(all, open, self.clock.now());
        }
        Ok(rules)
    }

    /// The series of a device.
    pub fn series(&self, device: DeviceId) -> Vec<(SeriesId, SeriesKey)> {
        self.desk.lock().keys(device)
    }

    pub(super) fn find(&self, device: DeviceId, measure: Measure, subject: &str) -> Option<SeriesId> {
        self.desk.lock().find(device, measure, subject)
    }

    pub(super) fn tail(&self, device: DeviceId, id: SeriesId) -> Option<Tail> {
        self.desk.lock().tail(device, id)
    }

    /// The series that these samples begin, each once.
    fn unknown(&self, samples: &[Sampled]) -> Vec<SeriesKey> {
        let (desk, now) = (self.desk.lock(), Instant::now());
        let (mut new, mut room) = (HashSet::new(), HashMap::<DeviceId, usize>::new());
        for Sampled { device, sample, .. } in samples {
            if desk.find(*device, sample.measure, &sample.subject).is_some() {
                continue;
            }
            let (measure, subject) = (sample.measure, sample.subject.as_str().into());
            let key = SeriesKey { device: *device, measure, subject };
            if new.contains(&key) {
                continue;
            }
            if is_of_interface(sample.measure) {
                let room = room.entry(*device).or_insert_with(|| desk.room(*device, now));
                if *room == 0 {
                    self.is_full(*device);
                    continue;
                }
                *room -= 1;
            }
            new.insert(key);
        }
        new.into_iter().collect()
    }

    /// Says it once of each device.
    fn is_full(&self, device: DeviceId) {
        if self.full.lock().insert(device) {
            let name = self.fleet.device(device).map(|device| device.name.clone());
            tracing::warn!(device = name, "has more interfaces than are remembered; the others are not");
        }
    }

    /// Samples whose series is known or begun; others are of devices that went, or of one that has too many.
    fn place(&self, samples: &[Sampled], begun: &[StoredSeries]) -> Vec<Placed> {
        let desk = self.desk.lock();
        let begun: HashMap<_, _> = begun
            .iter()
            .map(|series| ((series.key.device, series.key.measure, &*series.key.subject), series.id))
            .collect();
        let place = |sampled: &Sampled| {
            let Sampled { device, at, sample } = sampled;
            let known = desk.find(*device, sample.measure, &sample.subject);
            let new = || begun.get(&(*device, sample.measure, sample.subject.as_str())).copied();
            let point = Point { at: tenths(*at), value: sample.measure.kept(sample.value) };
            Some(Placed { series: known.or_else(new)?, device: *device, point })
        };
        samples.iter().filter_map(place).collect()
    }

    /// Begins a transaction, and finds out in it what became of a batch and of a fold whose answer was lost: by now
    /// they have ended, for one comes after the other.
    pub(super) async fn begin(&self) -> Result<Recording> {
        let recording = self.store.recording().await?;
        let doubtful = self.doubt.lock().batch.as_ref().map(|batch| batch.number);
        if let Some(number) = doubtful {
            let is_there = recording.batch().await? >= number;
            let batch = self.doubt.lock().batch.take();
            if let Some(batch) = batch.filter(|_| is_there) {
                self.landed(batch);
            }
        }
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

    /// A batch is committed.
    fn landed(&self, batch: Batch) {
        let Batch { marks, begun, entries, first, rules, has_crossed, has_news, .. } = batch;
        *self.written.lock() = marks;
        if rules.is_some() {
            *self.watched.lock() = rules;
        }
        if has_crossed {
            self.store.alerts_changed();
        }
        if has_news {
            self.bell.notify_one();
        }
        let mut desk = self.desk.lock();
        desk.begin(begun);
        desk.advance(i64::try_from(entries.len()).unwrap_or(0));
        for (entry, part) in (first..).zip(entries) {
            part.into_iter().for_each(|placed| desk.push(placed.device, placed.series, entry, placed.point));
        }
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
    async fn record(&self, outcomes: Part<'_, Outcome>, samples: Part<'_, Sampled>) -> Result<()> {
        let recording = self.begin().await?;
        let written = *self.written.lock();
        let marks = Marks {
            outcomes: written.outcomes.max(outcomes.end()),
            samples: written.samples.max(samples.end()),
        };
        let is_trial = outcomes.items.is_empty() && samples.items.is_empty();
        let (outcomes, samples) = (outcomes.from(written.outcomes), samples.from(written.samples));
        if !is_trial && outcomes.is_empty() && samples.is_empty() {
            return Ok(());
        }
        let is_paused =
            |outcome: &Outcome| outcome.transition.as_ref().is_some_and(|change| change.to == State::Paused);
        if outcomes.iter().any(is_paused) {
            // What rules had to say of it is withdrawn with this.
            self.rules_changed();
        }
        let (crossed, rules) = self.crossed(&recording, samples).await?;
        let has_news = recording.incidents(outcomes, &crossed, self.clock.now()).await?;
        recording.states(outcomes).await?;
        let begun = match self.unknown(samples) {
            new if new.is_empty() => Vec::new(),
            new => recording.begin_series(&new).await?,
        };
        let first = self.desk.lock().next_entry();
        let mut entries = Vec::new();
        let mut placed = self.place(samples, &begun);
        while !placed.is_empty() {
            let rest = placed.split_off(placed.len().min(ENTRY_SAMPLES_MAX));
            entries.push(std::mem::replace(&mut placed, rest));
        }
        for (entry, part) in (first..).zip(&entries) {
            recording.log(entry, write_entry(part)?).await?;
        }
        let number = recording.next_batch().await?;
        let has_crossed = !crossed.is_empty();
        let batch = Batch { number, marks, begun, entries, first, rules, has_crossed, has_news };
        self.doubt.lock().batch = Some(batch);
        recording.commit().await?;
        let batch = self.doubt.lock().batch.take();
        if let Some(batch) = batch {
            self.landed(batch);
        }
        Ok(())
    }

    async fn tidy(&self) -> Result<bool> {
        self.look().await?;
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
