//! Saying that one sees to an incident, with a word for the others; and more words later.

use super::Alerts;
use crate::{
    api::{ApiError, alerts},
    i18n::use_words,
    parts::*,
};
use leptos::{ev, prelude::*};
use model::{Acknowledged, Incident};

#[component]
pub fn Acknowledge(alerts: Alerts, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let title = move || {
        let name = chosen_name(alerts);
        if is_seen(alerts) { words.alert_change_note_of(&name) } else { words.alert_acknowledge_of(&name) }
    };
    view! {
        <Dialog open title=Signal::derive(title) firm=true>
            {form(alerts, open)}
        </Dialog>
    }
}

fn chosen_name(alerts: Alerts) -> String {
    alerts.chosen.with(|chosen| chosen.as_ref().map(|incident| incident.name.clone()).unwrap_or_default())
}

fn is_seen(alerts: Alerts) -> bool {
    alerts.chosen.with(|chosen| chosen.as_ref().is_some_and(|incident| incident.acknowledged.is_some()))
}

fn form(alerts: Alerts, open: RwSignal<bool>) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let (is_seen, note) = (Memo::new(move |_| is_seen(alerts)), RwSignal::new(String::new()));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(incident) = alerts.chosen.get_untracked() else { return };
        let word = note.get_untracked().trim().to_owned();
        let done = move |changed: Incident| {
            acts.say(words.alert_said_seen(&changed.name));
            open.set(false);
            alerts.put(changed);
        };
        if is_seen.get_untracked() {
            task.run(alerts::add_note(incident.id, word), done);
        } else {
            task.run(alerts::acknowledge(incident.id, (!word.is_empty()).then_some(word)), done);
        }
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <Show when=move || !is_seen.get()>
                <p>{words.alert_acknowledge_text()}</p>
            </Show>
            <ErrorNote error=task.error_beside(&["note"]) />
            {overtaken(task, move || take_stored(alerts, task))}
            <TextField
                label=words.alert_note()
                name="note"
                value=note
                hint=Signal::derive(move || if is_seen.get() { String::new() } else { words.alert_note_hint().to_owned() })
                error=task.fields.at("note")
                autocomplete="off"
            />
            <Show
                when=move || is_seen.get()
                fallback=move || form_foot(open, task, words.alert_acknowledge())
            >
                {form_foot(open, task, words.alert_change_note())}
            </Show>
        </form>
    }
    .into_any()
}

/// Somebody else was faster: what was typed can still be a note beside their word.
fn take_stored(alerts: Alerts, task: Task) {
    let Some(ApiError::Changed { by: Some(by), at: Some(at) }) = task.error().get_untracked() else { return };
    task.forgive();
    alerts.chosen.update(|chosen| {
        if let Some(incident) = chosen {
            incident.acknowledged = Some(Acknowledged { at, by, note: None });
        }
    });
    alerts.refresh();
}
