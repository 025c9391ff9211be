//! A state as colour, shape and text, the same everywhere.

use crate::i18n::{Words, use_words};
use leptos::prelude::*;
use model::State;

/// The state's word on the screen.
pub fn state_word(words: Words, state: State) -> &'static str {
    match state {
        State::Up => words.state_up(),
        State::Degraded => words.state_degraded(),
        State::Down => words.state_down(),
        State::Unknown => words.state_unknown(),
        State::Paused => words.state_paused(),
    }
}

/// Disc, triangle, cross, ring and bars: told apart without colour.
fn shape(state: State) -> &'static str {
    match state {
        State::Up => "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z",
        State::Degraded => "M6 .8 11.6 11H.4z",
        State::Down => "M1 2.7 2.7 1 6 4.3 9.3 1 11 2.7 7.7 6 11 9.3 9.3 11 6 7.7 2.7 11 1 9.3 4.3 6z",
        State::Unknown => "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm0 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
        State::Paused => "M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z",
    }
}

/// The look of a state with a word of one's own, for what is no device.
#[component]
pub fn Mark(
    /// Whose colour it wears.
    #[prop(into)]
    state: Signal<State>,
    /// Whose shape, where that is another's.
    #[prop(optional)]
    like: Option<State>,
    #[prop(into)] word: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="state" data-state=move || state.get().word()>
            <svg class="state-shape" viewBox="0 0 12 12" aria-hidden="true">
                <path fill-rule="evenodd" d=move || shape(like.unwrap_or_else(|| state.get())) />
            </svg>
            <span class="state-word">{move || word.get()}</span>
        </span>
    }
}

/// With `quiet` the word is only for screen readers.
#[component]
pub fn StateMark(#[prop(into)] state: Signal<State>, #[prop(optional)] quiet: bool) -> impl IntoView {
    let words = use_words();
    view! {
        <span class="state" data-state=move || state.get().word()>
            <svg class="state-shape" viewBox="0 0 12 12" aria-hidden="true">
                <path fill-rule="evenodd" d=move || shape(state.get()) />
            </svg>
            <span class=if quiet { "hidden" } else { "state-word" }>
                {move || state_word(words, state.get())}
            </span>
        </span>
    }
}
