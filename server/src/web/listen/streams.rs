//! The requests of one HTTP/2 connection: where they run, and how many are open.

use hyper::rt::Executor;
use std::{future::Future, time::Duration};
use tokio::{sync::watch, time::timeout};
use tokio_util::task::TaskTracker;

/// Longest life of one: its client can leave an answer untaken and never fall silent. Enough for the largest file
/// over a line of 56 kbit/s.
pub const STREAM_MAX: Duration = Duration::from_secs(600);

/// Runs each from its head until its answer is written, where the server waits for them when it stops.
#[derive(Clone)]
pub struct Streams {
    tasks: TaskTracker,
    open: watch::Sender<usize>,
}

/// One that is open.
struct Open(watch::Sender<usize>);

impl Streams {
    pub fn new(tasks: TaskTracker) -> Self {
        Self { tasks, open: watch::Sender::new(0) }
    }

    /// Waits until none was open for as long as `max`.
    pub async fn quiet(&self, max: Duration) {
        let mut open = self.open.subscribe();
        // Each that opens or ends starts the wait again, also one that did both since the last look.
        while timeout(max, open.changed()).await.is_ok() || *open.borrow() > 0 {}
    }
}

impl<F> Executor<F> for Streams
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    /// A stream that is dropped is reset.
    fn execute(&self, stream: F) {
        let open = Open::new(self.open.clone());
        self.tasks.spawn(async move {
            let _open = open;
            let _ = timeout(STREAM_MAX, stream).await;
        });
    }
}

impl Open {
    fn new(open: watch::Sender<usize>) -> Self {
        open.send_modify(|open| *open += 1);
        Self(open)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}
