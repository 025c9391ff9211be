//! The program's own log, for admins: the last lines, and those that follow as they are written.
//!
//! What stands in a line may come from anywhere; it is only ever text here.

mod console;
mod held;
mod level;
mod row;

use crate::{
    api::server_log::load_server_log,
    i18n::{Words, use_words},
    pages::{history::provide_zone, not_allowed::not_allowed},
    parts::*,
    use_visitor,
};
use console::{Console, Link};
use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::params::ParamsMap;
use model::{ServerLogLevel, ServerLogWish};

#[component]
pub fn ServerLogPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    provide_zone();
    view! {
        <Title text=words.own_log_title() />
        <div class="page own-log">
            {addressed(wish_of, |wish| load_server_log(wish.clone()), |page, wish| board(Console::new(page, wish)))}
        </div>
    }
    .into_any()
}

/// What the address asks for: `/admin/logs?level=warn&text=journal`.
fn wish_of(query: &ParamsMap) -> ServerLogWish {
    let word = |name: &str| query::asked_word(query, name);
    ServerLogWish { least: ServerLogLevel::from_word(&word("level")).unwrap_or_default(), text: word("text") }
}

fn board(console: Console) -> AnyView {
    let words = use_words();
    console.connect();
    view! {
        <header class="page-head">
            <div>
                <h1>{words.own_log_title()}</h1>
                <p>{words.own_log_lead()}</p>
            </div>
        </header>
        {level::written(console)}
        {tools(words, console)}
        {lines(words, console)}
    }
    .into_any()
}

/// What is shown of it. The form works without scripts; with them it is obeyed as it is filled in.
fn tools(words: Words, console: Console) -> AnyView {
    let is_awake = use_awake();
    let chosen = move || console.wish.with(|wish| wish.least);
    let option = move |level: ServerLogLevel| {
        view! {
            <option value=level.word() selected=move || chosen() == level>
                {level_word(words, level)}
            </option>
        }
    };
    let choose = move |event: ev::Event| {
        let level = ServerLogLevel::from_word(&event_target_value(&event)).unwrap_or_default();
        console.wish.update(|wish| wish.least = level);
    };
    let search = move |event: ev::Event| console.wish.update(|wish| wish.text = event_target_value(&event));
    view! {
        <form
            class="own-log-tools"
            role="search" method="get" action="/admin/logs"
            on:submit=move |event: ev::SubmitEvent| event.prevent_default()
        >
            <label class="list-field">
                <span>{words.own_log_least()}</span>
                <select class="input" name="level" prop:value=move || chosen().word() on:change=choose>
                    {ServerLogLevel::ALL.map(option).collect_view()}
                </select>
            </label>
            <label class="list-field own-log-search">
                <span>{words.own_log_search()}</span>
                <input
                    class="input"
                    type="search"
                    name="text"
                    autocomplete="off"
                    maxlength="128"
                    value=console.wish.with_untracked(|wish| wish.text.clone())
                    on:input=search
                />
            </label>
            <span hidden=move || is_awake.get()>
                <Button submit=true>{words.list_filter()}</Button>
            </span>
            {pause(words, console)}
            <span class="own-log-link" role="status">
                {move || told(words, console)}
            </span>
        </form>
    }
    .into_any()
}

fn pause(words: Words, console: Console) -> AnyView {
    let is_paused = move || console.paused.with(Option::is_some);
    view! {
        <Button on:click=move |_| console.toggle_pause()>
            <Show when=is_paused fallback=|| view! { <Icon name=IconName::Pause /> }>
                <Icon name=IconName::Play />
            </Show>
            {move || if is_paused() { words.own_log_go_on() } else { words.own_log_pause() }}
        </Button>
        <span class="own-log-meanwhile">{move || console.meanwhile().map(|count| words.own_log_meanwhile(count))}</span>
    }
    .into_any()
}

/// How the page stands to the log. Said aloud, so without a number that counts.
fn told(words: Words, console: Console) -> &'static str {
    match (console.paused.get(), console.link.get()) {
        (_, Link::Lost) => words.own_log_lost(),
        (Some(_), _) => words.own_log_paused(),
        (None, Link::Live) => words.own_log_live(),
        (None, Link::Opening) => "",
    }
}

/// The newest at the bottom, where the page stays until somebody scrolls up.
fn lines(words: Words, console: Console) -> AnyView {
    let shown = Memo::new(move |_| console.shown());
    let older = move || shown.with(|shown| shown.older);
    let is_empty = move || shown.with(|shown| shown.lines.is_empty());
    view! {
        <div class="own-log-scroll" role="log" aria-live="off" aria-label=words.own_log_title() tabindex="0">
            <div class="own-log-lines">
                <Show when=move || { older() > 0 }>
                    <p class="own-log-note">{move || words.own_log_older(older())}</p>
                </Show>
                <Show when=is_empty>
                    <p class="list-none">{words.own_log_none()}</p>
                </Show>
                <For each=move || shown.get().lines key=|held| held.line.seq let:held>
                    {row::row(words, held)}
                </For>
            </div>
        </div>
    }
    .into_any()
}

pub fn level_word(words: Words, level: ServerLogLevel) -> &'static str {
    match level {
        ServerLogLevel::Error => words.own_log_error(),
        ServerLogLevel::Warn => words.own_log_warn(),
        ServerLogLevel::Info => words.own_log_info(),
        ServerLogLevel::Debug => words.own_log_debug(),
        ServerLogLevel::Trace => words.own_log_trace(),
    }
}
