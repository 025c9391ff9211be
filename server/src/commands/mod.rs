//! One command for many devices: a few are asked at once, each under a deadline, and the answers are kept in memory,
//! bounded by number, age and bytes. Nothing of them is stored: what a router prints may hold what nobody meant to keep.
//!
//! One worker ([`Commands::run`]) works on what was begun; how a device is asked is the business of whoever hands in a
//! [`Remote`].

mod plain;
mod run;
mod work;

#[cfg(test)]
mod tests;

pub use plain::plain;
pub use run::{Run, Target};
pub use work::{AT_ONCE_MAX, Remote};

use crate::store::{Actor, acting};
use engine::{Clock, Duty};
use model::{COMMAND_RUN_HOURS, COMMAND_RUNS_MAX, COMMAND_SECONDS_MAX, CommandRun, CommandRunId, Timestamp};
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use work::work;

/// How long one device may take, from the first packet to the end of its answer.
pub const ANSWER_MAX: Duration = Duration::from_secs(COMMAND_SECONDS_MAX);
const KEPT_MS: i64 = COMMAND_RUN_HOURS * 3_600 * 1_000;
/// Runs that go on at once. They share the turns of [`AT_ONCE_MAX`] devices.
pub const GOING_MAX: usize = 4;
/// Most bytes of answers that are kept of all runs before a new one begins: the oldest that are over go for it.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The last runs; clones share them.
#[derive(Clone)]
pub struct Commands(Arc<Inner>);

struct Inner {
    kept: Mutex<Kept>,
    clock: Arc<dyn Clock>,
    begun: mpsc::Sender<Job>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    turns: Arc<Semaphore>,
}

#[derive(Default)]
struct Kept {
    runs: VecDeque<Arc<Run>>,
    last: i64,
}

/// A run that is to be worked on, and in whose name.
struct Job {
    run: Arc<Run>,
    remote: Box<dyn Remote>,
    actor: Option<Arc<Actor>>,
}

/// Why a run does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many commands are being run as may be at once")]
pub struct Busy;

impl Commands {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        // No more than may go on are ever begun.
        let (begun, waiting) = mpsc::channel(GOING_MAX);
        let (kept, waiting) = (Mutex::default(), tokio::sync::Mutex::new(waiting));
        Self(Arc::new(Inner { kept, clock, begun, waiting, turns: Arc::new(Semaphore::new(AT_ONCE_MAX)) }))
    }

    /// A new run, which nobody works on yet: [`Begun::hand_over`] is next. Older ones that are over go for it.
    pub fn begin(&self, command: &str, by: &str, targets: Vec<Target>) -> Result<Begun, Busy> {
        let now = self.0.clock.now();
        let mut kept = self.0.kept.lock();
        kept.forget(now);
        if kept.runs.iter().filter(|run| !run.is_over()).count() >= GOING_MAX {
            return Err(Busy);
        }
        kept.make_room();
        // By the clock: no number that a page still has is another run's after a restart.
        kept.last = kept.last.saturating_add(1).max(now.0);
        let run = Arc::new(Run::new(CommandRunId(kept.last), (command, by), now, targets));
        kept.runs.push_back(run.clone());
        Ok(Begun { commands: self.clone(), run, is_handed: false })
    }

    pub fn get(&self, id: CommandRunId) -> Option<Arc<Run>> {
        let mut kept = self.0.kept.lock();
        kept.forget(self.0.clock.now());
        kept.runs.iter().find(|run| run.id() == id).cloned()
    }

    /// The newest first.
    pub fn all(&self) -> Vec<CommandRun> {
        let mut kept = self.0.kept.lock();
        kept.forget(self.0.clock.now());
        kept.runs.iter().rev().map(|run| run.summary()).collect()
    }

    /// Works on what is begun until told to stop, and cuts what goes on then.
    pub async fn run(&self, duty: Duty) -> anyhow::Result<()> {
        let mut waiting = self.0.waiting.lock().await;
        let mut going = JoinSet::new();
        loop {
            tokio::select! {
                () = duty.stop.cancelled() => break,
                Some(job) = waiting.recv() => {
                    going.spawn(see_to(job, self.0.turns.clone()));
                }
                Some(ended) = going.join_next() => match ended {
                    Ok(()) => duty.ran(),
                    Err(error) => duty.failed(error),
                },
            }
        }
        self.0.kept.lock().runs.iter().for_each(|run| run.cancel());
        while going.join_next().await.is_some() {}
        Ok(())
    }
}

async fn see_to(job: Job, turns: Arc<Semaphore>) {
    let Job { run, remote, actor } = job;
    let working = work(&run, remote.as_ref(), &turns);
    match actor {
        Some(actor) => acting(actor, working).await,
        None => working.await,
    }
}

/// A run that nobody works on yet. Dropped, there never was one.
pub struct Begun {
    commands: Commands,
    run: Arc<Run>,
    is_handed: bool,
}

impl Begun {
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Lets the worker ask.
    pub fn hand_over(mut self, remote: Box<dyn Remote>, actor: Option<Arc<Actor>>) -> Result<Arc<Run>, Busy> {
        let job = Job { run: self.run.clone(), remote, actor };
        self.commands.0.begun.try_send(job).map_err(|_| Busy)?;
        self.is_handed = true;
        Ok(self.run.clone())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.is_handed {
            self.commands.0.kept.lock().runs.retain(|run| !Arc::ptr_eq(run, &self.run));
        }
    }
}

impl Kept {
    /// What is over and too old goes; what still goes on stays.
    fn forget(&mut self, now: Timestamp) {
        self.runs.retain(|run| !run.is_over() || now.since_ms(run.at()) < KEPT_MS);
    }

    fn make_room(&mut self) {
        let bytes = |runs: &VecDeque<Arc<Run>>| runs.iter().map(|run| run.bytes()).sum::<usize>();
        while self.runs.len() >= COMMAND_RUNS_MAX || bytes(&self.runs) > BYTES_MAX {
            let Some(oldest) = self.runs.iter().position(|run| run.is_over()) else { return };
            self.runs.remove(oldest);
        }
    }
}
