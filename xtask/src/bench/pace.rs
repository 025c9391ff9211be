//! How long and how much is measured: in earnest, or a tenth of it to try the bench out.

use std::time::Duration;

use super::latency::Budget;

const QUICK_SHARE: usize = 10;

#[derive(Clone, Copy)]
pub struct Pace {
    pub is_quick: bool,
}

impl Pace {
    pub fn wait(self, earnest: Duration) -> Duration {
        if self.is_quick { earnest / QUICK_SHARE as u32 } else { earnest }
    }

    pub fn many(self, earnest: usize) -> usize {
        if self.is_quick { (earnest / QUICK_SHARE).max(1) } else { earnest }
    }

    pub fn sleep(self, earnest: Duration) {
        std::thread::sleep(self.wait(earnest));
    }

    /// How many requests of one kind are timed, and for how long at most.
    pub fn requests(self) -> Budget {
        Budget { requests: self.many(1000), time: self.wait(Duration::from_secs(30)) }
    }
}
