//! How much is kept: by age, of each device, and in all.

use model::DeviceId;
use std::collections::{BTreeMap, HashMap};

const DAYS: u32 = 30;
const ROWS: u64 = 1_000_000;
const ROWS_EACH: u64 = 100_000;
/// How far a bound may be overstepped before anything is done about it, as a part of it.
const SLACK: u64 = 50;

/// As the configuration says: `keep_logs_days`, `logs_max_rows` and `logs_max_rows_each`.
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
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    each: HashMap<DeviceId, u64>,
    total: u64,
}

impl Tally {
    pub fn of(each: HashMap<DeviceId, u64>) -> Self {
        Self { total: each.values().sum(), each }
    }

    /// What was counted, with what was added and removed meanwhile: since the tally was as `before`.
    pub fn counted_anew(&self, before: &Self, mut counted: HashMap<DeviceId, u64>) -> Self {
        // Devices that went meanwhile took their lines along.
        counted.retain(|device, _| self.each.contains_key(device) || !before.each.contains_key(device));
        for (device, now) in &self.each {
            let was = before.each.get(device).copied().unwrap_or_default();
            let count = counted.entry(*device).or_default();
            *count = count.saturating_add(*now).saturating_sub(was);
        }
        Self::of(counted)
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

    /// Of whom there is too much, and by how many lines. When all together are too many, of whoever has the most: nobody
    /// pushes out the others.
    pub fn excess(&self, bounds: Bounds) -> Option<(DeviceId, u64)> {
        let beyond = |count: u64, max: u64| Some(count - max).filter(|_| count > max + max / SLACK);
        let (device, most) = self.each.iter().max_by_key(|(_, count)| **count)?;
        let excess = beyond((*most).max(bounds.rows_each), bounds.rows_each)
            .or_else(|| beyond(self.total.max(bounds.rows), bounds.rows))?;
        Some((*device, excess.min(*most)))
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
    fn what_came_and_went_while_it_was_counted_is_counted_too() {
        let [grows, shrinks, gone, new, other] = [1, 2, 3, 4, 5].map(DeviceId);
        let mut tally = Tally::of([(grows, 10), (shrinks, 10), (gone, 10)].into());
        let before = tally.clone();
        tally.add(grows);
        tally.remove(shrinks);
        tally.add(new);
        tally.keep_only(|device| device != gone);
        // The first tally was wrong, which is why it is counted.
        let counted = [(grows, 20), (shrinks, 20), (gone, 20), (other, 20)].into();
        let anew = tally.counted_anew(&before, counted);
        let of = |device| anew.each.get(&device).copied();
        assert_eq!([grows, shrinks, gone, new, other].map(of), [Some(21), Some(19), None, Some(1), Some(20)]);
        assert_eq!(anew.total, 61);
    }

    #[test]
    fn whoever_has_the_most_gives_first() {
        let bounds = Bounds { days: 1, rows: 100, rows_each: 60 };
        let tally = |counts: &[(i64, u64)]| {
            Tally::of(counts.iter().map(|(device, count)| (DeviceId(*device), *count)).collect())
                .excess(bounds)
        };
        assert_eq!(tally(&[(1, 60), (2, 40)]), None);
        assert_eq!(tally(&[(1, 61), (2, 30)]), None, "not worth the trouble yet");
        assert_eq!(tally(&[(1, 70), (2, 10)]), Some((DeviceId(1), 10)));
        assert_eq!(tally(&[(1, 20), (2, 59), (3, 41)]), Some((DeviceId(2), 20)));
        assert_eq!(tally(&[(1, 65), (2, 70)]), Some((DeviceId(2), 10)), "one at a time");
    }
}
