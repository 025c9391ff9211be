//! Keys that work on every page, and the card that lists them.

use super::palette::use_palette;
use crate::{browser, i18n::use_words, parts::Dialog, use_visitor};
use leptos::{ev, prelude::*};

#[component]
pub fn Keys() -> impl IntoView {
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
    let pick = use_visitor().is_admin().then(|| ("x", words.keys_pick()));
    let keys = [
        ("Ctrl K", words.keys_palette()),
        ("/", words.keys_filter()),
        ("j k", words.keys_move()),
        ("Enter", words.keys_open()),
        ("Esc", words.keys_close()),
        ("?", words.keys_help()),
    ];
    view! {
        <Dialog open=help title=words.keys_title()>
            <dl class="keys">
                {keys
                    .into_iter()
                    .chain(pick)
                    .map(|(key, what)| {
                        view! {
                            <div>
                                <dt>
                                    <kbd>{key}</kbd>
                                </dt>
                                <dd>{what}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            <p>{words.filter_words()}</p>
        </Dialog>
    }
}
