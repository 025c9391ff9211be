//! Recordings of terminals: what a device sent, as it was drawn, and never what was typed.
//!
//! A session hands its output to a [`Recorder`], which never waits: what is not written yet is in memory, packed and up
//! to a bound, and one worker ([`Recordings::run`]) seals and writes it. While there is no room the session waits itself,
//! so that no flood is faster than its recording. When the database fails for longer than a terminal may stand still, it
//! goes on, and the recording says how many bytes are missing where.
//! Who looks on while a session goes on ([`Watcher`]) reads the same memory, and the database for what is older.

mod cast;
mod chunk;
mod closing;
mod live;
mod reader;
mod recorder;
mod watcher;
mod writer;

#[cfg(test)]
mod tests;

pub use cast::{Cast, head as cast_head};
pub use live::AT_ONCE_BYTES_MAX;
pub use recorder::{Begin, Recorder};
pub use watcher::{Seen, Watcher};

use crate::{
    store::{self, Store},
    vault::Vault,
};
use engine::Clock;
use live::{Live, bounded};
use model::RecordingId;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, atomic::AtomicUsize},
};
use tokio::sync::Notify;

const DAY_MS: i64 = 24 * 3_600 * 1_000;
const MEGABYTE: u64 = 1_000_000;

/// How much is kept, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most output of one session that is recorded as fast as it comes; of the rest only a little a minute is.
    pub session_bytes_max: u64,
    /// Most that all of them take in the database. The oldest go first.
    pub bytes_max: u64,
    /// How long one is kept after its end, in milliseconds.
    pub keep_ms: i64,
}

impl Limits {
    /// As the configuration says: `recordings_session_mb`, `recordings_quota_mb`, `recordings_keep_days`.
    pub fn of(settings: &BTreeMap<String, String>) -> Self {
        let number = |name: &str, otherwise: u32| {
            settings.get(name).and_then(|value| value.parse().ok()).filter(|n| *n > 0).unwrap_or(otherwise)
        };
        Self {
            session_bytes_max: u64::from(number("recordings_session_mb", 32)) * MEGABYTE,
            bytes_max: u64::from(number("recordings_quota_mb", 1024)) * MEGABYTE,
            keep_ms: i64::from(number("recordings_keep_days", 90)) * DAY_MS,
        }
    }
}

/// All recordings, those that go on and those that are over. Clones are the same.
#[derive(Clone)]
pub struct Recordings(Arc<Inner>);

struct Inner {
    store: Store,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    /// Those that go on, and those that are over and not all written.
    live: Mutex<HashMap<RecordingId, Arc<Live>>>,
    /// Counts the rounds of writing.
    turn: AtomicUsize,
    /// Rung when a chunk is full or a session is over.
    bell: Notify,
}

impl Recordings {
    pub fn new(store: Store, vault: Arc<Vault>, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        let (live, turn, bell) = (Mutex::default(), AtomicUsize::new(0), Notify::new());
        Self(Arc::new(Inner { store, vault, clock, limits, live, turn, bell }))
    }

    /// Begins to record a session. Without a database there is nothing to begin with, and the session must do
    /// without.
    pub async fn begin(&self, begin: Begin) -> store::Result<Recorder> {
        let inner = &self.0;
        let size = bounded((begin.columns, begin.rows));
        let begin = Begin { columns: size.0, rows: size.1, ..begin };
        let begun = store::in_time(inner.store.recordings().begin(&begin, &inner.vault)).await?;
        let (id, bytes_max) = (begun.0, inner.limits.session_bytes_max);
        let live = Arc::new(Live::new(begun, inner.clock.now(), size, bytes_max));
        inner.live.lock().insert(id, live.clone());
        Ok(Recorder::new(self.clone(), live))
    }

    /// One that goes on, to look on; nothing when it is over.
    pub fn watch(&self, id: RecordingId, from: model::RecordedAt) -> Option<Watcher> {
        let live = self.0.live.lock().get(&id).cloned().filter(|live| !live.is_over())?;
        Some(Watcher::new(self.clone(), live, from))
    }
}
