//! What the rule in the form would have told of the last days.

use super::editor::Editing;
use crate::{
    api::rules::replay_rule,
    format,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::prelude::*;
use model::{Firing, Replay};

/// The days that may be looked back.
const DAYS: [u32; 3] = [1, 7, 30];
/// Firings that are listed.
const LISTED_MAX: usize = 20;

#[component]
pub fn Preview(editing: Editing) -> impl IntoView {
    let (words, task) = (use_words(), Task::new());
    let days = RwSignal::new(7_u32);
    // What was typed since then was not tried.
    let tried = RwSignal::new(None::<(super::form::Form, Replay)>);
    let run = move || {
        editing.task.forgive();
        let Some(draft) = editing.draft() else { return };
        let form = editing.form.get_untracked();
        task.run(replay_rule(draft, days.get_untracked()), move |replay| {
            tried.try_set(Some((form, replay)));
        });
    };
    let shown = Memo::new(move |_| {
        tried.with(|tried| {
            let (form, replay) = tried.as_ref()?;
            editing.form.with(|now| is_same(now, form)).then(|| replay.clone())
        })
    });
    let options =
        DAYS.map(|days| Pick { value: days.to_string(), text: words.rule_days(days.into()) }).into();
    let value = Bind::new(
        move || days.get().to_string(),
        move |text: String| text.parse().into_iter().for_each(|chosen| days.set(chosen)),
    );
    let is_pending = task.is_pending();
    let told = move || match (is_pending.get(), shown.get()) {
        (true, _) => Some(view! { <Spinner label=words.rule_trying() /> }.into_any()),
        (false, Some(replay)) => Some(answer(words, &replay)),
        (false, None) => None,
    };
    view! {
        <div class="rule-preview">
            <div class="rule-try">
                <SelectField label=words.rule_try_days() name="rule-days" options value />
                <Button busy=is_pending on:click=move |_| run()>
                    <Icon name=IconName::History />
                    {words.rule_try()}
                </Button>
            </div>
            <ErrorNote error=task.error() />
            <div role="status">{told}</div>
        </div>
    }
}

/// Whether both say the same of numbers and states: a name, a severity and a switch change no past.
fn is_same(now: &super::form::Form, tried: &super::form::Form) -> bool {
    let (name, severity, is_enabled) = (now.name.clone(), now.severity, now.is_enabled);
    *now == super::form::Form { name, severity, is_enabled, ..tried.clone() }
}

fn answer(words: Words, replay: &Replay) -> AnyView {
    let title = match replay.total {
        0 => words.rule_fires_none().to_owned(),
        count => words.rule_fires(count),
    };
    let listed = replay.firings.len().min(LISTED_MAX);
    let notes = [
        (replay.total > listed as u64).then(|| words.rule_fires_more(&listed)),
        replay.is_coarse.then(|| words.rule_fires_coarse().to_owned()),
        (replay.left_out > 0).then(|| words.rule_fires_left_out().to_owned()),
        (!replay.is_kept).then(|| words.rule_fires_unkept().to_owned()),
    ];
    let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let items = replay.firings.iter().take(LISTED_MAX).map(|firing| item(words, firing));
    view! {
        <p>
            <strong>{title}</strong>
            " "
            {notes}
        </p>
        <ul class="rule-firings">{items.collect_view()}</ul>
    }
    .into_any()
}

fn item(words: Words, firing: &Firing) -> AnyView {
    let lasted = match firing.until {
        Some(until) => format::span(words, until.since_ms(firing.since) / 1_000),
        None => words.rule_goes_on().to_owned(),
    };
    let number = firing.crossing.as_ref().map(|crossing| {
        let what = format::measured_what(words, crossing);
        format!("{what} {}", format::measured(words, crossing.measure, crossing.value))
    });
    view! {
        <li>
            <Ago at=firing.since />
            <a href=format!("/history/{}", firing.device)>{firing.name.clone()}</a>
            <span>{number}</span>
            <span>{lasted}</span>
        </li>
    }
    .into_any()
}
