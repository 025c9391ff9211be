//! One line.

use super::held::Held;
use crate::{
    browser, format,
    i18n::Words,
    pages::history::use_zone,
    parts::{Icon, IconName, Tone, use_toasts},
};
use leptos::prelude::*;
use model::{ServerLine, ServerLogLevel};

pub fn row(words: Words, held: Held) -> AnyView {
    let Held { line, missed } = held;
    let (zone, toasts, at) = (use_zone(), use_toasts(), line.at);
    let time = move || zone.get().moment(words, at, true);
    let look = match line.level {
        ServerLogLevel::Error => "down",
        ServerLogLevel::Warn => "degraded",
        ServerLogLevel::Info | ServerLogLevel::Debug | ServerLogLevel::Trace => "paused",
    };
    let gap = (missed > 0).then(|| view! { <p class="own-log-note">{words.own_log_missed(missed)}</p> });
    let details = line.details();
    let details = (!details.is_empty()).then(|| view! { <small>{details}</small> });
    let place = place(&line);
    let message = line.message.clone();
    let word = line.level.word();
    let copy = move |_| {
        if browser::copy(&as_text(&line)) {
            toasts.say(Tone::Good, words.copy_done());
        } else {
            toasts.say(Tone::Bad, words.own_log_no_clipboard());
        }
    };
    view! {
        {gap}
        <div class="own-log-line" data-state=look>
            <time datetime=format::iso(at)>{time}</time>
            <strong class="own-log-level">{word}</strong>
            <span class="own-log-place">{place}</span>
            <span class="own-log-text">{message} " " {details}</span>
            <button
                type="button"
                class="own-log-copy"
                aria-label=words.own_log_copy()
                title=words.own_log_copy()
                on:click=copy
            >
                <Icon name=IconName::Copy />
            </button>
        </div>
    }
    .into_any()
}

/// Where in the program it was said.
fn place(line: &ServerLine) -> String {
    let around: String = line.spans.iter().map(|span| format!(" › {span}")).collect();
    format!("{}{around}", line.target)
}

/// As it would stand in a file.
fn as_text(line: &ServerLine) -> String {
    let (at, level) = (format::iso(line.at), line.level.word().to_uppercase());
    format!("{at} {level} {}: {} {}", place(line), line.message, line.details()).trim_end().to_owned()
}
