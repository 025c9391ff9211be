//! The log as this page knows it, kept true by a line of its own.

use super::held::{Lines, Shown};
use crate::{
    api::wire,
    line::{self, Listener},
};
use leptos::prelude::*;
use model::{FromServerLog, LogFilter, ServerLogPage, ServerLogWish, ToServerLog};

/// Whether what is shown is what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being made; the page shows its first paint.
    Opening,
    Live,
    Lost,
}

/// Copy it into closures; all parts of the page share it.
#[derive(Clone, Copy)]
pub struct Console {
    lines: RwSignal<Lines>,
    /// What is shown of them.
    pub wish: RwSignal<ServerLogWish>,
    /// The last line that is shown, while the page stands still.
    pub paused: RwSignal<Option<u64>>,
    /// What is written at all.
    pub filter: RwSignal<LogFilter>,
    pub link: RwSignal<Link>,
    /// The run of the program that was last heard, and the last line of it.
    heard: StoredValue<(i64, u64)>,
}

impl Console {
    /// As it was painted.
    pub fn new(page: ServerLogPage, wish: ServerLogWish) -> Self {
        let ServerLogPage { lines: painted, filter, run } = page;
        let mut lines = Lines::default();
        lines.take(0, painted, None);
        Self {
            lines: RwSignal::new(lines),
            wish: RwSignal::new(wish),
            paused: RwSignal::new(None),
            filter: RwSignal::new(filter),
            link: RwSignal::new(Link::Opening),
            heard: StoredValue::new((run, 0)),
        }
    }

    /// Opens the line once the page is awake, and keeps it open while the page is there.
    pub fn connect(self) {
        Effect::new(move |_| drop(line::keep_open(Box::new(self))));
    }

    pub fn shown(self) -> Shown {
        let (wish, paused) = (self.wish.get(), self.paused.get());
        self.lines.with(|lines| lines.shown(&wish, paused))
    }

    /// How many lines came since the page was told to stand still.
    pub fn meanwhile(self) -> Option<u64> {
        let paused = self.paused.get()?;
        Some(self.lines.with(Lines::newest).saturating_sub(paused))
    }

    pub fn toggle_pause(self) {
        let newest = self.lines.with_untracked(Lines::newest);
        self.paused.update(|paused| *paused = if paused.is_some() { None } else { Some(newest) });
    }

    fn begin(self, run: i64) {
        if self.heard.get_value().0 != run {
            // The program was started again, and its lines are numbered anew.
            self.heard.set_value((run, 0));
            self.paused.set(None);
            self.lines.update(Lines::clear);
        }
        self.link.set(Link::Live);
    }
}

impl Listener for Console {
    fn path(&self) -> &'static str {
        "/ws/logs"
    }

    fn purpose(&self) -> &'static str {
        "logs"
    }

    fn hello(&self, ticket: String) -> Vec<u8> {
        let (run, after) = self.heard.get_value();
        wire::encode(&ToServerLog::Hello { ticket, run, after })
    }

    fn hear(&self, message: &[u8]) -> bool {
        match wire::decode(message) {
            Some(FromServerLog::Begin { run, filter }) => {
                self.begin(run);
                self.filter.set(filter);
            }
            Some(FromServerLog::Lines { missed, lines }) => {
                let last = lines.last().map(|line| line.seq);
                self.heard.update_value(|(_, heard)| *heard = last.unwrap_or(*heard));
                let paused = self.paused.get_untracked();
                self.lines.update(|held| held.take(missed, lines, paused));
            }
            Some(FromServerLog::Filter(filter)) => self.filter.set(filter),
            Some(FromServerLog::Alive) => {}
            Some(FromServerLog::Bye { .. }) | None => return false,
        }
        true
    }

    fn lose(&self) {
        self.link.set(Link::Lost);
    }
}
