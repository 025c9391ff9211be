//! What the program is asked about itself and nobody else knows.

use crate::journal::Stopwatch;
use engine::Outcome;
use model::Timestamp;
use std::{io, sync::Arc};
use tokio::sync::mpsc::WeakSender;

/// Asks how much room there is in the data folder.
pub type FreeBytes = Arc<dyn Fn() -> io::Result<u64> + Send + Sync>;

#[derive(Clone)]
pub struct Vitals {
    /// The queue of the journal; weak, for the engine alone keeps it open.
    pub outcomes: WeakSender<Outcome>,
    pub stopwatch: Stopwatch,
    pub free_bytes: FreeBytes,
    pub started_at: Timestamp,
}
