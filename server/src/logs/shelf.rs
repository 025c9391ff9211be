//! When a router's log is read: seldom enough that it costs the router little, and sooner while somebody looks.

use engine::log::LogReader;
use model::{DeviceId, LogTrouble};
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// Between two readings; while somebody looks; and where there is no session now, which costs nothing to see.
const EVERY: Duration = Duration::from_secs(10);
const EVERY_LOOKED_AT: Duration = Duration::from_secs(2);
const NO_SESSION: Duration = Duration::from_secs(2);
/// Of a router that is busy, or that says everything every time.
const SELDOM: Duration = Duration::from_secs(60);
/// Of one that refuses.
const REFUSED: Duration = Duration::from_secs(300);
/// After a line was heard: the next ones come with it.
const AFTER_BELL: Duration = Duration::from_millis(500);
/// One that does not let us hear is asked again after so long.
const DEAF: Duration = Duration::from_secs(600);
/// A reading takes at most this part of a router's time, however slow it is.
const SHARE: u32 = 20;
/// From this CPU load on a router is busy.
const BUSY_PERCENT: f32 = 80.0;
/// First readings are spread over this time.
const SPREAD_MS: i64 = 5_000;

/// One router's log.
pub(super) struct Shelf {
    pub reader: LogReader,
    pub next_at: Instant,
    /// How long after the last reading the next one may be.
    wait: Duration,
    read_at: Instant,
    took: Duration,
    /// It does not let us hear before.
    deaf_until: Instant,
    was_read_well: bool,
    /// It is being read, or what was read is to be written down.
    pub is_busy: bool,
    /// It is being read.
    pub is_being_read: bool,
}

/// Of what is due, as much as there is room for: what has been due for the longest. Else some would never be read while
/// there is more to read than can be.
pub(super) fn longest_due(mut due: Vec<(Instant, DeviceId)>, room: usize) -> Vec<DeviceId> {
    if room > 0 && due.len() > room {
        due.select_nth_unstable(room - 1);
    }
    due.truncate(room);
    due.into_iter().map(|(_, device)| device).collect()
}

/// Lets a log begin anew: the one that is read, or the place where one that is not read now would go on.
pub(super) fn begin_anew(
    shelves: &mut HashMap<DeviceId, Shelf>,
    places: &mut HashMap<DeviceId, Vec<u64>>,
    device: DeviceId,
) {
    places.remove(&device);
    if let Some(shelf) = shelves.get_mut(&device) {
        *shelf = Shelf::new(device, Vec::new());
    }
}

impl Shelf {
    pub fn new(device: DeviceId, known: Vec<u64>) -> Self {
        let now = Instant::now();
        let spread = u64::try_from((device.0 * 997).rem_euclid(SPREAD_MS)).unwrap_or_default();
        let next_at = now + Duration::from_millis(spread);
        Self {
            reader: LogReader::after(known),
            next_at,
            wait: EVERY,
            read_at: now,
            took: Duration::ZERO,
            deaf_until: now,
            was_read_well: false,
            is_busy: false,
            is_being_read: false,
        }
    }

    /// A reading has ended well.
    pub fn was_read(&mut self, took: Duration, is_costly: bool, cpu_percent: Option<f32>) {
        let is_busy = is_costly || cpu_percent.is_some_and(|percent| percent >= BUSY_PERCENT);
        let usual = if is_busy { SELDOM } else { EVERY };
        (self.took, self.was_read_well) = (took, true);
        self.plan(usual.max(took * SHARE));
    }

    pub fn was_not_read(&mut self, trouble: &LogTrouble) {
        self.was_read_well = false;
        self.plan(if *trouble == LogTrouble::NotConnected { NO_SESSION } else { REFUSED });
    }

    /// Somebody looks: sooner, where the router can bear it.
    pub fn hurry(&mut self) {
        if self.wait <= EVERY {
            self.next_at = self.next_at.min(self.read_at + EVERY_LOOKED_AT);
        }
    }

    /// Whether it may be listened to: not one that has refused.
    pub fn may_be_heard(&self) -> bool {
        self.is_bearable() && self.deaf_until <= Instant::now()
    }

    /// Whether it was read well, and is neither busy nor slow: listening takes one of the few places for commands.
    pub fn is_bearable(&self) -> bool {
        self.was_read_well && self.wait <= EVERY
    }

    /// It wrote a line.
    pub fn rang(&mut self) {
        if self.wait <= EVERY {
            self.next_at = self.next_at.min(Instant::now() + AFTER_BELL.max(self.took * 4));
        }
    }

    pub fn is_not_heard(&mut self, trouble: &LogTrouble) {
        if *trouble != LogTrouble::NotConnected {
            self.deaf_until = Instant::now() + DEAF;
        }
    }

    fn plan(&mut self, wait: Duration) {
        (self.read_at, self.wait) = (Instant::now(), wait);
        self.next_at = self.read_at + wait;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_router_is_read_as_often_as_it_can_bear_and_sooner_only_then() {
        let mut shelf = Shelf::new(DeviceId(1), Vec::new());
        let now = Instant::now();
        let wait = |shelf: &Shelf| shelf.next_at - now;
        shelf.was_read(Duration::from_millis(50), false, Some(10.0));
        assert_eq!(wait(&shelf), EVERY);
        shelf.hurry();
        assert_eq!(wait(&shelf), EVERY_LOOKED_AT);
        for (took_s, is_costly, cpu, waits) in
            [(3, false, None, 60), (10, false, None, 200), (0, true, None, 60), (0, false, Some(99.0), 60)]
        {
            shelf.was_read(Duration::from_secs(took_s), is_costly, cpu);
            shelf.hurry();
            assert_eq!(wait(&shelf), Duration::from_secs(waits));
        }
        shelf.was_read(Duration::ZERO, false, None);
        assert!(shelf.may_be_heard());
        shelf.rang();
        assert_eq!(wait(&shelf), AFTER_BELL);
        shelf.is_not_heard(&LogTrouble::NoPermission);
        assert!(!shelf.may_be_heard());
        shelf.was_not_read(&LogTrouble::NotConnected);
        assert_eq!(wait(&shelf), NO_SESSION);
        shelf.was_not_read(&LogTrouble::NoPermission);
        assert_eq!(wait(&shelf), REFUSED);
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_begins_anew_also_where_it_is_not_read_now() {
        let [on, off, other] = [1, 2, 3].map(DeviceId);
        let mut shelves = HashMap::from([on, other].map(|device| (device, Shelf::new(device, vec![7]))));
        let mut places = HashMap::from([(off, vec![7])]);
        for device in [on, off] {
            begin_anew(&mut shelves, &mut places, device);
        }
        assert!(places.is_empty());
        assert_eq!([on, other].map(|device| shelves[&device].reader.known()), [vec![], vec![7]]);
    }

    #[test]
    fn with_more_to_read_than_can_be_every_router_has_its_turn() {
        let mut now = Instant::now();
        let mut routers: Vec<(Instant, DeviceId)> = (0..1_000).map(|id| (now, DeviceId(id))).collect();
        let mut reads = vec![0; routers.len()];
        // Fifty a second, where there are a hundred to do.
        for _ in 0..250 {
            let due: Vec<_> = routers.iter().copied().filter(|(at, _)| *at <= now).collect();
            for device in longest_due(due, 16) {
                let at = usize::try_from(device.0).unwrap();
                reads[at] += 1;
                routers[at].0 = now + EVERY;
            }
            now += Duration::from_millis(320);
        }
        assert!(reads.iter().all(|count| (3..=5).contains(count)), "{reads:?}");
        assert_eq!(longest_due(routers, 0), []);
    }
}
