//! The regular times of a check: a grid that spreads starts over the interval, the same at every start.

use crate::limit::HostKey;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};
use tokio::time::Instant;

/// Successive multiples of it, taken modulo 1, stay as far from each other as they can.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The moments at which a check is due by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    start: Instant,
    interval: Duration,
}

impl Grid {
    /// `phase` in 0..1 is the place within the interval.
    pub fn new(epoch: Instant, interval: Duration, phase: f64) -> Self {
        Self { start: epoch + interval.mul_f64(phase), interval: interval.max(Duration::from_secs(1)) }
    }

    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The first moment of the grid after `now`.
    pub fn after(&self, now: Instant) -> Instant {
        let Some(since) = now.checked_duration_since(self.start) else { return self.start };
        let into = since.as_nanos() % self.interval.as_nanos();
        now + (self.interval - Duration::from_nanos(u64::try_from(into).unwrap_or(0)))
    }
}

/// The phase of a check that opens connections: those of one host keep apart, so that politeness
/// seldom makes one wait and tries that confirm a failure find the way free.
pub(super) fn apart(host: HostKey, place: u32) -> f64 {
    (part(host.0) + f64::from(place) * GOLDEN).fract()
}

/// The phase of a check that opens none: those of one host coincide, so that one ping serves all.
pub(super) fn together(host: HostKey) -> f64 {
    // Not the place of the host's first connection.
    (part(host.0) + 0.5).fract()
}

/// The key of an address, however it is written.
pub(super) fn key(address: &str) -> HostKey {
    let mut hasher = DefaultHasher::new();
    crate::driver::resolve::Host::new(address).hash(&mut hasher);
    HostKey(hasher.finish())
}

fn part(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(30);

    #[test]
    fn the_grid_goes_on_in_whole_intervals_whatever_the_time() {
        let epoch = Instant::now();
        let grid = Grid::new(epoch, INTERVAL, 0.5);
        let second = |s| epoch + Duration::from_secs(s);
        for (now, next) in [(0, 15), (14, 15), (15, 45), (16, 45), (44, 45), (3000, 3015)] {
            assert_eq!(grid.after(second(now)), second(next), "after {now}");
        }
    }

    #[test]
    fn the_targets_of_one_host_keep_apart_and_its_pings_coincide() {
        let host = key("192.0.2.1");
        for (count, gap) in [(3, 7.0), (9, 1.6)] {
            let mut at: Vec<f64> = (0..count).map(|place| apart(host, place) * 30.0).collect();
            at.sort_by(f64::total_cmp);
            at.push(at[0] + 30.0);
            assert!(at.windows(2).all(|pair| pair[1] - pair[0] > gap), "{count}: {at:?}");
        }
        assert_eq!(together(host), together(key("192.0.2.1")));
        assert_eq!(key("Router.Example"), key("router.example"));
    }

    #[test]
    fn hosts_are_spread_over_the_interval() {
        let mut tenths = [0; 10];
        for host in 0..10_000 {
            let address = format!("10.0.{}.{}", host / 256, host % 256);
            tenths[(together(key(&address)) * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (850..1150).contains(count)), "{tenths:?}");
    }
}
