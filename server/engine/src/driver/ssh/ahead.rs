//! How much of what is typed a device may hold that its program has not taken yet.
//!
//! A window (RFC 4254, section 5.2) may be megabytes. So much ahead, Ctrl-C would come after all of it; and where
//! nothing is echoed, OpenSSH answers what its program takes with a message of the same length, of which one that is
//! longer than 256 KiB ends the connection.

use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::timeout};

/// More than the 96 KiB after which OpenSSH says that there is room again.
const AHEAD_BYTES_MAX: u64 = 160 * 1024;
/// A device with a large window may say so only when half of it was used: who says nothing for so long …
const SILENCE_MAX: Duration = Duration::from_millis(250);
/// … is taken to have room for so much more.
const GIVEN_BYTES: u64 = 64 * 1024;

#[derive(Clone, Debug, Default)]
pub(super) struct Ahead(Arc<State>);

#[derive(Debug, Default)]
struct State {
    window: Mutex<Window>,
    has_grown: Notify,
}

#[derive(Debug, Default)]
struct Window {
    /// The most that it ever was: OpenSSH opens a channel with nothing, and says how much with the shell.
    whole: u32,
    /// What is ahead.
    bytes: u64,
}

impl Ahead {
    /// The device has opened a channel with a window of so many bytes.
    pub fn opened(&self, window: u32) {
        *self.0.window.lock() = Window { whole: window, bytes: 0 };
    }

    /// The device's window has grown, and now so many bytes are left of it.
    pub fn grown(&self, left: u32) {
        let mut window = self.0.window.lock();
        window.whole = window.whole.max(left);
        window.bytes = u64::from(window.whole - left);
        self.0.has_grown.notify_one();
    }

    /// Waits until so many bytes more may go.
    pub async fn admit(&self, bytes: usize) {
        while !self.has_admitted(bytes) {
            if timeout(SILENCE_MAX, self.0.has_grown.notified()).await.is_err() {
                let mut window = self.0.window.lock();
                window.bytes = window.bytes.saturating_sub(GIVEN_BYTES);
            }
        }
    }

    fn has_admitted(&self, bytes: usize) -> bool {
        let mut window = self.0.window.lock();
        let has = window.bytes < AHEAD_BYTES_MAX;
        if has {
            window.bytes += bytes as u64;
        }
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use tokio::time::Instant;

    const PIECE: usize = 16 * 1024;

    fn fill(ahead: &Ahead) -> usize {
        std::iter::repeat_with(|| ahead.admit(PIECE).now_or_never()).take_while(Option::is_some).count()
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_device_has_taken_makes_room_for_as_much() {
        let ahead = Ahead::default();
        ahead.opened(2 * 1024 * 1024);
        assert_eq!(fill(&ahead), 10);
        ahead.grown(2 * 1024 * 1024 - 6 * 16 * 1024);
        assert_eq!(fill(&ahead), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_that_never_says_so_is_typed_to_slowly() {
        let (ahead, began) = (Ahead::default(), Instant::now());
        ahead.opened(u32::MAX);
        for _ in 0..64 {
            ahead.admit(PIECE).await;
        }
        let took = began.elapsed();
        assert!(took > Duration::from_secs(2) && took < Duration::from_secs(5), "a megabyte in {took:?}");
    }
}
