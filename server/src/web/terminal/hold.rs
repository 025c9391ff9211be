//! Output that waits for its recording: whoever would hide something behind a flood waits with it.
//!
//! Not for ever: a database that hangs must take no terminal away from who mends the network that it hangs on. Then
//! output goes on, the recording says how much is missing where, and the page says so while it lasts.

use std::time::Duration;
use tokio::time::Instant;

/// How long output waits for room: as long as two tries of a database that does not answer take (`store::in_time`).
const HOLD_MAX: Duration = Duration::from_secs(10);

/// How it is with output now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It is recorded.
    Recorded,
    /// It waits for room, until then at most.
    Held { until: Instant },
    /// It goes on, and is not recorded.
    Unrecorded,
}

#[derive(Debug, Default)]
pub struct Hold {
    /// Since when there is no room.
    since: Option<Instant>,
    /// Whether the page was told that nothing is recorded.
    is_told: bool,
}

impl Hold {
    /// How it is, with or without room for output now.
    pub fn stand(&mut self, has_room: bool, now: Instant) -> Stand {
        if has_room {
            self.since = None;
            return Stand::Recorded;
        }
        let until = *self.since.get_or_insert(now) + HOLD_MAX;
        if now < until { Stand::Held { until } } else { Stand::Unrecorded }
    }

    /// What the page is to be told: that nothing is recorded, or that something is again. Once each.
    pub fn news(&mut self, stand: Stand) -> Option<bool> {
        let is_unrecorded = match stand {
            Stand::Recorded => false,
            Stand::Unrecorded => true,
            Stand::Held { .. } => return None,
        };
        (std::mem::replace(&mut self.is_told, is_unrecorded) != is_unrecorded).then_some(is_unrecorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn output_waits_for_room_and_no_longer_than_a_terminal_may_stand_still() {
        let (mut hold, began) = (Hold::default(), Instant::now());
        let until = began + HOLD_MAX;
        assert_eq!(hold.stand(true, began), Stand::Recorded);
        assert_eq!(hold.stand(false, began), Stand::Held { until });
        assert_eq!(hold.stand(false, began + 9 * SECOND), Stand::Held { until }, "the end does not move");
        assert_eq!(hold.stand(false, until), Stand::Unrecorded);
        assert_eq!(hold.stand(false, until + 60 * SECOND), Stand::Unrecorded);
        // Once something was written it waits anew.
        assert_eq!(hold.stand(true, until + 61 * SECOND), Stand::Recorded);
        let again = until + 62 * SECOND;
        assert_eq!(hold.stand(false, again), Stand::Held { until: again + HOLD_MAX });
    }

    #[test]
    fn the_page_is_told_once_that_nothing_is_recorded_and_once_that_something_is_again() {
        let mut hold = Hold::default();
        let held = Stand::Held { until: Instant::now() };
        let stands = [
            Stand::Recorded,
            held,
            Stand::Recorded,
            held,
            Stand::Unrecorded,
            Stand::Unrecorded,
            Stand::Recorded,
            Stand::Recorded,
            held,
            Stand::Unrecorded,
        ];
        let told: Vec<_> = stands.into_iter().filter_map(|stand| hold.news(stand)).collect();
        assert_eq!(told, [true, false, true]);
    }
}
