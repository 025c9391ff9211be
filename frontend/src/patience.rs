//! Tasks that begin while the page wakes up wait in a queue, so that the browser can see to the person in between.
//!
//! Waking up begins hundreds of effects. Run in one go, they would keep a phone deaf for a good part of a second.

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use std::{cell::RefCell, collections::VecDeque};
use wasm_bindgen_futures::spawn_local;

/// Tasks that go on in one turn of the browser: a few milliseconds of a slow phone.
const TURN: usize = 64;

thread_local! {
    /// `None` once the page is awake: from then on tasks begin at once.
    static WAITING: RefCell<Option<VecDeque<PinnedLocalFuture<()>>>> = const { RefCell::new(None) };
}

struct Patient;

impl CustomExecutor for Patient {
    fn spawn(&self, task: PinnedFuture<()>) {
        self.spawn_local(task);
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        let at_once = WAITING.with_borrow_mut(|waiting| match waiting {
            Some(waiting) => {
                waiting.push_back(task);
                None
            }
            None => Some(task),
        });
        if let Some(task) = at_once {
            spawn_local(task);
        }
    }

    fn poll_local(&self) {}
}

/// From now on tasks wait.
pub fn begin() {
    WAITING.set(Some(VecDeque::new()));
    // A second call finds the first one's, which is the same.
    drop(Executor::init_local_custom_executor(Patient));
}

/// Lets the next ones begin; false when none is left, and none will wait any more.
pub fn go_on() -> bool {
    let turn = WAITING.with_borrow_mut(|waiting| {
        let all = waiting.as_mut().filter(|all| !all.is_empty());
        let turn: Vec<_> = all.map(|all| all.drain(..TURN.min(all.len())).collect()).unwrap_or_default();
        if turn.is_empty() {
            *waiting = None;
        }
        turn
    });
    let is_more = !turn.is_empty();
    turn.into_iter().for_each(spawn_local);
    is_more
}
