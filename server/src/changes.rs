//! Notices what the command line changed while this process runs, and has it taken over.
//!
//! What could not be taken over is tried again: what was seen outlives the worker that looks.

use crate::store::{self, Store, in_time};
use std::sync::atomic::{AtomicI64, Ordering};

#[cfg(test)]
mod tests;

/// The changes of other processes, as far as this one has taken them over.
pub struct Changes {
    store: Store,
    taken_over: AtomicI64,
}

impl Changes {
    /// From now on: what comes before is read with everything else.
    pub async fn from_now(store: Store) -> store::Result<Self> {
        let taken_over = AtomicI64::new(store.changes().await?);
        Ok(Self { store, taken_over })
    }

    /// Runs `take_over` when there is something new since it last worked.
    pub async fn follow(&self, take_over: impl AsyncFnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let changes = in_time(self.store.changes()).await?;
        if changes != self.taken_over.load(Ordering::Acquire) {
            take_over().await?;
            self.taken_over.store(changes, Ordering::Release);
        }
        Ok(())
    }
}
