//! One rule: what it says, where, how it does, and what may be done to it.

use super::{Rules, sentence};
use crate::{
    api::{rules::update_rule, wire::version},
    i18n::use_words,
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use model::{Rule, RuleDraft, RuleRow, Severity};

/// What opens its dialogs: to edit it, to remove it, to silence it.
type Opening = (RwSignal<bool>, RwSignal<bool>, RwSignal<bool>);

pub fn row(rules: Rules, id: i64, opening: Opening) -> AnyView {
    let words = use_words();
    let row = rules.roll.one(id);
    let with = move |read: &dyn Fn(&RuleDraft) -> String| {
        row.with(|row| row.as_ref().map(|row| read(&row.rule.draft)).unwrap_or_default())
    };
    let severity = Memo::new(move |_| {
        row.with(|row| row.as_ref().map_or(Severity::Info, |row| row.rule.draft.severity))
    });
    let mark = move || view! { <SeverityMark severity=severity.get() is_over=false /> };
    let is_admin = use_visitor().is_admin();
    view! {
        <div class="list-row rule-row" role="row" id=format!("rule-{id}") class:off=move || !is_on(row)>
            <span role="cell" class="rule-name">
                {mark}
                <strong>{move || with(&|draft| draft.name.clone())}</strong>
                <QuietBadge mark=Signal::derive(move || row.with(|row| row.as_ref()?.quiet.clone())) />
            </span>
            <span role="cell" class="rule-says">{move || with(&|draft| sentence::says(words, draft))}</span>
            <span role="cell" class="rule-where">
                {move || with(&|draft| sentence::holds(words, &draft.scope))}
            </span>
            <span role="cell" class="rule-tally">{tally(row)}</span>
            <span role="cell" class="rule-switch">{enabled(rules, row, is_admin)}</span>
            <span role="cell" class="list-actions">
                {is_admin.then(|| acts(rules, row, opening))}
            </span>
        </div>
    }
    .into_any()
}

fn is_on(row: Memo<Option<RuleRow>>) -> bool {
    row.with(|row| row.as_ref().is_some_and(|row| row.rule.draft.enabled))
}

/// How often it fired, and what of it goes on.
fn tally(row: Memo<Option<RuleRow>>) -> AnyView {
    let words = use_words();
    let tally = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.tally)).unwrap_or_default());
    let fired = move || match tally.get().fired {
        0 => words.rule_never().to_owned(),
        count => words.rule_times(count),
    };
    view! {
        <small class="rule-week">{words.rule_last_week()}</small>
        <span>{fired}</span>
        <Show when=move || { tally.get().open > 0 }>
            <a class="rule-open" href="/alerts?state=open">{move || words.rule_open(tally.get().open)}</a>
        </Show>
    }
    .into_any()
}

fn enabled(rules: Rules, row: Memo<Option<RuleRow>>, is_admin: bool) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let name = row.with_untracked(|row| row.as_ref().map(|row| row.rule.draft.name.clone()));
    let label = words.rule_enabled_of(&name.unwrap_or_default());
    let write = move |enabled: bool| {
        let Some(before) = row.get_untracked() else { return };
        let (id, draft) = (before.rule.id, RuleDraft { enabled, ..before.rule.draft.clone() });
        let name = &draft.name;
        let said = if enabled { words.rule_said_on(name) } else { words.rule_said_off(name) };
        let changed = RuleRow { rule: Rule { id, draft: draft.clone() }, ..before.clone() };
        let row = changed.clone();
        let seen = Some(version(&before.rule.draft));
        let ask = async move { Ok(RuleRow { rule: update_rule(id, draft, seen).await?, ..row }) };
        rules.roll.send(acts, (before, changed), ask, said);
    };
    let value = Bind::new(move || is_on(row), write);
    view! { <Switch label name="enabled" value bare=true disabled=Signal::derive(move || !is_admin) /> }
        .into_any()
}

fn acts(rules: Rules, row: Memo<Option<RuleRow>>, (editing, removing, silencing): Opening) -> AnyView {
    let words = use_words();
    let name =
        move || row.with(|row| row.as_ref().map(|row| row.rule.draft.name.clone()).unwrap_or_default());
    let open = move |dialog: RwSignal<bool>| {
        rules.chosen.set(row.get_untracked().map(|row| row.rule));
        dialog.set(true);
    };
    let edit = Signal::derive(move || words.rule_edit_of(&name()));
    let silence = Signal::derive(move || words.quiet_now_of(&name()));
    let remove = Signal::derive(move || words.user_remove_of(&name()));
    view! {
        {row_act(IconName::BellOff, "", silence, move || open(silencing))}
        {row_act(IconName::Edit, words.action_edit(), edit, move || open(editing))}
        {row_act(IconName::Trash, words.action_remove(), remove, move || open(removing))}
    }
    .into_any()
}
