//! One line: when, how bad, where, what about, and what it says.

use crate::{
    i18n::{Words, use_words},
    parts::{Ago, Mark},
};
use leptos::prelude::*;
use model::{LogLevel, LogLine, LogLoss, LogWay, LossCause, State};

pub fn line(line: LogLine, has_name: bool) -> AnyView {
    let words = use_words();
    let name = has_name.then(|| {
        let path = format!("/devices/{}", line.device);
        view! { <a class="log-device" href=path>{line.name.clone()}</a> }
    });
    let topics = line.topics.iter().map(|topic| view! { <span class="tag">{topic.clone()}</span> });
    let sent = (line.way != LogWay::Api).then(|| view! { <span class="tag">{line.way.word()}</span> });
    let (message, gap) = match line.way {
        LogWay::Api => (line.message, Some(words.log_gap())),
        LogWay::Syslog => (line.message, Some(words.log_gap_sent())),
        LogWay::Dropped(loss) => (dropped(words, loss), None),
    };
    let gap = gap.filter(|_| line.is_after_gap).map(|text| view! { <p class="log-gap">{text}</p> });
    view! {
        <li class="log-line" data-level=line.level.word()>
            <div class="log-head">
                <Ago at=line.at />
                {mark(words, line.level)}
                {name}
                {topics.collect_view()}
                {sent}
            </div>
            <p class="log-message">{message}</p>
            {gap}
        </li>
    }
    .into_any()
}

/// What stands where lines that were sent are missing.
fn dropped(words: Words, loss: LogLoss) -> String {
    match loss.why {
        LossCause::TooMany => words.log_dropped(loss.lines, &LogLoss::LINES_PER_S),
        LossCause::NoRoom => words.log_no_room(loss.lines),
    }
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
