//! Gathers the fleet's changes and writes them down once for all sockets: a thousand open pages cost one
//! encoding, and one message for each that came together, not one for each change.

use crate::backend::Viewer;
use app::api::wire;
use axum::body::Bytes;
use engine::{Duty, Fleet};
use model::{FromServer, LiveEvent, Row, Trouble};
use parking_lot::Mutex;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, timeout_at},
};

/// Changes that come closer together than this travel together; one after a pause leaves at once.
const GATHERING: Duration = Duration::from_millis(100);
/// Changes in one message: at most about 48 KB, should each be a whole row.
const CHANGES_EACH: usize = 64;
/// Messages a socket may be behind. Whoever is further behind begins again with the whole fleet.
const BEHIND_MAX: usize = 256;

/// Rows in one part of a snapshot: about 48 KB.
const ROWS_EACH: usize = 64;

/// What every socket is to send.
#[derive(Clone, Debug)]
pub enum News {
    /// A message with the next changes.
    Changes(Bytes),
    /// A message beside them.
    Beside(Bytes),
    /// Changes were lost: the whole fleet is to be sent again.
    Gap,
}

/// The whole fleet as of one change, in messages.
struct Whole {
    seq: u64,
    trouble: Trouble,
    parts: Weak<[Bytes]>,
}

/// Where sockets hear what to send; clones share it.
#[derive(Clone)]
pub struct Feed {
    news: broadcast::Sender<News>,
    /// What was last written of the whole, for as long as a socket is sending it.
    whole: Arc<Mutex<Option<Whole>>>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { news: broadcast::Sender::new(BEHIND_MAX), whole: Arc::default() }
    }
}

impl Feed {
    /// Everything from now on. Some of it may have been in the fleet for up to [`GATHERING`].
    pub fn follow(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// The whole fleet, in parts. Sockets that come together share what is written.
    pub fn whole(&self, viewer: &Viewer) -> Arc<[Bytes]> {
        // Held while writing: a crowd waits for one instead of writing many, and rows are copied for one at a time.
        let mut whole = self.whole.lock();
        let (seq, trouble) = (viewer.seq(), viewer.trouble());
        let is_this = |known: &&Whole| (known.seq, known.trouble) == (seq, trouble);
        if let Some(parts) = whole.as_ref().filter(is_this).and_then(|known| known.parts.upgrade()) {
            return parts;
        }
        let (seq, rows) = viewer.rows_at();
        let parts = written(seq, rows, trouble);
        *whole = Some(Whole { seq, trouble, parts: Arc::downgrade(&parts) });
        parts
    }

    /// Gathers until told to stop.
    pub async fn gather(&self, fleet: &Fleet, duty: &Duty) {
        let mut changes = fleet.changes();
        // What an earlier run of this worker had gathered is lost.
        self.say(News::Gap);
        let mut next_at = Instant::now();
        while let Some(first) = duty.stop.run_until_cancelled(changes.recv()).await {
            let mut gathered = Vec::new();
            let mut ended = take(first, &mut gathered).err();
            while ended.is_none() && !duty.stop.is_cancelled() {
                let Ok(change) = timeout_at(next_at, changes.recv()).await else { break };
                ended = take(change, &mut gathered).err();
            }
            next_at = Instant::now() + GATHERING;
            self.tell(&gathered);
            match ended {
                Some(RecvError::Lagged(_)) => self.say(News::Gap),
                Some(RecvError::Closed) => return,
                None => duty.ran(),
            }
        }
    }

    /// Whether anybody looks.
    pub fn is_heard(&self) -> bool {
        self.news.receiver_count() > 0
    }

    /// Says to everybody who looks what is no change of the fleet.
    pub fn announce(&self, message: Bytes) {
        self.say(News::Beside(message));
    }

    fn tell(&self, changes: &[Arc<LiveEvent>]) {
        // Nobody looks: nothing to write down.
        if !self.is_heard() {
            return;
        }
        for changes in changes.chunks(CHANGES_EACH) {
            let changes = changes.iter().map(|change| LiveEvent::clone(change)).collect();
            self.say(News::Changes(bytes(&FromServer::Changes(changes))));
        }
    }

    fn say(&self, news: News) {
        // Nobody may be listening.
        let _ = self.news.send(news);
    }
}

fn written(seq: u64, rows: Vec<Row>, trouble: Trouble) -> Arc<[Bytes]> {
    let mut rows = rows.into_iter().peekable();
    let mut parts = Vec::new();
    loop {
        let some: Vec<Row> = rows.by_ref().take(ROWS_EACH).collect();
        let is_last = rows.peek().is_none();
        let is_first = parts.is_empty();
        parts.push(bytes(&FromServer::Snapshot { seq, rows: some, is_first, is_last, trouble }));
        if is_last {
            return parts.into();
        }
    }
}

/// A message as it travels.
pub fn bytes(message: &FromServer) -> Bytes {
    wire::encode(message).into()
}

fn take(
    change: Result<Arc<LiveEvent>, RecvError>,
    gathered: &mut Vec<Arc<LiveEvent>>,
) -> Result<(), RecvError> {
    gathered.push(change?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::{Clock, RuntimeClock, Workers};
    use model::Timestamp;
    use tokio_util::{sync::CancellationToken, task::TaskTracker};

    struct Bench {
        fleet: Arc<Fleet>,
        heard: broadcast::Receiver<News>,
        stop: CancellationToken,
    }

    impl Bench {
        async fn start() -> Self {
            let clock: Arc<dyn Clock> = Arc::new(RuntimeClock::starting_at(Timestamp(7_000)));
            let (fleet, feed) = (Fleet::new(clock.clone()), Feed::default());
            let mut heard = feed.follow();
            let stop = CancellationToken::new();
            let gathered = fleet.clone();
            Workers::new(clock, TaskTracker::new()).start("live", stop.clone(), move |duty| {
                let (feed, fleet) = (feed.clone(), gathered.clone());
                async move {
                    feed.gather(&fleet, &duty).await;
                    Ok(())
                }
            });
            assert!(matches!(heard.recv().await, Ok(News::Gap)), "it listens");
            Self { fleet, heard, stop }
        }

        /// Makes a change that is known by `mark` again.
        fn change(&self, mark: i64) {
            self.fleet.set_unrecorded(Some(Timestamp(mark)));
        }

        /// The marks of the next message.
        async fn marks(&mut self) -> Vec<i64> {
            let Ok(News::Changes(bytes)) = self.heard.recv().await else { panic!("changes were expected") };
            let Some(FromServer::Changes(changes)) = wire::decode(&bytes) else { panic!("what was that?") };
            let mark = |event: LiveEvent| match event.change {
                model::Change::Trouble(trouble) => trouble.unrecorded_since.map(|at| at.0),
                _ => None,
            };
            changes.into_iter().filter_map(mark).collect()
        }
    }

    impl Drop for Bench {
        fn drop(&mut self) {
            self.stop.cancel();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_after_a_pause_leaves_at_once_and_those_close_behind_it_travel_together() {
        let mut bench = Bench::start().await;
        bench.change(1);
        let began = Instant::now();
        assert_eq!(bench.marks().await, [1]);
        assert_eq!(began.elapsed(), Duration::ZERO);
        bench.change(2);
        bench.change(3);
        assert_eq!(bench.marks().await, [2, 3]);
        assert_eq!(began.elapsed(), GATHERING);
    }

    #[tokio::test(start_paused = true)]
    async fn no_message_grows_with_the_fleet() {
        let mut bench = Bench::start().await;
        let count = CHANGES_EACH as i64 + 1;
        (1..=count).for_each(|mark| bench.change(mark));
        assert_eq!(bench.marks().await, (1..count).collect::<Vec<_>>());
        assert_eq!(bench.marks().await, [count]);
    }

    #[tokio::test(start_paused = true)]
    async fn more_changes_than_can_wait_are_told_as_a_gap() {
        let mut bench = Bench::start().await;
        (1..10_000).for_each(|mark| bench.change(mark));
        let gap = loop {
            match bench.heard.recv().await {
                Ok(News::Changes(_)) => {}
                other => break other,
            }
        };
        assert!(matches!(gap, Ok(News::Gap)), "{gap:?}");
        // What was still waiting follows, and what comes after it.
        bench.change(10_000);
        let arrived = async { while !bench.marks().await.contains(&10_000) {} };
        assert!(timeout_at(Instant::now() + GATHERING * 10, arrived).await.is_ok());
    }
}
