//! The dialog that adds or edits one rule, and tries it on the past.

use super::{Rules, fields, form::Form, preview::Preview};
use crate::{
    api::{
        ApiError,
        rules::{create_rule, load_rules, update_rule},
        wire::version,
    },
    bind,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*};
use model::{Rule, RuleDraft, RuleId};

/// The fields at which an error stands.
const SHOWN: &[&str] = &[
    "name",
    "condition.limit",
    "condition.clear",
    "condition.usual_least",
    "condition.subject",
    "condition.every",
    "for_seconds",
    "cool_down_seconds",
    "scope.tags",
    "scope.sites",
    "scope.devices",
];

pub fn editor(rules: Rules, open: RwSignal<bool>) -> AnyView {
    let words = use_words();
    let title = move || {
        rules.chosen.with(|chosen| match chosen {
            Some(rule) => words.rule_edit_of(&rule.draft.name),
            None => words.rule_add().to_owned(),
        })
    };
    edit_dialog(open, title, move || Editing::new(rules, open).view())
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
pub struct Editing {
    pub words: Words,
    pub form: RwSignal<Form>,
    pub task: Task,
    id: Option<RuleId>,
    /// What the form was filled with.
    seen: StoredValue<Option<u64>>,
    rules: Rules,
    acts: Acts,
    open: RwSignal<bool>,
}

impl Editing {
    fn new(rules: Rules, open: RwSignal<bool>) -> Self {
        let chosen = rules.chosen.get_untracked();
        let start = chosen.as_ref().map_or_else(Form::empty, |rule| Form::of(&rule.draft));
        Self {
            words: use_words(),
            form: RwSignal::new(start),
            task: Task::new(),
            seen: StoredValue::new(chosen.as_ref().map(|rule| version(&rule.draft))),
            id: chosen.map(|rule| rule.id),
            rules,
            acts: Acts::new(),
            open,
        }
    }

    fn view(self) -> AnyView {
        let (words, form) = (self.words, self.form);
        let on_submit = move |event: ev::SubmitEvent| {
            event.prevent_default();
            self.save();
        };
        let submit = if self.id.is_none() { words.rule_add() } else { words.action_save() };
        view! {
            <form class="form" method="post" novalidate on:submit=on_submit>
                <ErrorNote error=self.task.error_beside(SHOWN) />
                {overtaken(self.task, move || self.take_stored())}
                <TextField
                    label=words.user_name()
                    name="rule-name"
                    value=bind!(form.name)
                    hint=words.rule_name_hint()
                    error=self.task.fields.at("name")
                    required=true
                    autocomplete="off"
                />
                {fields::fields(self)}
                <Switch label=words.channel_enabled() name="rule-enabled" value=bind!(form.is_enabled) />
                <Preview editing=self />
                {form_foot(self.open, self.task, submit)}
            </form>
        }
        .into_any()
    }

    /// What is typed, or what of it is wrong, said at its fields.
    pub fn draft(self) -> Option<RuleDraft> {
        match self.form.with_untracked(Form::draft) {
            Ok(draft) => Some(draft),
            Err(errors) => {
                self.task.refuse(ApiError::Invalid(errors));
                None
            }
        }
    }

    /// Begins again from what is stored now.
    fn take_stored(self) {
        let ask = async move {
            let stored = load_rules().await?.into_iter().map(|row| row.rule);
            stored.into_iter().find(|rule| Some(rule.id) == self.id).ok_or(ApiError::NotFound)
        };
        self.task.run(ask, move |rule: Rule| {
            self.form.try_set(Form::of(&rule.draft));
            self.seen.try_set_value(Some(version(&rule.draft)));
            self.rules.put(rule);
        });
    }

    fn save(self) {
        let Some(draft) = self.draft() else { return };
        let done = move |rule: Rule| {
            let words = self.words;
            self.acts.say(match self.id {
                None => words.rule_said_added(&rule.draft.name),
                Some(_) => words.router_said_saved(&rule.draft.name),
            });
            self.open.try_set(false);
            self.rules.put(rule);
        };
        match self.id {
            None => self.task.run(create_rule(draft), done),
            Some(id) => self.task.run(update_rule(id, draft, self.seen.get_value()), done),
        }
    }
}
