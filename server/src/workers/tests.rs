//! Who may take how long to stop.

use super::*;
use engine::SystemClock;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::sleep;

#[tokio::test(start_paused = true)]
async fn whoever_answers_too_long_leaves_the_others_the_time_to_write_down() {
    let stages = Stages::new(&(Arc::new(SystemClock) as Arc<dyn Clock>));
    for stage in [&stages.web, &stages.watching] {
        stage.workers.tracker().spawn(std::future::pending::<()>());
    }
    let is_written = Arc::new(AtomicBool::new(false));
    let written = is_written.clone();
    stages.recording.workers.start("journal", stages.recording.stop.clone(), move |duty| {
        let written = written.clone();
        async move {
            duty.stop.cancelled().await;
            sleep(Duration::from_secs(3)).await;
            written.store(true, Ordering::Relaxed);
            Ok(())
        }
    });
    assert!(!stages.stop(Instant::now() + STOPPING_MAX).await, "something was left running");
    assert!(is_written.load(Ordering::Relaxed));
}

#[tokio::test(start_paused = true)]
async fn whoever_outlasts_its_share_and_ends_while_the_others_do_has_ended_cleanly() {
    let stages = Stages::new(&(Arc::new(SystemClock) as Arc<dyn Clock>));
    stages.web.workers.tracker().spawn(sleep(SHARE + Duration::from_secs(1)));
    let stop = stages.recording.stop.clone();
    stages.recording.workers.tracker().spawn(async move {
        stop.cancelled().await;
        sleep(Duration::from_secs(2)).await;
    });
    assert!(stages.stop(Instant::now() + STOPPING_MAX).await, "nothing was left running");
}
