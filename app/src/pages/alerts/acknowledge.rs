//! Saying that one sees to an incident, with a word for the others; and more words later.

use super::Alerts;
use crate::{api::alerts, i18n::use_words, parts::*};
use leptos::{ev, prelude::*};
use model::Incident;

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
    let (is_seen, note) = (untrack(move || is_seen(alerts)), RwSignal::new(String::new()));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(incident) = alerts.chosen.get_untracked() else { return };
        let word = note.get_untracked().trim().to_owned();
        let done = move |changed: Incident| {
            acts.say(words.alert_said_seen(&changed.name));
            open.set(false);
            alerts.put(changed);
        };
        if is_seen {
            task.run(alerts::add_note(incident.id, word), done);
        } else {
            task.run(alerts::acknowledge(incident.id, (!word.is_empty()).then_some(word)), done);
        }
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            {(!is_seen).then(|| view! { <p>{words.alert_acknowledge_text()}</p> })}
            <ErrorNote error=task.error_beside(&["note"]) />
            <TextField
                label=words.alert_note()
                name="note"
                value=note
                hint=if is_seen { "" } else { words.alert_note_hint() }
                error=task.fields.at("note")
                autocomplete="off"
            />
            {form_foot(open, task, if is_seen { words.alert_change_note() } else { words.alert_acknowledge() })}
        </form>
    }
    .into_any()
}
