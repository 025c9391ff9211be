//! One line: when, how bad, where, what about, and what it says.

use crate::{
    i18n::{Words, use_words},
    parts::{Ago, Mark},
};
use leptos::prelude::*;
use model::{LogLevel, LogLine, LogWay, State};

pub fn line(line: LogLine, has_name: bool) -> AnyView {
    let words = use_words();
    let name = has_name.then(|| {
        let path = format!("/devices/{}", line.device);
        view! { <a class="log-device" href=path>{line.name.clone()}</a> }
    });
    let topics = line.topics.iter().map(|topic| view! { <span class="tag">{topic.clone()}</span> });
    let sent = (line.way == LogWay::Syslog).then(|| view! { <span class="tag">"syslog"</span> });
    let gap = line.is_after_gap.then(|| view! { <p class="log-gap">{words.log_gap()}</p> });
    view! {
        <li class="log-line" data-level=line.level.word()>
            <div class="log-head">
                <Ago at=line.at />
                {mark(words, line.level)}
                {name}
                {topics.collect_view()}
                {sent}
            </div>
            <p class="log-message">{line.message}</p>
            {gap}
        </li>
    }
    .into_any()
}

/// Not a device's state, but as bad as one.
fn mark(words: Words, level: LogLevel) -> AnyView {
    let (state, like) = match level {
        LogLevel::Critical => (State::Down, State::Down),
        LogLevel::Error => (State::Down, State::Unknown),
        LogLevel::Warning => (State::Degraded, State::Degraded),
        LogLevel::Info | LogLevel::Debug => (State::Paused, State::Unknown),
    };
    view! { <Mark state like word=words.log_level(level).to_owned() /> }.into_any()
}
