//! The search in what a terminal showed: it goes on by itself until all of it was looked at, and says how far it is.

use super::{
    deck::Deck,
    keys,
    plain::{FOUND_MAX, Found, Search},
    player::{HOST, clock},
};
use crate::{browser, i18n::Words};
use leptos::{ev, prelude::*};

/// What is looked for. Copy it into closures.
#[derive(Clone, Copy)]
struct Looking {
    deck: Deck,
    search: RwSignal<Search>,
    /// All that is here so far was looked at.
    is_done: RwSignal<bool>,
    /// A further look is on its way.
    is_due: StoredValue<bool>,
    /// Somebody wants to go to the next match, which is not found yet.
    is_wished: StoredValue<bool>,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq)]
enum Answer {
    /// Nothing is looked for.
    Unasked,
    /// Nothing yet, up to then; there is more to look at.
    NotYet {
        searched_ms: u64,
    },
    Nothing,
    Found {
        found: Vec<Found>,
        has_more: bool,
    },
}

impl Looking {
    fn new(deck: Deck) -> Self {
        let (search, is_done) = (RwSignal::new(Search::default()), RwSignal::new(true));
        let (is_due, is_wished) = (StoredValue::new(false), StoredValue::new(false));
        let looking = Self { deck, search, is_done, is_due, is_wished };
        // Asked for again when more was loaded.
        Effect::new(move |_| {
            deck.length_ms.track();
            deck.is_whole.track();
            looking.go_on();
        });
        looking
    }

    fn look_for(self, text: &str) {
        self.is_wished.set_value(false);
        self.search.set(Search::of(text));
        self.go_on();
    }

    /// Goes to the next match, as soon as there is one.
    fn next(self) {
        let is_whole = self.is_done.get_untracked() && self.deck.is_whole.get_untracked();
        let is_settled = self.search.with_untracked(|search| {
            let is_all = is_whole || search.has_more || search.is_for_nothing();
            self.deck.seek_next(&search.found, is_all) || is_all
        });
        self.is_wished.set_value(!is_settled);
    }

    /// Looks at once, and after the next paint at what is too much for once.
    fn go_on(self) {
        let is_done = self.search.try_update(|search| self.deck.search(search)).unwrap_or(true);
        self.is_done.try_set(is_done);
        if self.is_wished.try_get_value() == Some(true) {
            self.next();
        }
        if is_done || self.is_due.try_get_value() != Some(false) {
            return;
        }
        self.is_due.set_value(true);
        browser::when_drawn(move || {
            // The page may have gone meanwhile.
            if self.is_due.try_set_value(false).is_none() {
                self.go_on();
            }
        });
    }

    fn answer(self) -> Answer {
        let is_all = self.is_done.get() && self.deck.is_whole.get();
        self.search.with(|search| {
            let Search { found, has_more, .. } = search;
            match found.is_empty() {
                true if search.is_for_nothing() => Answer::Unasked,
                true if is_all => Answer::Nothing,
                true => Answer::NotYet { searched_ms: self.deck.searched_ms(search) },
                false => Answer::Found { found: found.clone(), has_more: *has_more },
            }
        })
    }
}

pub fn search(words: Words, deck: Deck) -> AnyView {
    let (text, looking) = (RwSignal::new(String::new()), Looking::new(deck));
    let answer = Memo::new(move |_| looking.answer());
    let results = move || match answer.get() {
        Answer::Unasked => ().into_any(),
        Answer::Nothing => view! { <p>{words.audit_none()}</p> }.into_any(),
        Answer::NotYet { searched_ms } => {
            view! { <p>{words.recording_searching(&clock(searched_ms))}</p> }.into_any()
        }
        Answer::Found { found, has_more } => {
            let rows = found.into_iter().map(|found| row(deck, found)).collect_view();
            let first = has_more.then(|| view! { <p>{words.recording_found_first(&FOUND_MAX)}</p> });
            view! {
                <ol>{rows}</ol>
                {first}
            }
            .into_any()
        }
    };
    let typed = move |event: ev::Event| {
        let value = event_target_value(&event);
        looking.look_for(&value);
        text.set(value);
    };
    let press = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "Enter" => looking.next(),
            "Escape" => {
                looking.is_wished.set_value(false);
                drop(browser::element(HOST).map(|host| host.focus()));
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="replay-search">
            <label class="list-field">
                <span>{words.audit_text()}</span>
                <input
                    id=keys::SEARCH
                    class="input"
                    type="search"
                    aria-keyshortcuts="/"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || text.get()
                    on:input=typed
                    on:keydown=press
                />
            </label>
            <div role="status">{results}</div>
        </div>
    }
    .into_any()
}

fn row(deck: Deck, found: Found) -> AnyView {
    let (event, text) = (found.event, found.text.clone());
    view! {
        <li>
            <button type="button" on:click=move |_| deck.seek_found(&found)>
                <span class="replay-time">{move || clock(deck.time_of(event))}</span>
                <code>{text}</code>
            </button>
        </li>
    }
    .into_any()
}
