//! How telling goes at a channel: colour, shape and text, since when, and what waits.

use crate::{format, i18n::use_words, parts::*};
use leptos::prelude::*;
use model::{Channel, ChannelHealth, State};

pub fn health(channel: Memo<Option<Channel>>) -> AnyView {
    let (words, now) = (use_words(), use_now());
    let health = Memo::new(move |_| {
        channel.with(|channel| channel.as_ref().map(|one| one.health.clone()).unwrap_or_default())
    });
    let is_on = Memo::new(move |_| channel.with(|channel| channel.as_ref().is_some_and(|one| one.enabled)));
    let state = Memo::new(move |_| if is_on.get() { health.with(look) } else { State::Paused });
    let word = move || match state.get() {
        State::Paused => words.channel_off(),
        State::Down => words.channel_failing(),
        State::Up => words.channel_well(),
        _ => words.channel_unused(),
    };
    let failing = Memo::new(move |_| health.with(|health| health.failing_since));
    let sent = Memo::new(move |_| health.with(|health| health.sent_at));
    let since = Signal::derive(move || failing.get().unwrap_or_default());
    let how_long = move || words.alert_for(&format::span(words, now.get().since_ms(since.get()) / 1000));
    let why = move || health.with(|health| health.failure.clone().filter(|_| health.failing_since.is_some()));
    let deaf = move || health.with(|health| health.deaf.clone());
    let waiting = move || health.with(|health| Some(health.waiting).filter(|count| *count > 0));
    let given_up = move || health.with(|health| Some(health.given_up).filter(|count| *count > 0));
    view! {
        <span class="channel-state">
            <Mark state word=Signal::derive(move || word().to_owned()) />
            <Show when=move || failing.get().is_some()>
                <small>
                    <Moment at=since text=Signal::derive(how_long) />
                </small>
            </Show>
        </span>
        {move || why().map(|why| view! { <small class="channel-why">{why}</small> })}
        {move || deaf().map(|why| view! { <small class="channel-why">{words.channel_deaf()} ": " {why}</small> })}
        <Show when=move || sent.get().is_some()>
            <small>
                {words.channel_sent()} " " <Ago at=Signal::derive(move || sent.get().unwrap_or_default()) />
            </small>
        </Show>
        {move || waiting().map(|count| view! { <small>{words.channel_waiting(count)}</small> })}
        {move || given_up().map(|count| view! { <small>{words.channel_given_up(count)}</small> })}
    }
    .into_any()
}

/// The state of a device whose colour it wears.
fn look(health: &ChannelHealth) -> State {
    match (health.failing_since, health.sent_at) {
        (Some(_), _) => State::Down,
        (None, Some(_)) => State::Up,
        (None, None) => State::Unknown,
    }
}
