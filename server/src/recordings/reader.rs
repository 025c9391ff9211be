//! Reads what is stored of a recording, part by part.

use super::{Recordings, chunk::unpack};
use crate::{
    store::{Result, SealedChunk, StoreError, in_time},
    vault::{OwnKey, Part, VaultError},
};
use model::{RecordedPart, RecordingId};

/// Chunks in one part: a quarter of a megabyte of events, at most.
pub const PART_CHUNKS: u64 = 8;

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
        let (_, key) = in_time(self.0.store.recordings().open(id, &self.0.vault)).await?;
        let Stored { events, next, is_last } = self.stored(id, &key, from).await?;
        Ok(RecordedPart { events, next: (!is_last).then_some(next) })
    }

    pub(super) async fn stored(&self, id: RecordingId, key: &OwnKey, from: u32) -> Result<Stored> {
        let chunks = in_time(self.0.store.recordings().chunks(id, from, PART_CHUNKS)).await?;
        let is_last = (chunks.len() as u64) < PART_CHUNKS;
        let (mut events, mut next) = (Vec::new(), from);
        for chunk in chunks {
            if chunk.number != next {
                return Err(damaged(id, next, "is missing"));
            }
            events.extend(opened(id, key, &chunk)?);
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
