//! Saying that one sees to an incident, with a word for the others.

use super::Alerts;
use crate::{api::alerts, i18n::use_words, parts::*};
use leptos::{ev, prelude::*};

#[component]
pub fn Acknowledge(alerts: Alerts, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let title = move || words.alert_acknowledge_of(&chosen_name(alerts));
    view! {
        <Dialog open title=Signal::derive(title) firm=true>
            {form(alerts, open)}
        </Dialog>
    }
}

fn chosen_name(alerts: Alerts) -> String {
    alerts.chosen.with(|chosen| chosen.as_ref().map(|incident| incident.name.clone()).unwrap_or_default())
}

fn form(alerts: Alerts, open: RwSignal<bool>) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let said_before =
        alerts.chosen.with_untracked(|chosen| chosen.as_ref()?.acknowledged.as_ref()?.note.clone());
    let note = RwSignal::new(said_before.unwrap_or_default());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(incident) = alerts.chosen.get_untracked() else { return };
        let word = note.get_untracked().trim().to_owned();
        let word = (!word.is_empty()).then_some(word);
        task.run(alerts::acknowledge(incident.id, word), move |changed| {
            acts.say(words.alert_said_seen(&changed.name));
            open.set(false);
            alerts.put(changed);
        });
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p>{words.alert_acknowledge_text()}</p>
            <ErrorNote error=task.error_beside(&["note"]) />
            <TextField
                label=words.alert_note()
                name="note"
                value=note
                hint=words.alert_note_hint()
                error=task.fields.at("note")
                autocomplete="off"
            />
            <div class="form-foot">
                <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                <Button look=Look::Primary submit=true busy=task.is_pending()>
                    {words.alert_acknowledge()}
                </Button>
            </div>
        </form>
    }
    .into_any()
}
