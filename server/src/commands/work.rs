//! The work on one run: every device has its turn, an end, and a line in the audit log.

use super::{ANSWER_MAX, Run, Target};
use futures::{StreamExt, future::BoxFuture, stream};
use model::CommandOutcome;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

/// Devices that are asked at once, by all runs together.
pub const AT_ONCE_MAX: usize = 16;
/// What a device's turn may take beyond its answer: the database is read before.
const BESIDE_MAX: Duration = Duration::from_secs(10);

/// Asks devices in somebody's name, and is told what came of it.
pub trait Remote: Send + Sync + 'static {
    /// Takes no longer than [`ANSWER_MAX`] with the device; dropped when the run is cancelled.
    fn ask<'a>(&'a self, target: &'a Target, command: &'a str) -> BoxFuture<'a, CommandOutcome>;
    /// Writes down what came of it.
    fn note<'a>(&'a self, run: &'a Run, target: &'a Target, outcome: &'a CommandOutcome)
    -> BoxFuture<'a, ()>;
    /// Writes down how the whole ended.
    fn end<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, ()>;
    /// Ends once whoever began it must not any more.
    fn unentitled(&self) -> BoxFuture<'_, ()>;
}

/// Over is over, whatever happens in between.
struct Ending<'a>(&'a Run);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// Asks every device of the run, until all have answered or it is cancelled.
pub(super) async fn work(run: &Arc<Run>, remote: &dyn Remote, turns: &Semaphore) {
    let _ending = Ending(run);
    let asking = stream::iter(run.targets())
        .for_each_concurrent(AT_ONCE_MAX, |target| one(run, target, remote, turns));
    let mut asking = pin!(asking);
    tokio::select! {
        () = &mut asking => {}
        () = remote.unentitled() => {
            run.withdraw();
            asking.await;
        }
    }
    remote.end(run).await;
}

async fn one(run: &Run, target: &Target, remote: &dyn Remote, turns: &Semaphore) {
    if let Some(obstacle) = target.obstacle {
        return run.take(target, CommandOutcome::NotReady(obstacle), Duration::ZERO);
    }
    let Some(turn) = run.until_cancelled(turns.acquire()).await else {
        return run.take(target, CommandOutcome::Cancelled { is_begun: false }, Duration::ZERO);
    };
    let began = Instant::now();
    let asking = timeout(ANSWER_MAX + BESIDE_MAX, remote.ask(target, run.command()));
    let outcome = match run.until_cancelled(asking).await {
        Some(Ok(outcome)) => outcome,
        Some(Err(_)) => {
            let why = format!("no end within {} s", (ANSWER_MAX + BESIDE_MAX).as_secs());
            CommandOutcome::Failed { why, output: String::new() }
        }
        None => CommandOutcome::Cancelled { is_begun: true },
    };
    drop(turn);
    let took = began.elapsed();
    // What somebody sees is written down.
    remote.note(run, target, &outcome).await;
    run.take(target, outcome, took);
}
