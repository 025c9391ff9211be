//! How much is kept: by age, of each device, and in all.

use model::DeviceId;
use std::collections::{BTreeMap, HashMap};

const DAYS: u32 = 30;
const ROWS: u64 = 1_000_000;
const ROWS_EACH: u64 = 100_000;
/// Lines that go at once: as many as come in that time, at most.
pub(super) const FORGET_MAX: u64 = 2_000;
/// How far a bound may be overstepped before anything is done about it, as a part of it.
const SLACK: u64 = 50;

/// As the settings say: `keep_logs_days`, `logs_max_rows` and `logs_max_rows_each`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub days: u32,
    pub rows: u64,
    pub rows_each: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { days: DAYS, rows: ROWS, rows_each: ROWS_EACH }
    }
}

impl Bounds {
    /// What is not said, or makes no sense, is as usual.
    pub fn of(settings: &BTreeMap<String, String>) -> Self {
        let number = |name: &str| settings.get(name)?.parse().ok().filter(|number: &u32| *number > 0);
        Self {
            days: number("keep_logs_days").unwrap_or(DAYS),
            rows: number("logs_max_rows").map_or(ROWS, u64::from),
            rows_each: number("logs_max_rows_each").map_or(ROWS_EACH, u64::from),
        }
    }
}

/// How many lines there are, as far as this program knows.
#[derive(Debug, Default)]
pub(super) struct Tally {
    each: HashMap<DeviceId, u64>,
    total: u64,
}

impl Tally {
    pub fn of(each: HashMap<DeviceId, u64>) -> Self {
        Self { total: each.values().sum(), each }
    }

    pub fn add(&mut self, device: DeviceId) {
        *self.each.entry(device).or_default() += 1;
        self.total += 1;
    }

    pub fn remove(&mut self, device: DeviceId) {
        if let Some(count) = self.each.get_mut(&device) {
            *count = count.saturating_sub(1);
        }
        self.total = self.total.saturating_sub(1);
    }

    /// Lines of a device are gone with it.
    pub fn keep_only(&mut self, is_there: impl Fn(DeviceId) -> bool) {
        self.each.retain(|device, _| is_there(*device));
        self.total = self.each.values().sum();
    }

    /// Of whom there is too much (of nobody in particular, with `None`), and by how many lines.
    pub fn excess(&self, bounds: Bounds) -> Option<(Option<DeviceId>, u64)> {
        let beyond = |count: u64, max: u64| Some(count - max).filter(|_| count > max + max / SLACK);
        let of_one = self
            .each
            .iter()
            .filter(|(_, count)| **count > bounds.rows_each)
            .find_map(|(device, count)| Some((Some(*device), beyond(*count, bounds.rows_each)?)));
        of_one.or_else(|| Some((None, beyond(self.total.max(bounds.rows), bounds.rows)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_count_where_they_make_sense() {
        let settings = |pairs: &[(&str, &str)]| {
            Bounds::of(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        assert_eq!(settings(&[]), Bounds::default());
        let own = settings(&[("keep_logs_days", "7"), ("logs_max_rows", "x"), ("logs_max_rows_each", "0")]);
        assert_eq!(own, Bounds { days: 7, ..Bounds::default() });
    }

    #[test]
    fn one_that_writes_too_much_goes_first_and_then_the_oldest_of_all() {
        let bounds = Bounds { days: 1, rows: 100, rows_each: 60 };
        let tally = |counts: &[(i64, u64)]| {
            Tally::of(counts.iter().map(|(device, count)| (DeviceId(*device), *count)).collect())
                .excess(bounds)
        };
        assert_eq!(tally(&[(1, 60), (2, 40)]), None);
        assert_eq!(tally(&[(1, 61), (2, 30)]), None, "not worth the trouble yet");
        assert_eq!(tally(&[(1, 70), (2, 10)]), Some((Some(DeviceId(1)), 10)));
        assert_eq!(tally(&[(1, 60), (2, 60)]), Some((None, 20)));
    }
}
