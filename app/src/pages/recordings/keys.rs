//! The player under the keyboard, and the line that says so.

use super::deck::Deck;
use crate::{
    browser,
    i18n::Words,
    parts::{KeyHelp, key_row},
};
use leptos::{ev, prelude::*};

/// How far an arrow goes.
const STEP_MS: i64 = 5_000;

/// Where the search's text is typed.
pub const SEARCH: &str = "replay-search";

/// Listens while the player is on the page. What is in a dialog or goes into a text is not for it.
pub fn listen(deck: Deck) {
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            if browser::is_typing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            match browser::pressed(&event).as_str() {
                // A button or a box that has the keyboard is pressed by it.
                " " if browser::is_idle() && !browser::is_there("input[type=checkbox]:focus") => {
                    deck.toggle();
                }
                "ArrowLeft" => deck.seek_by(-STEP_MS),
                "ArrowRight" => deck.seek_by(STEP_MS),
                "Home" => deck.seek(0),
                "End" => deck.seek(u64::MAX),
                "-" => deck.change_speed(false),
                // Where no other key has to be held down for it.
                "+" | "=" => deck.change_speed(true),
                "/" => drop(browser::element(SEARCH).map(|search| search.focus())),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    });
}

/// Which keys there are.
pub fn list(words: Words) -> Vec<KeyHelp> {
    let play = format!("{}, {}", words.recording_play(), words.device_pause());
    let keys = [
        ("← →", words.recording_keys_step()),
        ("Home End", words.recording_keys_ends()),
        ("- +", words.recording_speed()),
        ("/", words.audit_text()),
        ("Enter", words.recording_keys_next()),
    ];
    let keys = keys.into_iter().map(|(key, what)| (key, what.to_owned()));
    std::iter::once((words.recording_key_space(), play)).chain(keys).collect()
}

/// The same on the page itself; a screen that is touched has none.
pub fn help(words: Words) -> AnyView {
    let keys = list(words).into_iter().map(key_row).collect_view();
    view! { <dl class="replay-keys" aria-label=words.keys_title()>{keys}</dl> }.into_any()
}
