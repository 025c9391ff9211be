//! Language and theme: kept in cookies of their own for the next page, seen at once on this one.

use crate::{
    browser,
    i18n::{Lang, Words, use_words},
};
use leptos::prelude::*;
use model::Visitor;
use std::time::Duration;

/// What this browser prefers, changed from the menu and from the palette. Copy it into closures.
#[derive(Clone, Copy)]
pub struct Preferring {
    theme: RwSignal<String>,
}

/// Starts with what the server has seen.
pub fn provide_preferring(visitor: &Visitor) {
    let theme = if visitor.theme.is_empty() { "auto" } else { &visitor.theme };
    provide_context(Preferring { theme: RwSignal::new(theme.to_owned()) });
}

pub fn use_preferring() -> Preferring {
    use_context().unwrap_or_else(|| Preferring { theme: RwSignal::new("auto".to_owned()) })
}

impl Preferring {
    pub fn keep_theme(self, chosen: &'static str) {
        self.theme.set(chosen.to_owned());
        browser::mark_document("data-theme", chosen);
        browser::remember("theme", chosen);
    }
}

/// Words come with the page, so it is loaded again: after whatever else was chosen with it, of which the page would
/// know nothing.
pub fn keep_language(code: &str) {
    browser::remember("language", code);
    browser::later(browser::reload, Duration::ZERO);
}

/// The themes with their words, in the order of the menu.
pub fn themes(words: Words) -> [(&'static str, &'static str); 3] {
    [("auto", words.theme_auto()), ("light", words.theme_light()), ("dark", words.theme_dark())]
}

/// Two small choices, in the user menu and under the login form.
#[component]
pub fn Preferences() -> impl IntoView {
    let words = use_words();
    let preferring = use_preferring();
    let theme = preferring.theme;
    let theme_buttons = themes(words).map(|(name, text)| {
        view! {
            <button
                type="button"
                aria-pressed=move || if theme.with(|theme| theme == name) { "true" } else { "false" }
                on:click=move |_| preferring.keep_theme(name)
            >
                {text}
            </button>
        }
    });
    let languages = Lang::ALL.map(|lang| {
        view! {
            <option value=lang.code() selected=lang == words.lang() lang=lang.code()>
                {lang.own_name()}
            </option>
        }
    });
    view! {
        <div class="preferences">
            <div class="segmented" role="group" aria-label=words.theme_label()>
                {theme_buttons}
            </div>
            <select
                class="input"
                aria-label=words.language_label()
                on:change=move |event| keep_language(&event_target_value(&event))
            >
                {languages}
            </select>
        </div>
    }
}
