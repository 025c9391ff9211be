//! Workers that fail, panic, recover and stop.

use super::*;
use crate::RuntimeClock;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

fn workers() -> Workers {
    Workers::new(Arc::new(RuntimeClock::starting_at(Timestamp(0))), TaskTracker::new())
}

/// Waits until the only worker's report is as wished; paused time runs on by itself.
async fn report(workers: &Workers, is_so: impl Fn(&WorkerReport) -> bool) -> WorkerReport {
    let seen = async {
        loop {
            let report = workers.reports().remove(0);
            if is_so(&report) {
                return report;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(600), seen).await.expect("the report never became so")
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_panics_or_fails_is_started_again_and_says_why() {
    let workers = workers();
    let turns = Arc::new(AtomicU32::new(0));
    let count = turns.clone();
    workers.start("clumsy", CancellationToken::new(), move |duty| {
        let turn = count.fetch_add(1, SeqCst);
        async move {
            match turn {
                0 => panic!("dropped it"),
                1 => anyhow::bail!("forgot it"),
                _ => duty.ran(),
            }
            Ok(())
        }
    });
    let first = report(&workers, |r| r.last_error.is_some()).await;
    assert_eq!(first.last_error.unwrap().1, "panicked: dropped it");
    report(&workers, |r| r.state == WorkerState::Restarting).await;
    let last = report(&workers, |r| r.state == WorkerState::Ended).await;
    assert_eq!((last.restarts, last.last_error.unwrap().1.as_str()), (2, "forgot it"));
    assert!(last.last_run.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_wait_doubles_and_is_short_again_after_a_healthy_stretch() {
    let workers = workers();
    let starts = Arc::new(Mutex::new(Vec::new()));
    let (seen, began) = (starts.clone(), Instant::now());
    workers.start("moody", CancellationToken::new(), move |_| {
        let turn = {
            let mut seen = seen.lock();
            seen.push(began.elapsed().as_millis());
            seen.len()
        };
        async move {
            match turn {
                4 => sleep(HEALTHY).await,
                6 => return Ok(()),
                _ => {}
            }
            anyhow::bail!("again")
        }
    });
    report(&workers, |r| r.state == WorkerState::Ended).await;
    let starts = starts.lock().clone();
    let waits: Vec<_> = starts.windows(2).map(|pair| (pair[1] - pair[0]) / 250).collect();
    assert_eq!(waits, [1, 2, 4, 240 + 1, 2], "in quarters of a second: {starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_does_not_stop_is_left_behind_in_bounded_time() {
    let workers = workers();
    let stop = CancellationToken::new();
    workers.start("deaf", stop.clone(), |_| std::future::pending());
    let stopping = Instant::now();
    stop.cancel();
    workers.tracker().close();
    workers.tracker().wait().await;
    assert!(stopping.elapsed() <= STOPPING_MAX + Duration::from_millis(1));
    assert_eq!(workers.reports()[0].state, WorkerState::Ended);
}
