//! Lines that grow at the top while somebody looks, without moving what is read: the browser holds what is in view,
//! and whoever wants quiet pauses.

use super::{line::line, trouble};
use crate::{
    api::{ApiError, logs::load_logs},
    i18n::use_words,
    live::{Fleet, use_fleet},
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::{LogLine, LogPage, LogScope, LogState, LogWish};
use std::time::Duration;

/// Lines that are shown at most.
const SHOWN_MAX: usize = 500;
/// What brings as many new lines may have left some out.
const NEW_MAX: usize = 200;
/// Parts that are looked through at once: all lines there may be.
const PARTS_MAX: usize = 20;
/// Without news it is asked so often: how the log is read may have changed.
const ASK_EVERY: Duration = Duration::from_secs(15);

/// How a list is shown.
#[derive(Clone, Copy)]
pub struct Way {
    /// Lines of several devices say whose they are.
    pub has_names: bool,
    /// Nothing special was wished for.
    pub is_plain: bool,
}

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Growing {
    pub lines: RwSignal<Vec<LogLine>>,
    pub state: RwSignal<Option<LogState>>,
    pub is_paused: RwSignal<bool>,
    wish: StoredValue<LogWish>,
    newest: StoredValue<i64>,
    is_asking: StoredValue<bool>,
    is_to_ask_again: StoredValue<bool>,
}

impl Growing {
    pub fn new(page: LogPage, wish: LogWish) -> Self {
        Self {
            newest: StoredValue::new(page.newest),
            lines: RwSignal::new(page.lines),
            state: RwSignal::new(page.state),
            is_paused: RwSignal::new(false),
            wish: StoredValue::new(wish),
            is_asking: StoredValue::new(false),
            is_to_ask_again: StoredValue::new(false),
        }
    }

    /// Grows from now on, while the page is there.
    pub fn follow(self, fleet: Fleet, scope: LogScope) {
        Effect::new(move |_| {
            fleet.logs.scope.set(Some(scope));
            on_cleanup(move || fleet.logs.scope.set(None));
        });
        Effect::new(move |before: Option<u64>| {
            let (news, is_paused) = (fleet.logs.news.get(), self.is_paused.get());
            // Waking up is no news.
            if before.is_some() && !is_paused {
                self.ask();
            }
            news
        });
        Effect::new(move |_| {
            let ask = move || {
                if self.is_paused.try_get_untracked() == Some(false) {
                    self.ask();
                }
            };
            if let Ok(asking) = set_interval_with_handle(ask, ASK_EVERY) {
                on_cleanup(move || asking.clear());
            }
        });
    }

    fn ask(self) {
        if self.is_asking.try_get_value() != Some(false) {
            self.is_to_ask_again.try_set_value(true);
            return;
        }
        self.is_asking.set_value(true);
        spawn_local(async move {
            loop {
                self.is_to_ask_again.try_set_value(false);
                let (Some(wish), Some(newest)) = (self.wish.try_get_value(), self.newest.try_get_value())
                else {
                    return;
                };
                // What fails is asked again with the next news.
                let new = LogWish { after: Some(newest), before: None, ..wish };
                if let Ok(page) = load_parts(new, NEW_MAX).await {
                    self.take(page);
                }
                if self.is_to_ask_again.try_get_value() != Some(true) {
                    break;
                }
            }
            self.is_asking.try_set_value(false);
        });
    }

    fn take(self, page: LogPage) {
        self.newest.try_set_value(page.newest);
        self.state.try_set(page.state);
        let mut new = page.lines;
        if new.is_empty() {
            return;
        }
        self.lines.try_update(|lines| {
            if new.len() < NEW_MAX {
                new.retain(|line| lines.iter().all(|known| known.id != line.id));
                new.append(lines);
            }
            new.truncate(SHOWN_MAX);
            *lines = new;
        });
    }
}

/// Looks through the lines a part at a time, until so many are found or there are no more.
pub async fn load_parts(mut wish: LogWish, enough: usize) -> Result<LogPage, ApiError> {
    let mut page = load_logs(wish.clone()).await?;
    for _ in 0..PARTS_MAX {
        if page.next.is_none() || page.lines.len() >= enough {
            break;
        }
        wish.before = page.next;
        let part = load_logs(wish.clone()).await?;
        page.next = part.next;
        page.lines.extend(part.lines);
    }
    Ok(page)
}

/// Lines with what is said of them; growing, where the newest are shown.
pub fn list(page: LogPage, wish: LogWish, scope: LogScope, way: Way) -> AnyView {
    let is_live = wish.before.is_none() && wish.to.is_none();
    let growing = Growing::new(page, wish);
    if is_live {
        growing.follow(use_fleet(), scope);
    }
    let device = match scope {
        LogScope::Device(id) => Some(id),
        LogScope::Fleet => None,
    };
    view! {
        <div class="log-bar">
            {is_live.then(|| pause(growing))}
            {device.map(|id| trouble::switch(id, growing.state))}
        </div>
        {lines(growing, way)}
    }
    .into_any()
}

/// Lines, and why there are none or no new ones.
pub fn lines(growing: Growing, way: Way) -> AnyView {
    let words = use_words();
    let is_empty = Memo::new(move |_| growing.lines.with(Vec::is_empty));
    let told = Memo::new(move |_| {
        let has_none = way.is_plain && is_empty.get();
        growing.state.with(|state| state.as_ref().and_then(|state| trouble::told(words, state, has_none)))
    });
    let note = move || {
        told.get().map(|text| {
            view! {
                <div class="note" role="status">
                    <Icon name=IconName::Warning />
                    <p>{text}</p>
                </div>
            }
        })
    };
    let nothing = move || {
        let text = growing.state.with(|state| trouble::nothing(words, state.as_ref(), way.is_plain));
        (is_empty.get() && told.with(Option::is_none)).then(|| view! { <p class="list-none">{text}</p> })
    };
    view! {
        {note}
        <ul class="log-list" aria-label=words.logs_title() class:none=move || is_empty.get()>
            <For
                each=move || growing.lines.get()
                key=|line| line.id
                children=move |entry| line(entry, way.has_names)
            />
        </ul>
        {nothing}
    }
    .into_any()
}

/// The button that lets lines wait.
pub fn pause(growing: Growing) -> AnyView {
    let words = use_words();
    let press = move |_| growing.is_paused.update(|is_paused| *is_paused = !*is_paused);
    view! {
        <button
            type="button"
            class=Look::Quiet.class()
            aria-pressed=move || growing.is_paused.get().to_string()
            on:click=press
        >
            {move || {
                let is_paused = growing.is_paused.get();
                let name = if is_paused { IconName::Play } else { IconName::Pause };
                view! { <Icon name /> }
            }}
            {move || if growing.is_paused.get() { words.log_resume() } else { words.log_pause() }}
        </button>
    }
    .into_any()
}
