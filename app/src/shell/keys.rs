//! Keys that work on every page, and the card that lists them.

use super::palette::use_palette;
use crate::{
    browser,
    i18n::{Words, use_words},
    parts::{Dialog, PageKeys, key_row},
};
use leptos::{ev, prelude::*};

/// `own` are those of the pages.
#[component]
pub fn Keys(own: PageKeys) -> impl IntoView {
    let words = use_words();
    let (palette, help) = (use_palette(), RwSignal::new(false));
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            let is_command = event.ctrl_key() || event.meta_key();
            match browser::pressed(&event).as_str() {
                "k" | "K" if is_command => palette.update(|open| *open = !*open),
                "?" if !is_command && !browser::is_typing() => help.set(true),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    });
    view! {
        <Dialog open=help title=words.keys_title()>
            {card(words, own)}
        </Dialog>
    }
}

/// Those of the page that is shown, and then those of every page.
fn card(words: Words, own: PageKeys) -> AnyView {
    let (keys, note) = own.now();
    let everywhere =
        [("Ctrl K", words.keys_palette()), ("Esc", words.keys_close()), ("?", words.keys_help())];
    let everywhere = everywhere.map(|(key, what)| (key, what.to_owned()));
    view! {
        <dl class="keys">{keys.into_iter().chain(everywhere).map(key_row).collect_view()}</dl>
        {note.map(|note| view! { <p>{note}</p> })}
    }
    .into_any()
}
