//! The keys that a phone's keyboard has not.

use super::session::Session;
use crate::{browser::Screen, i18n::use_words};
use leptos::prelude::*;

/// What stands on a key, and what it presses.
const KEYS: [(&str, &str); 8] = [
    ("Tab", "Tab"),
    ("Esc", "Esc"),
    ("←", "Left"),
    ("↓", "Down"),
    ("↑", "Up"),
    ("→", "Right"),
    ("?", "?"),
    ("/", "/"),
];

/// Ctrl stays down for the next key.
#[component]
pub fn KeyBar(session: Session) -> impl IntoView {
    let words = use_words();
    let ctrl = move |_| {
        session.has_ctrl.update(|has_ctrl| *has_ctrl = !*has_ctrl);
        session.on_screen(Screen::focus);
    };
    let key = move |(sign, press): (&'static str, &'static str)| {
        view! {
            <button type="button" class="term-key" on:click=move |_| session.on_screen(|screen| screen.press(press))>
                {sign}
            </button>
        }
    };
    // A press must not take the keyboard away from the terminal: a phone would fold its own.
    let stay = |event: leptos::ev::PointerEvent| event.prevent_default();
    view! {
        <div class="term-keys" role="group" aria-label=words.terminal_keys() on:pointerdown=stay>
            <button
                type="button"
                class="term-key"
                aria-pressed=move || session.has_ctrl.get().to_string()
                on:click=ctrl
            >
                "Ctrl"
            </button>
            {KEYS.map(key).collect_view()}
        </div>
    }
}
