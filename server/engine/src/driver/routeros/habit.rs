//! Some routers (or firewalls before them) cut idle sessions after seconds: learnt, and prevented.

use std::time::Duration;

/// The most frequent keep-alive.
const EVERY_MIN: Duration = Duration::from_secs(5);
/// Silence of this length is longer than any polling interval worth bridging.
const IDLE_MAX: Duration = Duration::from_secs(120);

/// After how much silence a router closes sessions.
#[derive(Debug, Default)]
pub(super) struct Habit {
    last: Option<Duration>,
    every: Option<Duration>,
}

impl Habit {
    /// Two closes after about the same silence are a habit; a single one is chance.
    pub fn closed_after(&mut self, idle: Duration) {
        let is_alike = |last: Duration| last.abs_diff(idle) <= idle / 4;
        if self.last.is_some_and(is_alike) && idle <= IDLE_MAX && idle >= EVERY_MIN {
            self.every = Some((idle / 2).max(EVERY_MIN));
        }
        self.last = Some(idle);
    }

    /// How often to say something in an unused session.
    pub fn keep_alive(&self) -> Option<Duration> {
        self.every
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_that_cuts_idle_sessions_twice_alike_is_kept_awake_at_half_that_time() {
        let mut habit = Habit::default();
        for (idle_s, every_s) in [(15, None), (600, None), (15, None), (16, Some(8)), (300, Some(8))] {
            habit.closed_after(Duration::from_secs(idle_s));
            assert_eq!(habit.keep_alive(), every_s.map(Duration::from_secs), "after {idle_s} s");
        }
    }
}
