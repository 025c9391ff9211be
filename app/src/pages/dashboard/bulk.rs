//! One act on many devices: a few at a time, with its progress shown, and stopped when asked.
//!
//! It outlives the list: whoever leaves the dashboard is still told how it ended.

use super::picks::Picks;
use crate::{
    api::{
        ApiError,
        devices::{check_now, remove_device, set_device_enabled},
    },
    browser,
    i18n::{Words, use_words},
    parts::{Toasts, Tone, use_toasts},
};
use leptos::{prelude::*, task::spawn_local};
use model::DeviceId;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// Requests on their way at a time: a fleet is asked for in a reasonable time, and the server is left to others.
const LANES: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Check,
    Pause,
    Resume,
    Remove,
}

impl Act {
    /// What goes on at the moment.
    pub fn doing(self, words: Words) -> &'static str {
        match self {
            Act::Check => words.bulk_doing_check(),
            Act::Pause => words.bulk_doing_pause(),
            Act::Resume => words.bulk_doing_resume(),
            Act::Remove => words.bulk_doing_remove(),
        }
    }

    fn done(self, words: Words, devices: u64) -> String {
        match self {
            Act::Check => words.bulk_said_checked(devices),
            Act::Pause => words.bulk_said_paused(devices),
            Act::Resume => words.bulk_said_resumed(devices),
            Act::Remove => words.bulk_said_removed(devices),
        }
    }

    async fn ask(self, id: DeviceId) -> Result<(), ApiError> {
        match self {
            Act::Check => check_now(Some(id)).await,
            Act::Pause => set_device_enabled(id, false).await,
            Act::Resume => set_device_enabled(id, true).await,
            Act::Remove => match remove_device(id).await {
                // Somebody else was quicker, which is as good.
                Err(ApiError::NotFound) => Ok(()),
                ended => ended,
            },
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub act: Act,
    pub total: usize,
    /// How many have been asked for, well or not.
    pub ended: usize,
}

/// The tab's one act on many devices. Copy it into closures.
#[derive(Clone, Copy)]
pub struct Bulk {
    running: RwSignal<Option<Progress>>,
    is_stopped: RwSignal<bool>,
    words: Words,
    toasts: Toasts,
}

/// Makes it known to every page inside.
pub fn provide_bulk() {
    provide_context(Bulk::new());
}

pub fn use_bulk() -> Bulk {
    use_context().unwrap_or_else(Bulk::new)
}

impl Bulk {
    fn new() -> Self {
        Self {
            running: RwSignal::new(None),
            is_stopped: RwSignal::new(false),
            words: use_words(),
            toasts: use_toasts(),
        }
    }

    pub fn running(self) -> Option<Progress> {
        self.running.get()
    }

    /// What has begun is ended; nothing more is begun.
    pub fn stop(self) {
        self.is_stopped.set(true);
    }

    /// Begins, unless something is going on already. What went well is no longer picked.
    pub fn start(self, act: Act, ids: Vec<DeviceId>, picks: Picks) {
        if ids.is_empty() || self.running.with_untracked(Option::is_some) {
            return;
        }
        self.is_stopped.set(false);
        self.running.set(Some(Progress { act, total: ids.len(), ended: 0 }));
        let lanes = LANES.min(ids.len());
        let work = Rc::new(Work {
            bulk: self,
            act,
            picks,
            total: ids.len(),
            waiting: RefCell::new(ids.into_iter().rev().collect()),
            done: Cell::new(0),
            failure: RefCell::new(None),
            lanes: Cell::new(lanes),
        });
        for _ in 0..lanes {
            spawn_local(work.clone().lane());
        }
    }
}

/// What the lanes share.
struct Work {
    bulk: Bulk,
    act: Act,
    picks: Picks,
    total: usize,
    waiting: RefCell<Vec<DeviceId>>,
    done: Cell<usize>,
    /// The first one.
    failure: RefCell<Option<ApiError>>,
    lanes: Cell<usize>,
}

impl Work {
    async fn lane(self: Rc<Self>) {
        while let Some(id) = self.next() {
            let ended = self.act.ask(id).await;
            self.note(id, ended);
        }
        self.lanes.set(self.lanes.get() - 1);
        if self.lanes.get() == 0 {
            self.report();
        }
    }

    fn next(&self) -> Option<DeviceId> {
        let is_stopped = self.bulk.is_stopped.try_get_untracked().unwrap_or(true);
        if is_stopped { None } else { self.waiting.borrow_mut().pop() }
    }

    fn note(&self, id: DeviceId, ended: Result<(), ApiError>) {
        match ended {
            Ok(()) => {
                self.done.set(self.done.get() + 1);
                self.picks.forget(id);
            }
            Err(ApiError::Unauthenticated) => {
                self.bulk.is_stopped.try_set(true);
                browser::open("/login");
            }
            Err(error) => drop(self.failure.borrow_mut().get_or_insert(error)),
        }
        self.bulk.running.try_update(|running| running.iter_mut().for_each(|running| running.ended += 1));
    }

    fn report(&self) {
        let Bulk { running, words, toasts, .. } = self.bulk;
        running.try_set(None);
        let done = self.done.get();
        if let Some(error) = self.failure.take() {
            toasts.say(Tone::Bad, words.bulk_said_failed(&done, &words.api_error(&error), &self.total));
        } else if done < self.total {
            toasts.say(Tone::Good, words.bulk_said_stopped(&done, &self.total));
        } else {
            toasts.say(Tone::Good, self.act.done(words, done as u64));
        }
    }
}
