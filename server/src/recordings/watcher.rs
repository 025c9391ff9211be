//! Somebody who looks on while a session goes on.

use super::{
    Recordings,
    live::{Live, Memory},
};
use crate::store::Result;
use model::{RecordedAt, RecordingEnd, RecordingId};
use std::sync::Arc;
use tokio::sync::watch;

/// Follows one recording at the own pace: nothing is kept for whoever is slow, it is read from the database then.
pub struct Watcher {
    recordings: Recordings,
    live: Arc<Live>,
    grown: watch::Receiver<()>,
    at: RecordedAt,
}

/// What a watcher sees next.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    Events {
        events: Vec<u8>,
        next: RecordedAt,
    },
    /// Why, as far as that is known.
    Over(Option<RecordingEnd>),
}

impl Watcher {
    pub(super) fn new(recordings: Recordings, live: Arc<Live>, at: RecordedAt) -> Self {
        live.watched.send_modify(|count| *count += 1);
        let grown = live.growth();
        Self { recordings, live, grown, at }
    }

    pub fn id(&self) -> RecordingId {
        self.live.id
    }

    /// What happened next, once it has. May be dropped and asked for again: nothing is lost.
    pub async fn next(&mut self) -> Result<Seen> {
        loop {
            // First, so that what happens while it is looked for is not slept through.
            self.grown.borrow_and_update();
            match self.live.from(self.at) {
                Memory::Events { events, next } => {
                    self.at = next;
                    if !events.is_empty() {
                        return Ok(Seen::Events { events, next });
                    }
                }
                Memory::Written { before } => {
                    let from = self.at.chunk;
                    let events = self.stored().await?;
                    if !events.is_empty() {
                        return Ok(Seen::Events { events, next: self.at });
                    }
                    if self.at.chunk == from {
                        // It is not there, and will not come: go on with what is in memory.
                        self.at = RecordedAt { chunk: before, bytes: 0 };
                    }
                }
                Memory::Over => return Ok(Seen::Over(self.live.why())),
                Memory::Nothing => {
                    if self.grown.changed().await.is_err() {
                        return Ok(Seen::Over(self.live.why()));
                    }
                }
            }
        }
    }

    /// What the database has from here on, and steps behind it.
    async fn stored(&mut self) -> Result<Vec<u8>> {
        let stored = self.recordings.stored(self.live.id, &self.live.key, self.at.chunk).await?;
        let skip = self.at.bytes as usize;
        self.at = RecordedAt { chunk: stored.next, bytes: 0 };
        Ok(stored.events.get(skip..).unwrap_or_default().to_vec())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.live.watched.send_modify(|count| *count = count.saturating_sub(1));
    }
}
