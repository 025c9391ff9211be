//! The order of writing and showing, and what happens while nothing can be written.

use super::*;
use engine::{Remembered, RuntimeClock, Transition, Workers};
use model::{Device, DeviceId, DeviceKind, Measure, Reading, State, Timestamp};
use parking_lot::Mutex as SyncMutex;
use tokio::time::{Duration, advance, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const ID: DeviceId = DeviceId(1);

#[derive(Clone, Copy, Default, PartialEq)]
enum Mood {
    #[default]
    Works,
    Fails,
    Hangs,
}

/// A ledger that can fail, and remembers what was visible while it was being written to.
struct Double {
    fleet: Arc<Fleet>,
    mood: SyncMutex<Mood>,
    tries: SyncMutex<u32>,
    /// Each batch: how many outcomes, and the device's state at that moment.
    written: SyncMutex<Vec<(usize, State)>>,
    samples: SyncMutex<usize>,
    refuses_samples: SyncMutex<bool>,
    tidied: SyncMutex<u32>,
    /// So often there is something to tidy.
    untidy: SyncMutex<u32>,
}

#[async_trait]
impl Ledger for Double {
    async fn record(&self, outcomes: Part<'_, Outcome>, samples: Part<'_, Sampled>) -> store::Result<()> {
        *self.tries.lock() += 1;
        let mood = *self.mood.lock();
        match mood {
            Mood::Works => {}
            Mood::Fails => return Err(store::StoreError::Unavailable("the disk is full".to_owned())),
            Mood::Hangs => return std::future::pending().await,
        }
        if !samples.items.is_empty() && *self.refuses_samples.lock() {
            return Err(store::StoreError::Unavailable("no room for samples".to_owned()));
        }
        self.written.lock().push((outcomes.items.len(), state(&self.fleet)));
        *self.samples.lock() += samples.items.len();
        Ok(())
    }

    async fn tidy(&self) -> store::Result<bool> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        *self.tidied.lock() += 1;
        Ok(*self.tidied.lock() < *self.untidy.lock())
    }
}

struct Desk {
    fleet: Arc<Fleet>,
    ledger: Arc<Double>,
    outcomes: mpsc::Sender<Outcome>,
    workers: Workers,
    stop: CancellationToken,
    pinned: Arc<SyncMutex<Vec<DeviceId>>>,
}

impl Double {
    fn written(&self) -> usize {
        self.written.lock().iter().map(|(count, _)| count).sum()
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock() = mood;
    }
}

impl Desk {
    fn open() -> Desk {
        let clock: Arc<dyn Clock> = Arc::new(RuntimeClock::starting_at(Timestamp(1_000_000)));
        let fleet = Fleet::new(clock.clone());
        fleet.put(device(), &Remembered::default());
        let ledger = Arc::new(Double {
            fleet: fleet.clone(),
            mood: SyncMutex::default(),
            tries: SyncMutex::default(),
            written: SyncMutex::default(),
            samples: SyncMutex::default(),
            refuses_samples: SyncMutex::default(),
            tidied: SyncMutex::default(),
            untidy: SyncMutex::default(),
        });
        let (outcomes, queue) = mpsc::channel(QUEUE_MAX);
        let pinned: Arc<SyncMutex<Vec<DeviceId>>> = Arc::default();
        let noted = pinned.clone();
        let hear = Box::new(move |device| noted.lock().push(device));
        let journal = Journal::new(ledger.clone(), fleet.clone(), clock.clone(), queue, hear);
        let (workers, stop) = (Workers::new(clock, TaskTracker::new()), CancellationToken::new());
        workers.start("journal", stop.clone(), move |duty| {
            let journal = journal.clone();
            async move { journal.run(duty).await }
        });
        Desk { fleet, ledger, outcomes, workers, stop, pinned }
    }

    async fn tell(&self, outcome: Outcome) {
        self.outcomes.send(outcome).await.unwrap();
    }

    /// Waits for what must come; paused time runs as far as it has to.
    async fn until(&self, holds: impl Fn(&Desk) -> bool) {
        let waiting = async {
            while !holds(self) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(60), waiting).await.expect("it comes in time");
    }

    fn written(&self) -> usize {
        self.ledger.written()
    }

    /// The engine ends, and then the journal.
    async fn close(self) {
        drop(self.outcomes);
        self.stop.cancel();
        self.workers.tracker().close();
        timeout(Duration::from_secs(60), self.workers.tracker().wait()).await.expect("it ends in time");
    }
}

fn state(fleet: &Fleet) -> State {
    fleet.row(ID).map(|row| row.live.state).unwrap_or_default()
}

fn device() -> Device {
    Device::new(ID, "edge", DeviceKind::Server, "127.0.0.1")
}

fn plain() -> Outcome {
    let at = Timestamp(1_000_000);
    Outcome { device: ID, at, reconnects: Some(1), ..Outcome::default() }
}

/// A round that measured one number and found nothing new.
fn measured() -> Outcome {
    let sample =
        Sample { measure: Measure::RoundTrip, subject: "icmp".to_owned(), value: Reading::Number(1.0) };
    Outcome { device: ID, at: Timestamp(1_000_000), samples: vec![sample], ..Outcome::default() }
}

fn change(to: State) -> Outcome {
    let at = Timestamp(1_000_000);
    let transition = Transition { from: State::Unknown, to, at, cause: None };
    Outcome { transition: Some(transition), ..plain() }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_state_is_written_before_anybody_sees_it() {
    let desk = Desk::open();
    desk.tell(change(State::Up)).await;
    desk.until(|desk| state(&desk.fleet) == State::Up).await;
    assert_eq!(*desk.ledger.written.lock(), [(1, State::Unknown)]);
}

#[tokio::test(start_paused = true)]
async fn plain_news_wait_half_a_second_for_company_and_a_change_of_state_for_nothing() {
    let desk = Desk::open();
    desk.tell(plain()).await;
    desk.tell(plain()).await;
    advance(Duration::from_millis(400)).await;
    tokio::task::yield_now().await;
    assert_eq!(desk.written(), 0);
    desk.tell(change(State::Up)).await;
    desk.until(|desk| desk.written() == 3).await;
    assert_eq!(desk.ledger.written.lock().len(), 1, "one transaction for all");
}

#[tokio::test(start_paused = true)]
async fn while_nothing_can_be_written_people_see_what_happens_and_that_it_is_not_kept() {
    let desk = Desk::open();
    desk.ledger.is(Mood::Fails);
    desk.tell(change(State::Down)).await;
    desk.until(|desk| state(&desk.fleet) == State::Down).await;
    let since = desk.fleet.unrecorded_since().expect("a banner");
    assert_eq!(desk.fleet.states_unwritten_since(), Some(since));
    desk.tell(change(State::Up)).await;
    desk.until(|desk| state(&desk.fleet) == State::Up).await;
    assert_eq!(desk.fleet.unrecorded_since(), Some(since), "since the first failure");

    desk.ledger.is(Mood::Works);
    desk.until(|desk| desk.fleet.unrecorded_since().is_none()).await;
    assert_eq!(desk.written(), 2, "nothing was lost");
    assert_eq!(desk.fleet.states_unwritten_since(), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_still_waiting_is_written_before_the_journal_ends() {
    let desk = Desk::open();
    for _ in 0..300 {
        desk.tell(plain()).await;
    }
    let ledger = desk.ledger.clone();
    desk.close().await;
    assert_eq!(ledger.written(), 300);
}

#[tokio::test(start_paused = true)]
async fn at_the_end_a_database_that_fails_is_tried_once_more_and_no_oftener() {
    let desk = Desk::open();
    desk.ledger.is(Mood::Fails);
    desk.tell(change(State::Down)).await;
    desk.until(|desk| state(&desk.fleet) == State::Down).await;
    let ledger = desk.ledger.clone();
    let before = *ledger.tries.lock();
    desk.close().await;
    assert_eq!(*ledger.tries.lock(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_hangs_delays_one_change_and_then_none() {
    let desk = Desk::open();
    desk.ledger.is(Mood::Hangs);
    desk.tell(change(State::Down)).await;
    desk.until(|desk| state(&desk.fleet) == State::Down).await;
    assert!(desk.fleet.unrecorded_since().is_some(), "the banner is up");

    // The next try hangs too; what happens meanwhile is seen without waiting for it.
    desk.until(|desk| *desk.ledger.tries.lock() == 2).await;
    let told = Instant::now();
    desk.tell(change(State::Up)).await;
    desk.until(|desk| state(&desk.fleet) == State::Up).await;
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());

    desk.ledger.is(Mood::Works);
    desk.until(|desk| desk.fleet.unrecorded_since().is_none()).await;
    let ledger = desk.ledger.clone();
    desk.close().await;
    assert_eq!(ledger.written(), 2, "nothing was lost");
}

#[tokio::test(start_paused = true)]
async fn a_pin_that_could_not_be_written_at_first_is_announced_when_it_is() {
    let desk = Desk::open();
    desk.ledger.is(Mood::Fails);
    desk.tell(Outcome { first_seen_certificate: Some("ab".repeat(32)), ..plain() }).await;
    desk.until(|desk| desk.fleet.unrecorded_since().is_some()).await;
    assert!(desk.pinned.lock().is_empty());
    desk.ledger.is(Mood::Works);
    desk.until(|desk| *desk.pinned.lock() == [ID]).await;
}

#[tokio::test(start_paused = true)]
async fn samples_that_cannot_be_kept_cost_no_state_and_are_kept_when_they_can_be() {
    let desk = Desk::open();
    *desk.ledger.refuses_samples.lock() = true;
    desk.tell(measured()).await;
    desk.tell(change(State::Down)).await;
    desk.until(|desk| desk.written() == 1).await;
    assert_eq!(state(&desk.fleet), State::Down);
    assert!(desk.fleet.unrecorded_since().is_some(), "people are told");
    assert_eq!(desk.fleet.states_unwritten_since(), None, "and not of more than it is");
    assert_eq!(*desk.ledger.samples.lock(), 0);
    *desk.ledger.refuses_samples.lock() = false;
    desk.until(|desk| desk.fleet.unrecorded_since().is_none()).await;
    assert_eq!((desk.written(), *desk.ledger.samples.lock()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_database_that_fails_for_long_costs_the_oldest_samples_and_no_change_of_state() {
    let desk = Desk::open();
    desk.ledger.is(Mood::Fails);
    desk.tell(change(State::Down)).await;
    for _ in 0..SAMPLES_MAX + 10_000 {
        desk.tell(measured()).await;
    }
    desk.tell(change(State::Up)).await;
    desk.until(|desk| state(&desk.fleet) == State::Up).await;
    desk.ledger.is(Mood::Works);
    desk.until(|desk| desk.fleet.unrecorded_since().is_none()).await;
    assert_eq!(desk.written(), 2);
    let kept = *desk.ledger.samples.lock();
    assert!((SAMPLES_MAX - 10_000..=SAMPLES_MAX + 10_000).contains(&kept), "{kept}");
}

#[tokio::test(start_paused = true)]
async fn what_is_left_to_tidy_never_keeps_a_change_of_state_waiting() {
    let desk = Desk::open();
    *desk.ledger.untidy.lock() = u32::MAX;
    desk.until(|desk| *desk.ledger.tidied.lock() > 10).await;
    let told = Instant::now();
    desk.tell(change(State::Down)).await;
    desk.until(|desk| state(&desk.fleet) == State::Down).await;
    assert!(told.elapsed() <= 2 * TIDY_MAX, "{:?}", told.elapsed());
}
