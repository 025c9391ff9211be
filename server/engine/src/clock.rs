//! Time, injected: nothing in the engine asks the machine what time it is by itself.

use model::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What time it is.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A machine whose clock stands before 1970 gets 1970.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp(ms(since))
    }
}

/// A clock that starts where it is told and then follows the runtime's time, paused or not: for tests.
#[derive(Clone, Copy, Debug)]
pub struct RuntimeClock {
    started: tokio::time::Instant,
    at: Timestamp,
}

impl RuntimeClock {
    pub fn starting_at(at: Timestamp) -> Self {
        Self { started: tokio::time::Instant::now(), at }
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.at.0.saturating_add(ms(self.started.elapsed())))
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
