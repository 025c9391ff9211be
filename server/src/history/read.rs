//! Reads what a series did: sample by sample, or in steps. What is in chunks comes from the database, the rest from
//! memory, and nothing twice.

use super::{
    chunk::{self, Point, tenths, timestamp},
    recorder::Recorder,
    rollup::{self, Window},
};
use crate::store::{Result, SeriesId, SeriesKey, StoreError};
use model::{DeviceId, FieldError, Measure, Reading, Timestamp};
use std::collections::HashMap;

/// Most rows of one series in one answer: millions of samples. Who asks for more is told so, and gets nothing cut off.
const ROWS_MAX: u64 = 2_048;
/// Chunks in which the last number is looked for: hours in which a device did not answer.
const LAST_CHUNKS: u64 = 4;
/// Series that are read together.
const TOGETHER_MAX: usize = 16;

/// One step of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub at: Timestamp,
    /// Samples that say a number, and rounds that were not answered.
    pub count: u32,
    pub unanswered: u32,
    /// Absent where no sample says a number.
    pub numbers: Option<Numbers>,
}

/// What the numbers of a step were, in the measure's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    pub min: f64,
    pub mean: f64,
    pub max: f64,
}

impl Recorder {
    /// Every sample of a series in `from..=to`, in the order of time.
    ///
    /// # Errors
    /// The database fails. A chunk that is damaged costs its samples, and the answer nothing else.
    pub async fn points(
        &self,
        id: SeriesId,
        key: &SeriesKey,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<(Timestamp, Reading)>> {
        let tail = self.tail(key.device, id).unwrap_or_default();
        let (folded, rows) = self.store.samples().chunks(id, (from, to), ROWS_MAX + 1).await?;
        all_of(rows.len(), 1)?;
        let mut points: Vec<Point> = Vec::new();
        for row in rows {
            match chunk::read(&row) {
                Ok(mut read) => points.append(&mut read),
                Err(error) => tracing::error!(series = id.0, %error, "a chunk of samples cannot be read"),
            }
        }
        if folded <= tail.folded {
            points.extend(tail.points);
        }
        let within = tenths(from)..=tenths(to);
        points.retain(|point| within.contains(&{ point.at }));
        points.sort_by_key(|point| point.at);
        Ok(points.iter().map(|point| (timestamp(point.at), key.measure.read(point.value))).collect())
    }

    /// When a series last had a number, as far as its last chunks tell; nothing where there is no such series.
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_number(
        &self,
        device: DeviceId,
        measure: Measure,
        subject: &str,
    ) -> Result<Option<Timestamp>> {
        let Some(id) = self.find(device, measure, subject) else { return Ok(None) };
        let tail = self.tail(device, id).unwrap_or_default();
        let last = |points: &[Point]| {
            let numbers = points.iter().filter(|point| measure.read(point.value).number().is_some());
            numbers.map(|point| point.at).max().map(timestamp)
        };
        let in_tail = last(&tail.points);
        if in_tail.is_some() {
            return Ok(in_tail);
        }
        let rows = self.store.samples().last_chunks(id, LAST_CHUNKS).await?;
        let read = rows.iter().filter_map(|row| chunk::read(row).ok());
        Ok(read.filter_map(|points| last(&points)).max())
    }

    /// What each of these series did in `from..=to`, in steps of one of [`rollup::STEPS_S`], in the order of time.
    ///
    /// # Errors
    /// As [`Recorder::points`].
    pub async fn steps(
        &self,
        series: &[(SeriesId, SeriesKey)],
        step_s: i32,
        span: (Timestamp, Timestamp),
    ) -> Result<Vec<Vec<Step>>> {
        let mut steps = Vec::new();
        for part in series.chunks(TOGETHER_MAX) {
            let tails: Vec<_> =
                part.iter().map(|(id, key)| self.tail(key.device, *id).unwrap_or_default()).collect();
            let ids: Vec<_> = part.iter().map(|(id, _)| *id).collect();
            let limit = ROWS_MAX * part.len() as u64 + 1;
            let (folded, rows) = self.store.samples().rollups(&ids, step_s, span, limit).await?;
            all_of(rows.len(), part.len())?;
            let mut by_series = HashMap::<SeriesId, Vec<Vec<u8>>>::new();
            for (id, row) in rows {
                by_series.entry(id).or_default().push(row);
            }
            for ((id, key), tail) in part.iter().zip(tails) {
                let mut windows = windows(*id, key.measure, by_series.remove(id).unwrap_or_default());
                if folded.get(id).is_none_or(|entry| *entry <= tail.folded) {
                    windows.extend(rollup::roll_up(key.measure, step_s, &tail.points));
                }
                steps.push(stepped(key.measure, step_s, windows, span));
            }
        }
        Ok(steps)
    }
}

/// Nothing was left out.
fn all_of(rows: usize, series: usize) -> Result<()> {
    if rows as u64 > ROWS_MAX * series as u64 {
        let why = "too much was measured in this time; ask for less of it";
        return Err(StoreError::Invalid(vec![FieldError::new("hours", "error_out_of_range", why)]));
    }
    Ok(())
}

fn windows(id: SeriesId, measure: Measure, rows: Vec<Vec<u8>>) -> Vec<Window> {
    let mut windows = Vec::new();
    for row in rows {
        match rollup::read(measure, &row) {
            Ok(mut read) => windows.append(&mut read),
            Err(error) => tracing::error!(series = id.0, %error, "a rollup of samples cannot be read"),
        }
    }
    windows
}

/// The steps that windows in any order make.
fn stepped(
    measure: Measure,
    step_s: i32,
    mut windows: Vec<Window>,
    (from, to): (Timestamp, Timestamp),
) -> Vec<Step> {
    let step_ms = i64::from(step_s) * 1_000;
    let within = from.0.div_euclid(step_ms)..=to.0.div_euclid(step_ms);
    windows.retain(|window| within.contains(&window.number));
    windows.sort_by_key(|window| window.number);
    windows.dedup_by(|next, known| {
        let is_same = next.number == known.number;
        if is_same {
            known.add(next);
        }
        is_same
    });
    windows.iter().map(|window| step(measure, step_ms, window)).collect()
}

fn step(measure: Measure, step_ms: i64, window: &Window) -> Step {
    let number = |kept| measure.read(kept).number().unwrap_or(0.0);
    let numbers = || Numbers { min: number(window.min), mean: window.mean, max: number(window.max) };
    Step {
        at: Timestamp(window.number.saturating_mul(step_ms)),
        count: window.count,
        unanswered: window.unanswered,
        numbers: (window.count > 0).then(numbers),
    }
}
