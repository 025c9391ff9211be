//! The one message that goes past the outbox: that nothing can be written, and that it can again.

use super::*;
use crate::alerts::alarm::Alarm;
use engine::Clock as _;

const REASON: &str = "database or disk is full";

struct Bench {
    desk: Desk,
    fleet: Arc<Fleet>,
    alarm: Alarm,
}

impl Bench {
    async fn open() -> Self {
        let desk = Desk::open(0, Severity::Critical).await;
        let fleet = Fleet::new(desk.temp.clock.clone());
        let alarm = Alarm {
            store: desk.temp.store.clone(),
            vault: desk.temp.vault.clone(),
            clock: desk.temp.clock.clone(),
            fleet: fleet.clone(),
            tools: Tools::new(Resolver::default(), desk.temp.clock.clone()).unwrap(),
            home: None,
            why: Arc::new(|| Some(REASON.to_owned())),
            memory: Arc::default(),
        };
        alarm.look().await.unwrap();
        Self { desk, fleet, alarm }
    }

    fn fails(&self) {
        self.fleet.set_unrecorded(Some(self.desk.temp.clock.now()));
        self.fleet.set_states_unwritten(Some(self.desk.temp.clock.now()));
    }

    fn works(&self) {
        self.fleet.set_unrecorded(None);
        self.fleet.set_states_unwritten(None);
    }

    /// Looks again after so long.
    async fn after(&self, ms: i64) {
        self.desk.temp.clock.forward(ms);
        self.alarm.look().await.unwrap();
    }

    fn told(&self) -> Vec<String> {
        let bodies = self.desk.receiver.bodies.lock();
        bodies.iter().map(|body| body["event"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn that_nothing_can_be_written_is_told_once_with_the_reason_and_so_is_its_end() {
    let bench = Bench::open().await;
    // Not even the channels can be read now.
    bench.desk.temp.store.close().await.unwrap();
    bench.fails();
    bench.after(29_000).await;
    assert!(bench.told().is_empty(), "it may be over in a moment");
    for _ in 0..10 {
        bench.after(60_000).await;
    }
    assert_eq!(bench.told(), ["unrecorded"]);
    assert!(bench.desk.receiver.bodies.lock()[0].to_string().contains(REASON));
    bench.works();
    for _ in 0..5 {
        // That the channels cannot be read again is no reason to tell twice.
        bench.desk.temp.clock.forward(15_000);
        let _ = bench.alarm.look().await;
    }
    assert_eq!(bench.told(), ["unrecorded", "recorded"]);
}

#[tokio::test]
async fn a_channel_that_cannot_be_reached_is_tried_a_few_times_and_hears_of_no_end_it_was_not_told_the_beginning_of()
 {
    let bench = Bench::open().await;
    *bench.desk.receiver.fails.lock() = 2;
    bench.fails();
    for wait in [30_000, 5_000, 30_000] {
        bench.after(wait).await;
    }
    assert_eq!(bench.told(), ["unrecorded"], "the third try");

    let bench = Bench::open().await;
    *bench.desk.receiver.fails.lock() = 100;
    bench.fails();
    for _ in 0..20 {
        bench.after(600_000).await;
    }
    assert_eq!(*bench.desk.receiver.fails.lock(), 95, "five tries are enough");
    *bench.desk.receiver.fails.lock() = 0;
    bench.works();
    bench.after(5_000).await;
    bench.after(30_000).await;
    assert!(bench.told().is_empty());
}

#[tokio::test]
async fn trouble_that_comes_and_goes_is_not_told_every_time() {
    let bench = Bench::open().await;
    for _ in 0..5 {
        bench.fails();
        bench.after(60_000).await;
        bench.works();
        bench.after(5_000).await;
        bench.after(30_000).await;
    }
    assert_eq!(bench.told(), ["unrecorded", "recorded"]);
    bench.fails();
    bench.after(4 * 60_000).await;
    assert_eq!(bench.told().len(), 2, "it may be over as soon as before");
    bench.after(60_000).await;
    assert_eq!(bench.told(), ["unrecorded", "recorded", "unrecorded"], "what lasts is told all the same");
}

#[tokio::test]
async fn one_write_that_came_through_is_no_end() {
    let bench = Bench::open().await;
    bench.fails();
    bench.after(30_000).await;
    for _ in 0..5 {
        bench.works();
        bench.after(5_000).await;
        bench.after(20_000).await;
        bench.fails();
        bench.after(60_000).await;
    }
    assert_eq!(bench.told(), ["unrecorded"]);
    // It is over, and begins again before anybody could be told.
    *bench.desk.receiver.fails.lock() = 1;
    bench.works();
    bench.after(5_000).await;
    bench.after(30_000).await;
    assert_eq!(*bench.desk.receiver.fails.lock(), 0, "it was tried");
    bench.fails();
    bench.after(60_000).await;
    assert_eq!(bench.told(), ["unrecorded"]);
    bench.works();
    bench.after(5_000).await;
    bench.after(30_000).await;
    assert_eq!(bench.told(), ["unrecorded", "recorded"]);
}

#[tokio::test]
async fn samples_alone_that_cannot_be_written_are_not_told_as_everything() {
    let bench = Bench::open().await;
    bench.fleet.set_unrecorded(Some(bench.desk.temp.clock.now()));
    bench.after(60_000).await;
    assert!(bench.told().is_empty());
}

#[tokio::test]
async fn a_channel_that_asks_for_patience_gets_it() {
    let bench = Bench::open().await;
    *bench.desk.receiver.busy_s.lock() = Some(90);
    bench.fails();
    bench.after(30_000).await;
    bench.after(89_000).await;
    assert!(bench.told().is_empty());
    assert_eq!(*bench.desk.receiver.busy_s.lock(), None, "it was asked, and answered that");
    bench.after(1_000).await;
    assert_eq!(bench.told(), ["unrecorded"]);
}
