//! The search in what was drawn.

use super::session::Session;
use crate::{
    browser::{self, Screen},
    i18n::use_words,
    parts::{Icon, IconName},
};
use leptos::{ev, html, prelude::*};

const BEFORE: &str = "M3.5 10 8 5.5l4.5 4.5";
const NEXT: &str = "M3.5 6 8 10.5 12.5 6";

/// Enter finds the next, with Shift the one before; Esc goes back to the prompt.
#[component]
pub fn Find(session: Session) -> impl IntoView {
    let words = use_words();
    let input = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if session.is_searching.get() && input.get().is_some() {
            browser::when_drawn(move || {
                if let Some(input) = input.get_untracked() {
                    _ = input.focus();
                    input.select();
                }
            });
        }
    });
    let find = move |way: &'static str| {
        let text = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        session.on_screen(|screen| screen.find(&text, way));
    };
    let close = move || {
        session.is_searching.set(false);
        session.found.set((0, 0));
        session.on_screen(Screen::end_find);
    };
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "Enter" => find(if event.shift_key() { "before" } else { "next" }),
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let found = move || {
        let (at, of) = session.found.get();
        format!("{at} / {of}")
    };
    view! {
        <Show when=move || session.is_searching.get()>
            <div class="term-find" role="search">
                <input
                    class="input"
                    type="search"
                    node_ref=input
                    aria-label=words.palette_title()
                    placeholder=words.palette_title()
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    on:input=move |_| find("typed")
                    on:keydown=on_key
                />
                <span class="term-found" role="status">{found}</span>
                // A finger has no Shift.
                {step(words.terminal_find_before(), BEFORE, move || find("before"))}
                {step(words.terminal_find_next(), NEXT, move || find("next"))}
                <button type="button" class="button quiet icon-only" aria-label=words.action_close() on:click=move |_| close()>
                    <Icon name=IconName::Close />
                </button>
            </div>
        </Show>
    }
}

fn step(label: &'static str, sign: &'static str, go: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="button quiet icon-only" aria-label=label title=label on:click=move |_| go()>
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d=sign />
            </svg>
        </button>
    }
    .into_any()
}
