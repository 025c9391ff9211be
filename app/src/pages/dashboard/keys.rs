//! The list under the keyboard: `/` filters, `j` `k` move, Enter opens, Esc closes.

use super::{board::Board, toolbar::FILTER_ID};
use crate::browser;
use leptos::{ev, prelude::*};
use model::DeviceId;

#[component]
pub fn ListKeys(board: Board) -> impl IntoView {
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            if browser::is_typing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            match event.key().as_str() {
                "/" => drop(browser::element(FILTER_ID).map(|filter| filter.focus())),
                "j" => bring_into_sight(board.step(1)),
                "k" => bring_into_sight(board.step(-1)),
                "Enter" if browser::is_idle() => match board.cursor.get_untracked() {
                    Some(id) => board.show(id),
                    None => return,
                },
                "Escape" if board.open.get_untracked().is_some() => board.close(),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    });
}

/// The spare rows around the window see to it that the next row always exists.
fn bring_into_sight(id: Option<DeviceId>) {
    if let Some(id) = id {
        browser::scroll_to(&format!("tr[data-id=\"{id}\"]"));
    }
}
