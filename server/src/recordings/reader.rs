//! Reads what is stored of a recording, part by part.

use super::{
    Recordings,
    chunk::{CHUNK_BYTES_MAX, unpack},
};
use crate::{
    store::{Result, SealedChunk, StoreError, in_time},
    vault::{OwnKey, Part, VaultError},
};
use model::{Happened, RecordedEvents, RecordedPart, RecordingEnd, RecordingId};

/// Events in one part, in bytes, and in how many chunks, at most: chunks of earlier versions are up to twice as long.
pub const PART_BYTES_MAX: usize = 256 * 1024;
pub const PART_CHUNKS: usize = PART_BYTES_MAX / CHUNK_BYTES_MAX;

/// Where a chunk belongs.
pub fn part(id: RecordingId, number: u32) -> Part<'static> {
    Part { table: "recording_chunks", column: "data", thing: id.0, number }
}

/// What was found, and the chunk behind it.
pub struct Stored {
    pub events: Vec<u8>,
    pub next: u32,
    /// Nothing more is stored.
    pub is_last: bool,
}

impl Recordings {
    /// What is stored from this chunk on. A chunk that is missing, or was meddled with, is an error: what follows
    /// would be drawn wrongly.
    pub async fn part(&self, id: RecordingId, from: u32) -> Result<RecordedPart> {
        let (recording, key) = in_time(self.0.store.recordings().open(id, &self.0.vault)).await?;
        let Stored { events, next, is_last } = self.stored(id, &key, from).await?;
        // What was ended in good order says so in its last chunk: without it the last ones were taken away.
        let has_end = recording.end.is_some_and(|end| end != RecordingEnd::Crashed);
        let is_ended = || RecordedEvents(&events).last().is_some_and(|event| event.what == Happened::Ended);
        if has_end && is_last && (next > from || from == 0) && !is_ended() {
            return Err(damaged(id, next, "is missing"));
        }
        Ok(RecordedPart { events, next: (!is_last).then_some(next) })
    }

    pub(super) async fn stored(&self, id: RecordingId, key: &OwnKey, from: u32) -> Result<Stored> {
        // One more, to see whether there is more.
        let chunks = in_time(self.0.store.recordings().chunks(id, from, PART_CHUNKS as u64 + 1)).await?;
        let mut is_last = chunks.len() <= PART_CHUNKS;
        let (mut events, mut next) = (Vec::new(), from);
        for chunk in chunks.into_iter().take(PART_CHUNKS) {
            if chunk.number != next {
                return Err(damaged(id, next, "is missing"));
            }
            let more = opened(id, key, &chunk)?;
            if events.len() + more.len() > PART_BYTES_MAX {
                is_last = false;
                break;
            }
            events.extend(more);
            next += 1;
        }
        Ok(Stored { events, next, is_last })
    }
}

fn opened(id: RecordingId, key: &OwnKey, chunk: &SealedChunk) -> Result<Vec<u8>> {
    let open = key.open(part(id, chunk.number), &chunk.data).map_err(|error| match error {
        VaultError::Forged => damaged(id, chunk.number, "was changed or moved"),
        error => StoreError::Vault(error),
    })?;
    unpack(&open).ok_or_else(|| damaged(id, chunk.number, "cannot be read"))
}

fn damaged(id: RecordingId, number: u32, how: &str) -> StoreError {
    StoreError::Damaged(format!("part {number} of recording {id} {how}"))
}
