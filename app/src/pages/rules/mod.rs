//! Alert rules: when an alert is opened. Everybody sees them, and how they do; admins change them.

mod editor;
mod fields;
mod form;
mod preview;
mod remove;
mod row;
mod sentence;

use crate::{
    api::{load::load, rules::load_rules},
    i18n::{Words, use_words},
    parts::*,
    use_visitor,
};
use editor::Editor;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use model::{Rule, RuleId, RuleRow};
use remove::RemoveRule;
use std::time::Duration;

/// Rules fire without anybody here: between two questions to the server, while the page is open.
const ASK_EVERY: Duration = Duration::from_secs(15);

/// The rules, as everything on this page sees them.
#[derive(Clone, Copy)]
struct Rules {
    list: RwSignal<Vec<RuleRow>>,
    /// Whose dialog is open; nothing for a new one.
    chosen: RwSignal<Option<Rule>>,
    /// How often this page itself changed something: an answer that was asked for before knows nothing of it.
    changes: StoredValue<u32>,
}

impl Rules {
    fn new(rows: Vec<RuleRow>) -> Self {
        Self { list: RwSignal::new(rows), chosen: RwSignal::new(None), changes: StoredValue::new(0) }
    }

    /// Asks the server for the truth again.
    fn refresh(self) {
        let before = self.changes.try_get_value();
        spawn_local(async move {
            if let Ok(rows) = load_rules().await
                && self.changes.try_get_value() == before
            {
                self.list.try_set(rows);
            }
        });
    }

    /// Takes a rule as the server now has it.
    fn put(self, rule: Rule) {
        self.change(|all| {
            let tally = all.iter().find(|row| row.rule.id == rule.id).map(|row| row.tally);
            all.retain(|row| row.rule.id != rule.id);
            all.push(RuleRow { rule, tally: tally.unwrap_or_default() });
            all.sort_by(|a, b| a.rule.draft.name.cmp(&b.rule.draft.name));
        });
    }

    fn forget(self, id: RuleId) {
        self.change(|all| all.retain(|row| row.rule.id != id));
    }

    fn change(self, change: impl FnOnce(&mut Vec<RuleRow>)) {
        self.changes.try_update_value(|changes| *changes += 1);
        self.list.try_update(change);
    }

    fn one(self, id: RuleId) -> Memo<Option<RuleRow>> {
        Memo::new(move |_| self.list.with(|all| all.iter().find(|row| row.rule.id == id).cloned()))
    }

    fn follow(self) {
        Effect::new(move |_| {
            if let Ok(asking) = set_interval_with_handle(move || self.refresh(), ASK_EVERY) {
                on_cleanup(move || asking.clear());
            }
        });
    }
}

#[component]
pub fn RulesPage() -> impl IntoView {
    let words = use_words();
    let loaded = load(|| (), |()| load_rules());
    view! {
        <Title text=words.rules_title() />
        <div class="page">
        {when_loaded(loaded, |rows| match rows {
            Ok(rows) => rule_list(Rules::new(rows)),
            Err(error) => not_loaded(error),
        })}
        </div>
    }
    .into_any()
}

fn rule_list(rules: Rules) -> AnyView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    rules.follow();
    let [editing, removing] = [(); 2].map(|()| RwSignal::new(false));
    let add = move || {
        rules.chosen.set(None);
        editing.set(true);
    };
    let add_button = move || {
        is_admin.then(|| {
            view! {
                <Button look=Look::Primary on:click=move |_| add()>
                    <Icon name=IconName::Plus />
                    {words.rule_add()}
                </Button>
            }
        })
    };
    let ids = move || rules.list.with(|all| all.iter().map(|row| row.rule.id.0).collect());
    let is_empty = Memo::new(move |_| rules.list.with(Vec::is_empty));
    let dialogs =
        is_admin.then(|| view! { <Editor rules open=editing /> <RemoveRule rules open=removing /> });
    view! {
        <header class="page-head">
            <div>
                <h1>{words.rules_title()}</h1>
                <p>{words.rules_lead()}</p>
            </div>
            <Show when=move || !is_empty.get()>{add_button()}</Show>
        </header>
        <Show
            when=move || !is_empty.get()
            fallback=move || {
                view! {
                    <Empty icon=IconName::Bell title=words.rules_empty_title() text=words.rules_empty_text()>
                        {add_button()}
                    </Empty>
                }
            }
        >
            <div class="list rules" role="table" aria-label=words.rules_title()>
                {head(words)}
                {each(ids, move |id| row::row(rules, RuleId(id), editing, removing))}
            </div>
        </Show>
        {dialogs}
    }
    .into_any()
}

fn head(words: Words) -> AnyView {
    view! {
        <div class="list-head rule-row" role="row">
            <span role="columnheader">{words.user_name()}</span>
            <span role="columnheader">{words.rule_when()}</span>
            <span role="columnheader">{words.rule_where()}</span>
            <span role="columnheader">{words.rule_last_week()}</span>
            <span role="columnheader">{words.channel_enabled()}</span>
            <span role="columnheader">
                <span class="hidden">{words.list_actions()}</span>
            </span>
        </div>
    }
    .into_any()
}
