//! The worker that seals and writes what the sessions handed over, and removes what is too old or too much.

use super::{
    Recordings,
    closing::{CLOSING_MAX, in_shares},
    live::{Chunk, Live, Todo},
    reader::part,
};
use crate::store::{Result, SealedChunk, StoreError, Written, in_time};
use engine::Duty;
use model::{RecordingEnd, Timestamp};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often it is looked whether something is old enough to be written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether something is too much; for the first time at once.
pub(super) const ROOM_EVERY: Duration = Duration::from_secs(10);
/// How often it is looked whether something is too old. Not before the first is over: by then a clock that was wrong at
/// the start has been set.
const KEEP_EVERY: Duration = Duration::from_secs(600);
/// So long after its beginning one that nobody here records is nobody's.
const UNKNOWN_MS: i64 = 60_000;

/// When it is looked again for what is to be forgotten.
pub(super) struct Due {
    room_at: Instant,
    age_at: Instant,
}

impl Due {
    pub(super) fn begin() -> Self {
        let now = Instant::now();
        Self { room_at: now, age_at: now + KEEP_EVERY }
    }
}

impl Recordings {
    /// Writes until told to stop, and then what is left. Sessions have ended by then, whoever made them.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_first, mut due) = (true, Due::begin());
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.0.bell.notified() => {}
                () = duty.stop.cancelled() => return self.close_all().await,
            }
            if is_first {
                self.end_forgotten(Timestamp(i64::MAX)).await?;
                is_first = false;
            }
            // A database that hangs must not take the time that is for the last writing: what was begun is begun anew.
            match duty.stop.run_until_cancelled(self.round(&duty, &mut due)).await {
                Some(done) => done?,
                None => return self.close_all().await,
            }
        }
    }

    /// Writes what is due, and now and then forgets what is to be forgotten.
    pub(super) async fn round(&self, duty: &Duty, due: &mut Due) -> Result<()> {
        match self.write_all().await {
            Ok(()) => duty.ran(),
            Err(error) => duty.failed(format!("{error:#}")),
        }
        let now = Instant::now();
        let (is_room_due, is_age_due) = (now >= due.room_at, now >= due.age_at);
        if !is_room_due && !is_age_due {
            return Ok(());
        }
        // Where only the room is looked at, nothing is too old.
        let at = if is_age_due { self.0.clock.now() } else { Timestamp(i64::MIN) };
        let forgotten = self.forget_one(at).await;
        if let Ok(true) = forgotten {
            // One at a time, so that those who are recorded now do not wait for those who were.
            self.0.bell.notify_one();
            return Ok(());
        }
        due.room_at = now + ROOM_EVERY;
        if is_age_due {
            due.age_at = now + KEEP_EVERY;
        }
        match forgotten {
            // One that was begun, and nobody was told of it, is nobody's.
            Ok(_) if is_age_due => self.end_forgotten(Timestamp(at.0 - UNKNOWN_MS)).await,
            Ok(_) => Ok(()),
            Err(error) => {
                duty.failed(error.to_string());
                Ok(())
            }
        }
    }

    /// Ends those begun until then that nobody records: an earlier run of the program left them, or the answer to
    /// their beginning was lost.
    pub(super) async fn end_forgotten(&self, begun_until: Timestamp) -> Result<()> {
        let own = self.0.live.lock().keys().copied().collect::<Vec<_>>();
        let ended = in_time(self.0.store.recordings().end_forgotten(&own, begun_until)).await?;
        if ended > 0 {
            tracing::warn!(ended, "terminals were recorded when the program ended last time");
        }
        Ok(())
    }

    /// Whatever still goes on, goes on no more: the program ends. Each is closed whole, in its share of the time.
    async fn close_all(&self) -> anyhow::Result<()> {
        let all: Vec<Arc<Live>> = self.0.live.lock().values().cloned().collect();
        for live in &all {
            live.end(RecordingEnd::Stopping, self.0.clock.now());
        }
        let until = Instant::now() + CLOSING_MAX;
        let write = |live: Arc<Live>| async move {
            let written = self.write_one(&live).await;
            if let Err(error) = &written {
                tracing::warn!(%error, recording = live.id.0, "the end of a recording is not written yet");
            }
            written.is_ok()
        };
        let left = in_shares(all, until, write).await.len();
        anyhow::ensure!(left == 0, "the ends of {left} recordings could not be written");
        Ok(())
    }

    /// Whether there may be more to forget.
    pub(super) async fn forget_one(&self, now: Timestamp) -> Result<bool> {
        let limits = self.0.limits;
        let before = Timestamp(now.0.saturating_sub(limits.keep_ms));
        in_time(self.0.store.recordings().forget_one(before, limits.bytes_max)).await
    }

    /// Writes what is due of every session, another one first each time. What cannot be written stays in memory; a
    /// database that does not answer is not asked for the others too.
    pub(super) async fn write_all(&self) -> Result<()> {
        let mut all: Vec<Arc<Live>> = self.0.live.lock().values().cloned().collect();
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed);
        let first = turn.checked_rem(all.len()).unwrap_or_default();
        all.rotate_left(first);
        let mut outcome = Ok(());
        for live in all {
            match self.write_one(&live).await {
                Ok(()) => {}
                Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => return Err(error),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    /// Writes what is due of one, and forgets it once it is all written.
    async fn write_one(&self, live: &Live) -> Result<()> {
        let Some(todo) = live.todo(self.0.clock.now()) else { return Ok(()) };
        match self.write(live, &todo).await {
            Ok(stored_bytes) => live.written(&todo, stored_bytes),
            Err(StoreError::NotFound) => live.removed(),
            Err(error) => return Err(error),
        }
        if live.is_done() {
            self.0.live.lock().remove(&live.id);
        }
        Ok(())
    }

    async fn write(&self, live: &Live, todo: &Todo) -> Result<u64> {
        let mut chunks = Vec::new();
        for chunk in &todo.chunks {
            chunks.push(seal(live, chunk)?);
        }
        let more = chunks.iter().map(|chunk| chunk.data.len() as u64).sum();
        let stored_bytes = live.stored_with(more);
        let Todo { until, bytes, lost_bytes, is_cut, end, .. } = *todo;
        let written = Written { until, bytes, stored_bytes, lost_bytes, is_cut, end };
        in_time(self.0.store.recordings().write(live.id, chunks, written)).await?;
        Ok(stored_bytes)
    }
}

fn seal(live: &Live, chunk: &Chunk) -> Result<SealedChunk> {
    let data = live.key.seal(part(live.id, chunk.number), &chunk.packed)?;
    Ok(SealedChunk { number: chunk.number, data })
}
