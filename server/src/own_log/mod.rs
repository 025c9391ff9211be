//! The program's own log: its last lines are kept in memory for admins to read, and what is written can be changed
//! while it runs.
//!
//! What is kept never slows whoever writes it: a line is read into its place at once, readers come for it later, and
//! who comes late is told how many are gone. Below `info` only our own parts are kept: libraries tell there what
//! travels, which may be a secret, and what a reader's own socket does, which would never end.

mod filter;
mod keeper;
mod ring;

#[cfg(test)]
mod tests;

pub use filter::{Wanted, read as read_filter};

use engine::Clock;
use keeper::Keeper;
use model::{LogFilter, ServerLine, ServerLogWish, Timestamp};
use parking_lot::Mutex;
use ring::Ring;
use std::sync::Arc;
use tokio::sync::watch;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

/// What readers wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The newest line; 0 before the first.
    pub newest: u64,
    /// How often the filter was changed.
    pub filters: u64,
}

/// Lines, and how many before them are gone that were asked for too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub missed: u64,
    pub lines: Vec<Arc<ServerLine>>,
}

/// The log; clones share it.
#[derive(Clone)]
pub struct OwnLog(Arc<Shared>);

struct Shared {
    ring: Mutex<Ring>,
    mark: watch::Sender<Mark>,
    /// What is written now, and was at the start.
    filter: Mutex<LogFilter>,
    gate: reload::Handle<EnvFilter, Registry>,
    clock: Arc<dyn Clock>,
    run: Timestamp,
}

impl OwnLog {
    /// The log, and what is to be asked and told of every line.
    pub fn open(
        filter: EnvFilter,
        text: &str,
        clock: Arc<dyn Clock>,
    ) -> (Self, impl Layer<Registry> + Send + Sync + use<>) {
        let (layer, gate) = reload::Layer::new(filter);
        let log = Self(Arc::new(Shared {
            ring: Mutex::default(),
            mark: watch::Sender::default(),
            filter: Mutex::new(LogFilter { now: text.to_owned(), at_start: text.to_owned() }),
            gate,
            run: clock.now(),
            clock,
        }));
        (log.clone(), layer.and_then(filter::Quiet).and_then(Keeper(log)))
    }

    /// One that nobody writes to.
    pub fn unwritten(clock: Arc<dyn Clock>) -> Self {
        Self::open(EnvFilter::new("off"), "off", clock).0
    }

    /// Tells one start of the program from another.
    pub fn run(&self) -> i64 {
        self.0.run.0
    }

    /// Up to `count` of the last lines that fit, the oldest first.
    pub fn last(&self, wish: &ServerLogWish, count: usize) -> Vec<Arc<ServerLine>> {
        // Looked through without the lock: whoever writes waits for nobody.
        let all = self.0.ring.lock().all();
        let mut found: Vec<_> = all.into_iter().rev().filter(|line| line.fits(wish)).take(count).collect();
        found.reverse();
        found
    }

    /// The lines after this one: so many, and so many bytes of text, at most; one at least, if there is one.
    pub fn after(&self, seq: u64, lines_max: usize, bytes_max: usize) -> Batch {
        self.0.ring.lock().after(seq, lines_max, bytes_max)
    }

    /// What to wait by for the next line.
    pub fn follow(&self) -> watch::Receiver<Mark> {
        self.0.mark.subscribe()
    }

    pub fn filter(&self) -> LogFilter {
        self.0.filter.lock().clone()
    }

    /// Writes what this lets through from now on; false when nobody writes the log.
    pub fn set_filter(&self, wanted: Wanted) -> bool {
        let Wanted { filter, text } = wanted;
        {
            // Held meanwhile: of two at once the one that is told last is also the one in force.
            let mut known = self.0.filter.lock();
            if self.0.gate.reload(filter).is_err() {
                return false;
            }
            known.now = text;
        }
        self.0.mark.send_modify(|mark| mark.filters += 1);
        true
    }

    fn keep(&self, line: ServerLine) {
        let newest = self.0.ring.lock().push(line);
        self.0.mark.send_modify(|mark| mark.newest = mark.newest.max(newest));
    }
}
