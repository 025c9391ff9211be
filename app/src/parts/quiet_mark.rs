//! That nobody is told of something for now, and why.

use super::{Icon, IconName, use_now};
use crate::{
    format,
    i18n::{Words, use_words},
};
use leptos::prelude::*;
use model::{QuietKind, QuietMark, Timestamp};

/// What a kind is called.
pub fn quiet_word(words: Words, kind: QuietKind) -> &'static str {
    match kind {
        QuietKind::Maintenance => words.quiet_maintenance(),
        QuietKind::Silence => words.quiet_silence(),
    }
}

pub fn quiet_icon(kind: QuietKind) -> IconName {
    match kind {
        QuietKind::Maintenance => IconName::Wrench,
        QuietKind::Silence => IconName::BellOff,
    }
}

/// `Maintenance: Core upgrade, 2 h left`
pub fn quiet_told(words: Words, mark: &QuietMark, now: Timestamp) -> String {
    let left = format::span(words, mark.until.since_ms(now).max(0) / 1000);
    words.quiet_runs(&quiet_word(words, mark.kind), &left, &mark.title)
}

/// An icon where there is no room for more; nothing while nothing runs.
#[component]
pub fn QuietBadge(#[prop(into)] mark: Signal<Option<QuietMark>>) -> impl IntoView {
    let (words, now) = (use_words(), use_now());
    let mark = Memo::new(move |_| mark.get());
    move || {
        mark.get().map(|mark| {
            let icon = quiet_icon(mark.kind);
            let text = Signal::derive(move || quiet_told(words, &mark, now.get()));
            view! {
                <span class="quiet-badge" title=move || text.get()>
                    <Icon name=icon />
                    <span class="hidden">{move || text.get()}</span>
                </span>
            }
        })
    }
}
