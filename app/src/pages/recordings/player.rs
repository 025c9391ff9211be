//! The player: a screen, what moves it, and a search in what it showed.

use super::{
    deck::{Deck, Phase, SPEEDS},
    feed, keys,
    looking::search,
    replay::{end_word, learn_end},
    tape::Pace,
};
use crate::{
    api::ApiError,
    browser,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*, task::spawn_local};
use model::Recording;

/// Where the screen is.
pub(super) const HOST: &str = "replay-screen";

/// So many times the end of one is asked for, a second apart: a database may be slow to take it.
const END_TRIES: u8 = 30;

/// Plays it, and learns its end for `known` where it goes on.
pub fn player(recording: &Recording, known: RwSignal<Recording>) -> AnyView {
    let words = use_words();
    let deck = Deck::new(words, (recording.columns, recording.rows));
    let (id, is_live) = (recording.id, recording.is_live());
    let label = format!("{} · {}", recording.device, words.terminal_title());
    Effect::new({
        let label = label.clone();
        move |_| {
            let label = label.clone();
            if is_live {
                deck.phase.set(Phase::Live);
            }
            let begun = Owner::current();
            spawn_local(async move {
                let Some(host) = browser::element(HOST) else { return };
                if !deck.open(&host, &label).await {
                    deck.phase.try_set(Phase::Failed(ApiError::Unreachable));
                } else if !is_live {
                    feed::load_all(deck, id).await;
                } else if let Some(owner) = begun {
                    owner.with(|| feed::follow(deck, id));
                }
            });
            on_cleanup(move || deck.close());
        }
    });
    if is_live {
        Effect::new(move |_| {
            if deck.phase.get() == Phase::Ready {
                learn_end(known, END_TRIES);
            }
        });
    }
    let shown = move || match deck.phase.get() {
        Phase::Loading => view! { <Spinner label=words.loading() /> }.into_any(),
        Phase::Failed(error) => view! { <ErrorNote error=Some(error) /> }.into_any(),
        Phase::Live => view! { <p class="recording-live" role="status">{words.link_live()}</p> }.into_any(),
        Phase::Ready => {
            let ended = deck.ended.get().and_then(|end| end_word(words, end));
            ended.map(|why| view! { <p role="status">{why}</p> }).into_any()
        }
    };
    let is_ready = Memo::new(move |_| deck.phase.get() == Phase::Ready);
    view! {
        <div class="replay-player">
            <div id=HOST class="replay-screen" role="group" aria-label=label tabindex="0"></div>
            {shown}
            <Show when=move || is_ready.get()>{controls(words, deck)} {search(words, deck)}</Show>
        </div>
    }
    .into_any()
}

fn controls(words: Words, deck: Deck) -> AnyView {
    keys::listen(deck);
    offer_keys(keys::list(words), None);
    let play = move || if deck.is_playing.get() { words.device_pause() } else { words.recording_play() };
    let icon = move || if deck.is_playing.get() { IconName::Pause } else { IconName::Play };
    let seek = move |event: ev::Event| {
        if let Ok(at_ms) = event_target_value(&event).parse() {
            deck.seek(at_ms);
        }
    };
    let option = |speed: f64| {
        let text = format!("{speed}×");
        view! { <option value=speed.to_string() selected={speed == 1.0}>{text}</option> }
    };
    let skip = move |event: ev::Event| {
        deck.set_pace(if event_target_checked(&event) { Pace::WithoutPauses } else { Pace::AsItWas });
    };
    // What was so from the beginning is no news.
    let told = RwSignal::new(String::new());
    Effect::watch(
        move || deck.speed.get(),
        move |speed, _, _| told.set(format!("{} {speed}×", words.recording_speed())),
        false,
    );
    let time = move || format!("{} / {}", clock(deck.at_ms.get()), clock(deck.length_ms.get()));
    view! {
        <div class="replay-bar">
            <button type="button" class="button" aria-label=play aria-keyshortcuts="Space" on:click=move |_| deck.toggle()>
                {move || view! { <Icon name=icon() /> }}
            </button>
            <input
                type="range"
                class="replay-seek"
                min="0"
                step="1"
                aria-label=words.recording_place()
                aria-keyshortcuts="ArrowLeft ArrowRight Home End"
                aria-valuetext=time
                max=move || deck.length_ms.get().to_string()
                prop:value=move || deck.at_ms.get().to_string()
                on:input=seek
            />
            <span class="replay-time">{time}</span>
            <select
                class="input"
                aria-label=words.recording_speed()
                aria-keyshortcuts="- Plus"
                prop:value=move || deck.speed.get().to_string()
                on:change=move |event| {
                    if let Ok(speed) = event_target_value(&event).parse() {
                        deck.speed.set(speed);
                    }
                }
            >
                {SPEEDS.into_iter().map(option).collect_view()}
            </select>
            <label class="replay-skip">
                <input type="checkbox" checked on:change=skip />
                {words.recording_skip()}
            </label>
            // Whoever changes it by a key does not hear the field.
            <span class="hidden" role="status">{told}</span>
        </div>
        {keys::help(words)}
    }
    .into_any()
}

/// `3:05`, `1:00:00`.
pub(super) fn clock(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_like_on_any_player() {
        assert_eq!([0, 999, 65_000, 3_600_000].map(clock), ["0:00", "0:00", "1:05", "1:00:00"]);
    }
}
