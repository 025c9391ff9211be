//! The list under the keyboard: `/` filters, `j` `k` move, `x` picks, Enter opens, Esc closes.

use super::{board::Board, toolbar::FILTER_ID};
use crate::{browser, i18n::use_words, parts::offer_keys, use_visitor};
use leptos::{ev, prelude::*};
use model::DeviceId;

#[component]
pub fn ListKeys(board: Board) -> impl IntoView {
    let is_admin = use_visitor().is_admin();
    say_keys(is_admin);
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            // An open menu is closed by the browser.
            let is_for_menu = event.key() == "Escape" && browser::is_there(":popover-open");
            if is_for_menu || browser::is_typing() || event.ctrl_key() || event.meta_key() || event.alt_key()
            {
                return;
            }
            match browser::pressed(&event).as_str() {
                "/" => drop(browser::element(FILTER_ID).map(|filter| filter.focus())),
                "j" => bring_into_sight(board, board.step(1)),
                "k" => bring_into_sight(board, board.step(-1)),
                "x" if is_admin => match board.cursor.get_untracked() {
                    Some(id) => board.picks.toggle(id),
                    None => return,
                },
                "Enter" if browser::is_idle() => match board.cursor.get_untracked() {
                    Some(id) => board.show(id),
                    None => return,
                },
                "Escape" if board.open.get_untracked().is_some() => board.close(),
                "Escape" if board.picks.ids.with_untracked(|ids| !ids.is_empty()) => {
                    board.picks.set_all(false)
                }
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    });
}

fn say_keys(is_admin: bool) {
    let words = use_words();
    let pick = is_admin.then(|| ("x", words.keys_pick()));
    let keys =
        [("/", words.keys_filter()), ("j k", words.keys_move()), ("Enter", words.keys_open())].into_iter();
    let keys = keys.chain(pick).map(|(key, what)| (key, what.to_owned())).collect();
    offer_keys(keys, Some(words.filter_words()));
}

/// The keyboard goes along, so that Enter means this row; but never out of the drawer.
fn bring_into_sight(board: Board, id: Option<DeviceId>) {
    let Some(id) = id else { return };
    let row = format!("tr[data-id=\"{id}\"]");
    let is_drawn = browser::is_there(&row);
    let reveal = move || {
        // Who steps faster than rows are drawn has gone on by then.
        if board.cursor.try_get_untracked().flatten() != Some(id) {
            return;
        }
        browser::scroll_to(&row);
        if board.open.get_untracked().is_none() {
            browser::focus(&row_link(id));
        }
    };
    if is_drawn {
        reveal();
    } else {
        board.draw(id);
        browser::when_drawn(reveal);
    }
}

/// The link in a device's row.
pub fn row_link(id: DeviceId) -> String {
    format!("tr[data-id=\"{id}\"] .c-name a")
}
