//! What a session holds while it is recorded.

use super::{Recordings, live::Live};
use crate::store::NewRecording;
use model::{RecordingEnd, RecordingId};
use std::{fmt, sync::Arc};
use tokio::sync::watch;

/// What is known of a session when it begins.
pub type Begin = NewRecording;

/// Takes what a session's device sends. Nothing here waits or fails; a session that is dropped without a word was
/// left. What comes while there is no room is lost: whoever has more asks for room first, and waits for it.
pub struct Recorder {
    recordings: Recordings,
    live: Arc<Live>,
}

impl Recorder {
    pub(super) fn new(recordings: Recordings, live: Arc<Live>) -> Self {
        Self { recordings, live }
    }

    /// The number by which it is found.
    pub fn id(&self) -> RecordingId {
        self.live.id
    }

    /// The device sent these bytes, whole characters or not.
    pub fn output(&self, bytes: &[u8]) {
        let now = self.recordings.0.clock.now();
        self.ring_if(self.live.output(bytes, now));
    }

    /// Whether [`AT_ONCE_BYTES_MAX`](super::AT_ONCE_BYTES_MAX) more bytes would all be taken now.
    pub fn has_room(&self) -> bool {
        self.live.has_room()
    }

    /// Tells when there may be room again.
    pub fn growth(&self) -> watch::Receiver<()> {
        self.live.growth()
    }

    /// It reached its limit: of what comes from now on only a little is kept.
    pub fn is_cut(&self) -> bool {
        self.live.is_cut()
    }

    /// The terminal got another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let now = self.recordings.0.clock.now();
        self.ring_if(self.live.resize((columns, rows), now));
    }

    /// The session is over.
    pub fn end(self, why: RecordingEnd) {
        self.live.end(why, self.recordings.0.clock.now());
    }

    /// How many look on, now and with every change.
    pub fn watched(&self) -> watch::Receiver<u32> {
        self.live.watched.subscribe()
    }

    fn ring_if(&self, has_filled: bool) {
        if has_filled {
            self.recordings.0.bell.notify_one();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.live.end(RecordingEnd::Left, self.recordings.0.clock.now());
        self.recordings.0.bell.notify_one();
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorder").field(&self.live.id).finish()
    }
}
