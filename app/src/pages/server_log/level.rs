//! What is written at all: a level for those who want one, a filter for those who know them.

use super::{console::Console, level_word};
use crate::{
    api::server_log::change_log_filter,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*};
use model::{LogFilter, ServerLogLevel};

/// The choice of those who write a filter of their own.
const OWN: &str = "own";

pub fn written(console: Console) -> AnyView {
    let (words, task, toasts) = (use_words(), Task::new(), use_toasts());
    let filter = console.filter;
    let text = RwSignal::new(filter.with_untracked(|filter| filter.now.clone()));
    // What somebody else has changed shows up in the form, unless it is being filled in.
    Effect::new(move |before: Option<LogFilter>| {
        let now = filter.get();
        if before.is_some_and(|before| text.with_untracked(|text| *text == before.now)) {
            text.set(now.now.clone());
        }
        now
    });
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        task.run(change_log_filter(text.get_untracked()), move |now| {
            // The page may have been left meanwhile.
            text.try_set(now.now.clone());
            filter.try_set(now);
            toasts.say(Tone::Good, words.own_log_changed());
        });
    };
    let now = move || filter.with(|filter| filter.now.clone());
    let at_start = move || filter.with(|filter| filter.at_start.clone());
    view! {
        <details class="own-log-written">
            <summary>{words.own_log_written()} ": " <code>{now}</code></summary>
            <form class="form" method="post" on:submit=on_submit>
                <ErrorNote error=task.error_beside(&["filter"]) />
                {choice(words, text)}
                <TextField
                    label=words.own_log_filter()
                    name="log-filter"
                    value=text
                    hint=words.own_log_filter_hint()
                    error=task.fields.at("filter")
                />
                <p class="field-note">{words.own_log_until_restart()} " " <code>{at_start}</code></p>
                <div class="form-foot">
                    <Button look=Look::Primary submit=true busy=task.is_pending()>
                        {words.own_log_apply()}
                    </Button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

fn choice(words: Words, text: RwSignal<String>) -> AnyView {
    let level_of =
        |filter: &String| ServerLogLevel::ALL.into_iter().find(|level| level.filter() == filter.as_str());
    let read = move || text.with(level_of).map_or(OWN, ServerLogLevel::word).to_owned();
    let write = move |word: String| {
        if let Some(level) = ServerLogLevel::from_word(&word) {
            text.set(level.filter().to_owned());
        }
    };
    let mut options: Vec<Pick> = ServerLogLevel::ALL
        .map(|level| Pick { value: level.word().to_owned(), text: level_word(words, level).to_owned() })
        .into();
    options.push(Pick { value: OWN.to_owned(), text: words.own_log_own().to_owned() });
    view! { <SelectField label=words.own_log_level() name="log-level" options value=Bind::new(read, write) /> }
        .into_any()
}
