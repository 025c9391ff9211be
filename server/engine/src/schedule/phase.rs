//! The regular times of a check: a grid that spreads starts over the interval, the same at every start.

use crate::limit::HostKey;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};
use tokio::time::Instant;

/// Regular times fall on these, so that one waking serves all that are due about then.
const TICK: Duration = Duration::from_millis(25);

/// The moments at which a check is due by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    start: Instant,
    interval: Duration,
}

impl Grid {
    /// `phase` in 0..1 is the place within the interval.
    pub fn new(epoch: Instant, interval: Duration, phase: f64) -> Self {
        let ticks = interval.mul_f64(phase).as_millis() / TICK.as_millis();
        let start = epoch + TICK * u32::try_from(ticks).unwrap_or(0);
        Self { start, interval: interval.max(Duration::from_secs(1)) }
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
    (part(host.0) + thirds(place)).fract()
}

/// 0, 1/3, 2/3, 1/9, 4/9, 7/9, 2/9, …: each comes where there is most room between those before it, and a
/// third of 30 s is longer than a try with its confirmation.
fn thirds(place: u32) -> f64 {
    let (mut rest, mut part, mut sum) = (place, 1.0, 0.0);
    while rest > 0 {
        part /= 3.0;
        sum += f64::from(rest % 3) * part;
        rest /= 3;
    }
    sum
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
        for (count, gap) in [(3, 9.9), (9, 3.3)] {
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
