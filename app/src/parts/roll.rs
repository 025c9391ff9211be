//! A list that the server keeps and a page changes. What is changed here shows at once; an answer that was asked for
//! before knows nothing of it, and is left alone.

use super::Acts;
use crate::api::ApiError;
use leptos::{prelude::*, task::spawn_local};
use std::{future::Future, pin::Pin, time::Duration};

/// One line of such a list.
pub trait Listed: Clone + PartialEq + Send + Sync + 'static {
    /// By this it is found again.
    fn number(&self) -> i64;
    /// By this the list is ordered.
    fn name(&self) -> &str;
}

/// The whole list, as it is asked for.
pub type Asked<T> = Pin<Box<dyn Future<Output = Result<Vec<T>, ApiError>>>>;

/// Copy it into closures.
pub struct Roll<T: Listed> {
    pub lines: RwSignal<Vec<T>>,
    /// How often this page itself changed something.
    changes: StoredValue<u32>,
    ask: fn() -> Asked<T>,
}

impl<T: Listed> Clone for Roll<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Listed> Copy for Roll<T> {}

impl<T: Listed> Roll<T> {
    pub fn new(lines: Vec<T>, ask: fn() -> Asked<T>) -> Self {
        Self { lines: RwSignal::new(lines), changes: StoredValue::new(0), ask }
    }

    /// Asks the server for the truth again.
    pub fn refresh(self) {
        let before = self.changes.try_get_value();
        spawn_local(async move {
            if let Ok(lines) = (self.ask)().await
                && self.changes.try_get_value() == before
            {
                self.lines.try_set(lines);
            }
        });
    }

    /// Asks again and again while the page is open: it changes without anybody here.
    pub fn follow(self, every: Duration) {
        Effect::new(move |_| {
            if let Ok(asking) = set_interval_with_handle(move || self.refresh(), every) {
                on_cleanup(move || asking.clear());
            }
        });
    }

    /// Takes a line as the server now has it.
    pub fn put(self, line: T) {
        self.change(|all| {
            all.retain(|known| known.number() != line.number());
            all.push(line);
            all.sort_by(|a, b| a.name().cmp(b.name()));
        });
    }

    pub fn forget(self, number: i64) {
        self.change(|all| all.retain(|known| known.number() != number));
    }

    /// The page may have gone in the meantime.
    fn change(self, change: impl FnOnce(&mut Vec<T>)) {
        self.changes.try_update_value(|changes| *changes += 1);
        self.lines.try_update(change);
    }

    /// Shows a change at once, sends it, and shows the truth again if it was refused.
    pub fn send(
        self,
        acts: Acts,
        (before, changed): (T, T),
        ask: impl Future<Output = Result<T, ApiError>> + 'static,
        said: String,
    ) {
        self.put(changed);
        let done = move |now| {
            self.put(now);
            said
        };
        acts.run(ask, done, move |is_done| {
            if !is_done {
                self.put(before);
                // Perhaps because it is another one by now.
                self.refresh();
            }
        });
    }

    pub fn one(self, number: i64) -> Memo<Option<T>> {
        Memo::new(move |_| self.lines.with(|all| all.iter().find(|line| line.number() == number).cloned()))
    }

    pub fn numbers(self) -> Signal<Vec<i64>> {
        Signal::derive(move || self.lines.with(|all| all.iter().map(Listed::number).collect()))
    }
}
