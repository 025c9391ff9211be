//! How many devices are in each state; each count is a filter.

use super::{board::Board, filter::toggle_state};
use crate::{
    i18n::use_words,
    live::Link,
    parts::{StateMark, state_word},
};
use leptos::prelude::*;
use model::State;

#[component]
pub fn Strip(board: Board) -> impl IntoView {
    let words = use_words();
    let counts = State::ALL.map(|state| {
        let count = move || board.fleet.counts().of(state);
        view! {
            <button
                type="button"
                class="count"
                data-state=state.word()
                class:none=move || count() == 0
                aria-pressed=move || board.filter.with(|f| if f.has_state(state) { "true" } else { "false" })
                on:click=move |_| board.set_filter(toggle_state(&board.text.get_untracked(), state))
            >
                <StateMark state=state quiet=true />
                <strong>{count}</strong>
                <span aria-hidden="true">{state_word(words, state)}</span>
            </button>
        }
    });
    view! {
        <div class="strip">
            <div class="counts" role="group" aria-label=words.strip_label()>
                {counts}
            </div>
            <p class="link-state" data-link=move || link_word(board.fleet.link())>
                {move || match board.fleet.link() {
                    Link::Opening => words.link_opening(),
                    Link::Live => words.link_live(),
                    Link::Lost { .. } => words.link_lost(),
                }}
            </p>
        </div>
    }
}

fn link_word(link: Link) -> &'static str {
    match link {
        Link::Opening => "opening",
        Link::Live => "live",
        Link::Lost { .. } => "lost",
    }
}
