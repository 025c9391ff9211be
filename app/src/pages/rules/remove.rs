//! Removing a rule, with the alerts of it that are open.

use super::Rules;
use crate::{api::rules::remove_rule, i18n::use_words, parts::*};
use leptos::prelude::*;

#[component]
pub fn RemoveRule(rules: Rules, open: RwSignal<bool>) -> impl IntoView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let name = Signal::derive(move || {
        rules.chosen.with(|chosen| chosen.as_ref().map(|rule| rule.draft.name.clone()).unwrap_or_default())
    });
    let on_confirm = move |()| {
        let Some(rule) = rules.chosen.get_untracked() else { return };
        task.run(remove_rule(rule.id), move |()| {
            acts.say(words.router_said_removed(&rule.draft.name));
            open.try_set(false);
            rules.roll.forget(rule.id.0);
        });
    };
    view! {
        <ConfirmRemove
            open
            lost=Signal::derive(move || words.rule_remove_lost().to_owned())
            name
            task
            on_confirm
        />
    }
}
