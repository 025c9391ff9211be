//! Which logs this tab looks at, and that there is something new in them.

use leptos::prelude::*;
use model::LogScope;

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct WatchedLogs {
    pub scope: RwSignal<Option<LogScope>>,
    /// Counts up when there may be new lines.
    pub news: RwSignal<u64>,
}

impl WatchedLogs {
    pub fn new() -> Self {
        Self { scope: RwSignal::new(None), news: RwSignal::new(0) }
    }

    pub(super) fn have_news(self) {
        self.news.update(|count| *count += 1);
    }
}
