//! Alert rules: when an alert is opened. Everybody sees them, and how they do; admins change them.

mod editor;
mod fields;
mod form;
mod preview;
mod remove;
mod row;
mod sentence;

pub use sentence::state as happening;

use crate::{
    api::{load::load, rules::load_rules},
    i18n::use_words,
    pages::quiets::{QuietNow, Target},
    parts::*,
    use_visitor,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{QuietAbout, QuietKind, Rule, RuleRow};
use remove::RemoveRule;
use std::time::Duration;

/// Rules fire without anybody here: between two questions to the server, while the page is open.
const ASK_EVERY: Duration = Duration::from_secs(15);

/// The rules, as everything on this page sees them.
#[derive(Clone, Copy)]
struct Rules {
    roll: Roll<RuleRow>,
    /// Whose dialog is open; nothing for a new one.
    chosen: RwSignal<Option<Rule>>,
}

impl Listed for RuleRow {
    fn number(&self) -> i64 {
        self.rule.id.0
    }

    fn name(&self) -> &str {
        &self.rule.draft.name
    }
}

impl Rules {
    fn new(rows: Vec<RuleRow>) -> Self {
        Self { roll: Roll::new(rows, || Box::pin(load_rules())), chosen: RwSignal::new(None) }
    }

    /// Takes a rule as the server now has it; how it does is known until it is asked for again.
    fn put(self, rule: Rule) {
        let id = rule.id;
        let known = |rows: &Vec<RuleRow>| rows.iter().find(|row| row.rule.id == id).cloned();
        let known = self.roll.lines.try_with_untracked(known).flatten();
        self.roll.put(match known {
            Some(row) => RuleRow { rule, ..row },
            None => RuleRow::new(rule),
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
        {when_found(loaded, |rows| rule_list(Rules::new(rows)))}
        </div>
    }
    .into_any()
}

fn rule_list(rules: Rules) -> AnyView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    rules.roll.follow(ASK_EVERY);
    let [editing, removing, silencing] = [(); 3].map(|()| RwSignal::new(false));
    let add = move |()| {
        rules.chosen.set(None);
        editing.set(true);
    };
    let listing = Listing {
        title: words.rules_title(),
        lead: words.rules_lead(),
        empty: (words.rules_empty_title(), words.rules_empty_text()),
        add: is_admin.then(|| (words.rule_add(), Callback::new(add))),
        class: ("list rules", "rule-row"),
        columns: vec![
            words.user_name(),
            words.rule_when(),
            words.rule_where(),
            words.rule_last_week(),
            words.channel_enabled(),
        ],
    };
    let dialogs = is_admin.then(|| {
        view! {
            {editor::editor(rules, editing)}
            <RemoveRule rules open=removing />
            {silence(rules, silencing)}
        }
    });
    view! {
        {listing.view(rules.roll.numbers(), move |id| row::row(rules, id, (editing, removing, silencing)))}
        {dialogs}
    }
    .into_any()
}

/// Nobody is told of what the rule sees for a while.
fn silence(rules: Rules, open: RwSignal<bool>) -> AnyView {
    let target = move || {
        rules.chosen.with(|chosen| {
            let rule = chosen.as_ref()?;
            let choices = vec![QuietAbout::Rule(rule.id)];
            Some(Target { name: rule.draft.name.clone(), choices })
        })
    };
    view! {
        <QuietNow
            target=Signal::derive(target)
            kind=QuietKind::Silence
            open
            done=Callback::new(move |_| rules.roll.refresh())
        />
    }
    .into_any()
}
