//! What a number usually is: its means of each hour of the last days, and of the last hour in steps of five minutes.
//!
//! Pure, and about a kilobyte a number. It is filled from the rollups once, and from then on by what is measured.

use model::Timestamp;

const HOUR_MS: i64 = 3_600_000;
const FIVE_MS: i64 = 300_000;
const DAY_HOURS: i64 = 24;
/// How many past days are looked at …
const DAYS: i64 = 7;
/// … and of how many of them something must be known.
const DAYS_LEAST: usize = 2;
/// Steps of five minutes in an hour.
const FIVES: i64 = 12;
/// Of how many of them something must be known.
const FIVES_LEAST: usize = 3;
/// How far back hours are needed, in milliseconds.
pub const HOURS_MS: i64 = (DAYS * DAY_HOURS + 1) * HOUR_MS;
/// How far back steps of five minutes are needed, in milliseconds.
pub const FIVES_MS: i64 = (FIVES + 1) * FIVE_MS;

/// What one number usually is.
#[derive(Clone, Debug)]
pub struct Usual {
    hours: Means,
    fives: Means,
}

impl Default for Usual {
    fn default() -> Self {
        Self { hours: Means::new(HOUR_MS, DAYS * DAY_HOURS + 1), fives: Means::new(FIVE_MS, FIVES + 1) }
    }
}

impl Usual {
    /// A number was measured.
    pub fn see(&mut self, at: Timestamp, value: f64) {
        self.hours.see(at, value);
        self.fives.see(at, value);
    }

    /// The mean of a past hour, from the rollups.
    pub fn put_hour(&mut self, at: Timestamp, mean: f64) {
        self.hours.put(at, mean);
    }

    /// The mean of past five minutes, from the rollups.
    pub fn put_five(&mut self, at: Timestamp, mean: f64) {
        self.fives.put(at, mean);
    }

    /// The mean of this hour of past days.
    pub fn same_hour(&self, at: Timestamp) -> Option<f64> {
        let now = self.hours.number(at);
        mean((1..=DAYS).filter_map(|day| self.hours.of(now - day * DAY_HOURS)), DAYS_LEAST)
    }

    /// The mean of the hour before this moment.
    pub fn last_hour(&self, at: Timestamp) -> Option<f64> {
        let now = self.fives.number(at);
        mean((1..=FIVES).filter_map(|step| self.fives.of(now - step)), FIVES_LEAST)
    }
}

fn mean(of: impl Iterator<Item = f64>, least: usize) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_usize);
    for one in of {
        sum += one;
        count += 1;
    }
    (count >= least).then(|| sum / count as f64)
}

/// The means of the last steps, in a ring.
#[derive(Clone, Debug)]
struct Means {
    step_ms: i64,
    /// By the number of the step modulo the length; no number where nothing is known.
    ring: Box<[f32]>,
    /// The step that goes on.
    now: Option<i64>,
    sum: f64,
    count: u32,
}

impl Means {
    fn new(step_ms: i64, length: i64) -> Self {
        let length = usize::try_from(length).unwrap_or(1);
        Self { step_ms, ring: vec![f32::NAN; length].into(), now: None, sum: 0.0, count: 0 }
    }

    fn number(&self, at: Timestamp) -> i64 {
        at.0.div_euclid(self.step_ms)
    }

    fn length(&self) -> i64 {
        i64::try_from(self.ring.len()).unwrap_or(1)
    }

    fn place(&mut self, number: i64) -> Option<&mut f32> {
        let place = usize::try_from(number.rem_euclid(self.length())).ok()?;
        self.ring.get_mut(place)
    }

    /// Goes on to the step of `number`; false for one that is over.
    fn go_to(&mut self, number: i64) -> bool {
        let Some(now) = self.now else {
            self.now = Some(number);
            return true;
        };
        // A clock that was set back by more than a step: what was known is of another time.
        if number < now - 1 || number > now + self.length() {
            self.ring.fill(f32::NAN);
            (self.now, self.sum, self.count) = (Some(number), 0.0, 0);
            return true;
        }
        if number <= now {
            return number == now;
        }
        let mean = if self.count > 0 { (self.sum / f64::from(self.count)) as f32 } else { f32::NAN };
        self.place(now).into_iter().for_each(|place| *place = mean);
        for between in now + 1..=number {
            self.place(between).into_iter().for_each(|place| *place = f32::NAN);
        }
        (self.now, self.sum, self.count) = (Some(number), 0.0, 0);
        true
    }

    fn see(&mut self, at: Timestamp, value: f64) {
        if self.go_to(self.number(at)) {
            self.sum += value;
            self.count = self.count.saturating_add(1);
        }
    }

    /// What is not over yet is measured, and not put.
    fn put(&mut self, at: Timestamp, mean: f64) {
        let number = self.number(at);
        let is_past = self.now.is_some_and(|now| number < now && number > now - self.length());
        if is_past {
            self.place(number).into_iter().for_each(|place| *place = mean as f32);
        }
    }

    fn of(&self, number: i64) -> Option<f64> {
        let is_kept = self.now.is_some_and(|now| number < now && number > now - self.length());
        let place = usize::try_from(number.rem_euclid(self.length())).ok()?;
        let mean = self.ring.get(place).copied().filter(|mean| is_kept && !mean.is_nan())?;
        Some(f64::from(mean))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp(1_800_000_000_000 + minute * 60_000)
    }

    #[test]
    fn the_same_hour_is_known_after_two_days_and_the_last_after_a_quarter() {
        let mut usual = Usual::default();
        for minute in 0..3 * 24 * 60 {
            // Day by day 10, 20, 30, with a busy hour.
            let day = (minute / 1_440 + 1) as f64;
            usual.see(at(minute), if minute % 1_440 < 60 { 100.0 * day } else { 10.0 * day });
        }
        let now = at(3 * 1_440 + 30);
        assert_eq!(usual.last_hour(at(3 * 1_440)), Some(30.0));
        usual.see(now, 1.0);
        assert_eq!(usual.same_hour(now), Some(200.0));
        let mut young = Usual::default();
        (0..10).for_each(|minute| young.see(at(minute), 5.0));
        assert_eq!((young.same_hour(at(10)), young.last_hour(at(10))), (None, None));
        (10..16).for_each(|minute| young.see(at(minute), 5.0));
        assert_eq!(young.last_hour(at(16)), Some(5.0));
    }

    proptest! {
        /// Whatever the clock does, what is usual is between the least and the greatest that was measured.
        #[test]
        fn what_is_usual_was_measured(
            steps in prop::collection::vec((-200_000_000i64..200_000_000, 0.0f64..1e6), 1..300),
        ) {
            let (mut usual, mut now) = (Usual::default(), 1_800_000_000_000i64);
            let (mut least, mut greatest) = (f64::MAX, f64::MIN);
            for (step, value) in steps {
                now += step;
                usual.see(Timestamp(now), value);
                (least, greatest) = (least.min(value), greatest.max(value));
                for known in [usual.same_hour(Timestamp(now)), usual.last_hour(Timestamp(now))].into_iter().flatten() {
                    prop_assert!(known >= least - 1.0 && known <= greatest + 1.0, "{known}");
                }
            }
        }
    }
}
