//! Rollups: what a series did in each five minutes and in each hour, for graphs of weeks and for the long run.

use super::{
    chunk::{BYTES_MAX, Point},
    columns::{Damaged, NUMBERS_MAX, Written, pack, unpack},
};
use model::{Measure, Reading};

/// The steps in which series are rolled up, in seconds.
pub const STEPS_S: [i32; 2] = [300, 3_600];
const TENTHS_PER_S: i64 = 10;
/// A mean of numbers in steps is kept this much finer than they are.
const FINER: f64 = 8.0;
/// Columns of a row.
const COLUMNS: usize = 6;

/// One step of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// How many steps since 1970.
    pub number: i64,
    /// Samples that say a number.
    pub count: u32,
    /// Rounds that were not answered.
    pub unanswered: u32,
    /// As [`Measure::kept`] says; 0 when there is no number.
    pub min: i32,
    pub max: i32,
    /// In the measure's own unit.
    pub mean: f64,
}

impl Window {
    fn of(measure: Measure, step_s: i32, point: Point) -> Self {
        let number = point.at.div_euclid(i64::from(step_s.max(1)) * TENTHS_PER_S);
        let empty = Self { number, count: 0, unanswered: 0, min: 0, max: 0, mean: 0.0 };
        match measure.read(point.value) {
            Reading::NoAnswer => Self { unanswered: 1, ..empty },
            Reading::Number(mean) => Self { count: 1, min: point.value, max: point.value, mean, ..empty },
        }
    }

    /// Takes in another one of the same step.
    pub fn add(&mut self, other: &Window) {
        self.unanswered = self.unanswered.saturating_add(other.unanswered);
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            (self.min, self.max) = (other.min, other.max);
        }
        (self.min, self.max) = (self.min.min(other.min), self.max.max(other.max));
        let (own, others) = (f64::from(self.count), f64::from(other.count));
        self.mean = (self.mean * own + other.mean * others) / (own + others);
        self.count = self.count.saturating_add(other.count);
    }
}

/// Rolls points up, one window for each stretch of them that falls into the same step: in the order of recording, so
/// that a clock which was wrong for a while costs nothing else.
pub fn roll_up(measure: Measure, step_s: i32, points: &[Point]) -> Vec<Window> {
    let mut windows = Vec::new();
    for point in points {
        push(&mut windows, Window::of(measure, step_s, *point));
    }
    windows
}

fn push(windows: &mut Vec<Window>, window: Window) {
    match windows.last_mut().filter(|last| last.number == window.number) {
        Some(last) => last.add(&window),
        None => windows.push(window),
    }
}

/// Adds `new` to an open row's windows and writes the whole, as [`super::chunk::extend`] does with points.
///
/// # Errors
/// A row cannot be written.
pub fn extend(measure: Measure, open: Vec<Window>, new: &[Window]) -> Result<Vec<Written<Window>>, Damaged> {
    let mut rows = Vec::new();
    let mut windows = open;
    for window in new {
        push(&mut windows, *window);
    }
    while !windows.is_empty() {
        let mut count = windows.len().min(NUMBERS_MAX);
        let mut bytes = write(measure, &windows[..count])?;
        while bytes.len() > BYTES_MAX && count > 1 {
            // A little less than what would fit by the measure of what did not.
            count = (count * BYTES_MAX / bytes.len()).clamp(1, count - 1);
            bytes = write(measure, &windows[..count])?;
        }
        let rest = windows.split_off(count);
        rows.push((windows, bytes));
        windows = rest;
    }
    Ok(rows)
}

/// Writes windows; a mean loses a little.
///
/// # Errors
/// They are more than a row can have.
pub fn write(measure: Measure, windows: &[Window]) -> Result<Vec<u8>, Damaged> {
    let column = |of: fn(&Window) -> i64| -> Vec<i64> { windows.iter().map(of).collect() };
    let means: Vec<i64> = windows.iter().map(|window| kept_mean(measure, window)).collect();
    pack([
        &column(|window| window.number),
        &column(|window| window.count.into()),
        &column(|window| window.unanswered.into()),
        &column(|window| window.min.into()),
        &column(|window| window.max.into()),
        &means,
    ])
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// It is anything else.
pub fn read(measure: Measure, bytes: &[u8]) -> Result<Vec<Window>, Damaged> {
    let columns: [Vec<i64>; COLUMNS] = unpack(bytes)?;
    let length = columns.first().map_or(0, Vec::len);
    let at = |column: usize, place: usize| columns.get(column).and_then(|column| column.get(place)).copied();
    let window = |place: usize| {
        let number = |column| at(column, place);
        let count = u32::try_from(number(1)?).ok()?;
        let min = i32::try_from(number(3)?).ok()?;
        Some(Window {
            number: number(0)?,
            count,
            unanswered: u32::try_from(number(2)?).ok()?,
            min,
            max: i32::try_from(number(4)?).ok()?,
            mean: read_mean(measure, count, min, number(5)?)?,
        })
    };
    (0..length).map(|place| window(place).ok_or(Damaged("a window is out of range"))).collect()
}

/// A mean as how far it is above the least: small numbers, which take few bytes.
fn kept_mean(measure: Measure, window: &Window) -> i64 {
    if window.count == 0 {
        return 0;
    }
    let kept = |mean: f64| i64::from(measure.kept(Reading::Number(mean)));
    if measure.is_in_steps() {
        let unit = measure.read(1).number().unwrap_or(1.0);
        ((window.mean / unit - f64::from(window.min)) * FINER).round() as i64
    } else {
        kept(window.mean) - i64::from(window.min)
    }
}

fn read_mean(measure: Measure, count: u32, min: i32, above: i64) -> Option<f64> {
    if count == 0 {
        return Some(0.0);
    }
    if measure.is_in_steps() {
        let unit = measure.read(1).number().unwrap_or(1.0);
        return Some((f64::from(min) + above as f64 / FINER) * unit);
    }
    measure.read(i32::try_from(above.checked_add(i64::from(min))?).ok()?).number()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn measure() -> impl Strategy<Value = Measure> {
        prop::sample::select(Measure::ALL.to_vec())
    }

    /// Points as they come: every 30 s, with gaps, failures, and a clock that is set now and then.
    fn points() -> impl Strategy<Value = Vec<Point>> {
        let step = prop_oneof![20 => Just(300i64), 2 => 300i64..90_000, 1 => -90_000i64..0];
        let value = prop_oneof![20 => 0i32..5_000, 1 => Just(-1)];
        prop::collection::vec((step, value), 0..600).prop_map(|steps| {
            let mut at = 17_900_000_000;
            let mut point = |(step, value)| {
                at += step;
                Point { at, value }
            };
            steps.into_iter().map(&mut point).collect()
        })
    }

    /// What a step's numbers say, counted one by one.
    fn plain(measure: Measure, step_s: i32, points: &[Point], number: i64) -> (u32, u32, f64) {
        let within = points.iter().filter(|point| {
            let at = point.at;
            at.div_euclid(i64::from(step_s) * 10) == number
        });
        let readings: Vec<Reading> = within.map(|point| measure.read(point.value)).collect();
        let numbers: Vec<f64> = readings.iter().filter_map(|reading| reading.number()).collect();
        let count = numbers.len() as u32;
        (count, readings.len() as u32 - count, numbers.iter().sum::<f64>() / f64::from(count.max(1)))
    }

    proptest! {
        #[test]
        fn rolled_up_in_parts_and_written_each_step_says_what_its_points_said(
            measure in measure(), step in prop::sample::select(STEPS_S.to_vec()),
            points in points(), parts in 1usize..200,
        ) {
            // Values below zero are failures of round trips alone.
            let points: Vec<_> = points.into_iter()
                .filter(|point| { let value = point.value; measure == Measure::RoundTrip || value >= 0 }).collect();
            let (mut sealed, mut open): (Vec<Window>, Vec<Window>) = (Vec::new(), Vec::new());
            for part in points.chunks(parts) {
                let mut rows = extend(measure, open, &roll_up(measure, step, part)).unwrap();
                let (_, last) = rows.pop().unwrap();
                open = read(measure, &last).unwrap();
                for (_, row) in rows {
                    prop_assert!(row.len() <= BYTES_MAX);
                    sealed.extend(read(measure, &row).unwrap());
                }
            }
            sealed.append(&mut open);
            let mut merged: Vec<Window> = Vec::new();
            for window in sealed {
                match merged.iter_mut().find(|known| known.number == window.number) {
                    Some(known) => known.add(&window),
                    None => merged.push(window),
                }
            }
            for window in &merged {
                let (count, unanswered, mean) = plain(measure, step, &points, window.number);
                prop_assert_eq!((window.count, window.unanswered), (count, unanswered));
                prop_assert!((window.mean - mean).abs() <= 0.01 + mean * 0.02, "{} {}", window.mean, mean);
            }
            let all: u32 = merged.iter().map(|window| window.count + window.unanswered).sum();
            prop_assert_eq!(all as usize, points.len());
        }

        #[test]
        fn whatever_is_read_is_read_or_refused(measure in measure(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(measure, &bytes);
        }
    }
}
