//! Writes down what waits, a bounded part at a time, and forgets what is too old or too much.

use super::{Counted, Keeper, LOOK_EVERY, Shelf, Work};
use crate::store::{FORGET_MAX, Result, StoreError, in_time};
use engine::{Duty, log::syslog::Received};
use model::{DeviceId, Timestamp};
use std::{collections::HashSet, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinError,
    time::{Instant, timeout},
};

/// How long lines wait for company.
pub(super) const BATCH_WAIT: Duration = Duration::from_millis(500);
/// How often it is looked for what is too old.
const AGE_EVERY: Duration = Duration::from_secs(3_600);
/// Between two tries while the database fails.
const RETRY: Duration = Duration::from_secs(5);
/// How long counting may take, where there is much, and how long after one that failed it is tried again.
const COUNT_MAX: Duration = Duration::from_secs(120);
const COUNT_AGAIN: Duration = Duration::from_secs(600);
const DAY_MS: i64 = 24 * 3_600 * 1_000;

impl Keeper {
    /// Writes down a part of what waits, and forgets a little of what is too old or too much.
    pub(super) async fn write(&self, work: &mut Work, duty: &Duty) {
        let begun = Instant::now();
        work.write_at = None;
        let wait = match self.write_and_tidy(work).await {
            Ok(()) => {
                duty.ran();
                BATCH_WAIT.max(begun.elapsed())
            }
            Err(error) => {
                duty.failed(error.to_string());
                RETRY
            }
        };
        work.held_until = Instant::now() + wait;
        let is_in_doubt = work.pending.is_in_doubt() || !work.doubtful.is_empty();
        let is_more = !work.pending.is_empty() || work.tally.excess(self.bounds).is_some();
        work.write_at = (is_more || is_in_doubt).then_some(work.held_until);
    }

    /// What was read is read again at the next start; what was sent comes once, and nobody sends any more.
    pub(super) async fn finish(&self, work: &mut Work, mut sent: [&mut mpsc::Receiver<Received>; 2]) {
        work.pending.keep_sent();
        loop {
            while work.pending.has_room()
                && let Some(received) = sent.iter_mut().find_map(|queue| queue.try_recv().ok())
            {
                self.was_sent(work, received);
            }
            if work.pending.is_empty() {
                return;
            }
            if let Err(error) = self.write_down(work).await {
                return tracing::warn!(%error, "the last lines that were sent are not written down");
            }
        }
    }

    pub(super) fn has_to_tidy(&self, work: &Work) -> bool {
        let now = Instant::now();
        work.is_to_count(now) || work.age_at <= now || work.tally.excess(self.bounds).is_some()
    }

    async fn write_and_tidy(&self, work: &mut Work) -> Result<()> {
        self.write_down(work).await?;
        self.tidy(work).await
    }

    async fn write_down(&self, work: &mut Work) -> Result<()> {
        self.look_up(work).await?;
        if work.pending.is_empty() {
            return Ok(());
        }
        let part = work.pending.part();
        match in_time(self.store.logs().write(&part.lines, &part.read_to)).await {
            Ok(newest) => work.newest = work.newest.max(newest),
            Err(error) => {
                work.doubtful.extend(work.pending.failed());
                return Err(error);
            }
        }
        part.lines.iter().for_each(|line| work.tally.add(line.device));
        let written = work.pending.written();
        for (device, reader) in written.readers {
            if let Some(shelf) = work.shelves.get_mut(&device) {
                (shelf.reader, shelf.is_busy) = (reader, false);
            }
        }
        self.desk.were_written(written.devices);
        Ok(())
    }

    /// An answer of the database was lost: what it holds says where to go on.
    async fn look_up(&self, work: &mut Work) -> Result<()> {
        if work.doubtful.is_empty() && !work.pending.is_in_doubt() {
            return Ok(());
        }
        let (mut books, newest) = in_time(self.store.logs().look_up()).await?;
        let book = |device: DeviceId| books.get(&device).map(|found| found.known.clone()).unwrap_or_default();
        // Where nothing but twins was in it, no line says so.
        let was_written = newest > work.newest || work.pending.is_proven(book);
        if newest > work.newest {
            work.newest = newest;
            work.count_at = Some(Instant::now());
        }
        let sent = work.pending.settle(was_written);
        for device in &work.doubtful {
            let known = books.remove(device).unwrap_or_default().known;
            work.shelves.entry(*device).and_modify(|shelf| *shelf = Shelf::new(*device, known));
        }
        let read = work.doubtful.drain().filter(|_| was_written);
        self.desk.were_written(read.chain(sent).collect::<HashSet<DeviceId>>());
        Ok(())
    }

    async fn tidy(&self, work: &mut Work) -> Result<()> {
        if work.is_to_count(Instant::now()) {
            (work.count_at, work.before) = (None, work.tally.clone());
            let (store, desk) = (self.store.clone(), self.desk.clone());
            work.counting.spawn(async move {
                let late = |_| StoreError::Unavailable(format!("not counted in {} s", COUNT_MAX.as_secs()));
                let counted = timeout(COUNT_MAX, store.logs().counts()).await.map_err(late)??;
                desk.have_lines(counted.keys().copied());
                Ok(counted)
            });
        }
        if let Some((device, excess)) = work.tally.excess(self.bounds) {
            let gone = in_time(self.store.logs().forget(Some(device), None, excess.min(FORGET_MAX))).await?;
            if gone.is_empty() {
                // Somebody else forgot them.
                work.count_at = Some(Instant::now());
            }
            gone.into_iter().for_each(|device| work.tally.remove(device));
        }
        if work.age_at <= Instant::now() {
            let before = Timestamp(self.clock.now().0.saturating_sub(i64::from(self.bounds.days) * DAY_MS));
            let gone = in_time(self.store.logs().forget(None, Some(before), FORGET_MAX)).await?;
            let is_all = (gone.len() as u64) < FORGET_MAX;
            gone.into_iter().for_each(|device| work.tally.remove(device));
            work.age_at = Instant::now() + if is_all { AGE_EVERY } else { LOOK_EVERY };
        }
        Ok(())
    }
}

impl Work {
    /// One count at a time.
    fn is_to_count(&self, now: Instant) -> bool {
        self.counting.is_empty() && self.count_at.is_some_and(|at| at <= now)
    }

    /// Takes over how many lines there are. Where that failed, only what is too much stays for a while.
    pub(super) fn was_counted(&mut self, counted: std::result::Result<Counted, JoinError>, duty: &Duty) {
        let failure = match counted {
            Ok(Ok(counted)) => {
                self.tally = self.tally.counted_anew(&self.before, counted);
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(%failure, "the lines of logs could not be counted");
        duty.failed(failure);
        self.count_at = Some(Instant::now() + COUNT_AGAIN);
    }
}
