//! The dialog that adds or edits one channel.

use super::{Channels, fields, form::Form, kind_word, row};
use crate::{
    api::{
        ApiError,
        channels::{create_channel, load_channels, shown, update_channel},
    },
    bind,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*};
use model::{Channel, ChannelForm, ChannelKind, FieldError};

pub fn editor(channels: Channels, open: RwSignal<bool>) -> AnyView {
    let words = use_words();
    let title = move || {
        channels.chosen.with(|chosen| match chosen {
            Some(channel) => words.channel_edit_of(&channel.name),
            None => words.channel_add().to_owned(),
        })
    };
    edit_dialog(open, title, move || Editing::new(channels, open).view())
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
pub struct Editing {
    pub words: Words,
    pub form: RwSignal<Form>,
    pub task: Task,
    /// As the server has it; nothing for a new one.
    pub stored: StoredValue<Option<Channel>>,
    channels: Channels,
    acts: Acts,
    open: RwSignal<bool>,
}

impl Editing {
    fn new(channels: Channels, open: RwSignal<bool>) -> Self {
        let words = use_words();
        let stored = channels.chosen.get_untracked();
        let first = channels.forms.with_value(|forms| forms.first().map(|form| form.kind));
        let start = match &stored {
            Some(channel) => Form::of(channel),
            None => Form::empty(first.unwrap_or(ChannelKind::Telegram), words.lang().code()),
        };
        Self {
            words,
            form: RwSignal::new(start),
            task: Task::new(),
            stored: StoredValue::new(stored),
            channels,
            acts: Acts::new(),
            open,
        }
    }

    fn view(self) -> AnyView {
        let (words, form) = (self.words, self.form);
        let is_new = self.stored.with_value(Option::is_none);
        let kind = Memo::new(move |_| self.form.with(|form| form.kind));
        let on_submit = move |event: ev::SubmitEvent| {
            event.prevent_default();
            self.save();
        };
        let submit = if is_new { words.channel_add() } else { words.action_save() };
        view! {
            <form class="form" method="post" novalidate on:submit=on_submit>
                {is_new.then(|| self.kinds())}
                <ErrorNote error=self.other_error() />
                {overtaken(self.task, move || self.take_stored())}
                <TextField
                    label=words.user_name()
                    name="channel-name"
                    value=bind!(form.name)
                    hint=words.channel_name_hint()
                    error=self.task.fields.at("name")
                    required=true
                    autocomplete="off"
                />
                // The fields of each kind are new ones: drawn over another's, the first would still listen.
                <For each=move || [kind.get()] key=|kind| *kind let:kind>
                    {self.channels.form(kind).map(|form| fields::fields(self, &form))}
                </For>
                {self.told()}
                {form_foot(self.open, self.task, submit)}
            </form>
        }
        .into_any()
    }

    fn kinds(self) -> AnyView {
        let words = self.words;
        let card = |form: &ChannelForm| CardOption {
            value: form.kind.word(),
            title: kind_word(words, form.kind),
            text: words.by_key(&format!("channel_{}_text", form.kind.word())).unwrap_or_default(),
            icon: row::icon(form.kind),
        };
        let options = self.channels.forms.with_value(|forms| forms.iter().map(card).collect());
        let read = move || self.form.with(|form| form.kind.word().to_owned());
        let write = move |word: String| {
            self.task.forgive();
            if let Some(kind) = ChannelKind::from_word(&word) {
                self.form.update(|form| form.kind = kind);
            }
        };
        view! { <CardChoice label=words.channel_kind() name="channel-kind" options value=Bind::new(read, write) /> }
            .into_any()
    }

    /// What is told there, how, and whether at all.
    fn told(self) -> AnyView {
        let (words, form) = (self.words, self.form);
        view! {
            <div class="form-section">
                {told_fields("channel", bind!(form.severity), bind!(form.language), self.task.fields)}
                <Switch label=words.channel_enabled() name="channel-enabled" value=bind!(form.is_enabled) />
            </div>
        }
        .into_any()
    }

    /// The error, unless each part of it stands at a field.
    fn other_error(self) -> Signal<Option<ApiError>> {
        let (error, channels) = (self.task.error(), self.channels);
        let is_shown = move |error: &FieldError, form: &Option<ChannelForm>| {
            let is_field =
                |form: &ChannelForm| form.fields.iter().any(|one| fields::place(one) == error.field);
            matches!(error.field.as_str(), "name" | "severity" | "language")
                || form.as_ref().is_some_and(is_field)
        };
        Signal::derive(move || {
            let error = error.get()?;
            let form = channels.form(self.form.with_untracked(|form| form.kind));
            let is_said = match &error {
                ApiError::Invalid(errors) => {
                    !errors.is_empty() && errors.iter().all(|error| is_shown(error, &form))
                }
                ApiError::Conflict(error) => is_shown(error, &form),
                _ => false,
            };
            (!is_said).then_some(error)
        })
    }

    /// Begins again from what is stored now.
    fn take_stored(self) {
        let id = self.stored.with_value(|stored| stored.as_ref().map(|channel| channel.id));
        let ask = async move {
            let stored = load_channels().await?.channels;
            stored.into_iter().find(|channel| Some(channel.id) == id).ok_or(ApiError::NotFound)
        };
        self.task.run(ask, move |channel: Channel| {
            self.form.try_set(Form::of(&channel));
            self.stored.try_set_value(Some(channel.clone()));
            self.channels.roll.put(channel);
        });
    }

    fn save(self) {
        let typed = self.form.get_untracked();
        let Some(form) = self.channels.form(typed.kind) else { return };
        let draft = typed.draft(&form);
        let stored = self.stored.with_value(|stored| stored.as_ref().map(|one| (one.id, shown(one))));
        let id = stored.map(|(id, _)| id);
        let done = move |channel: Channel| {
            let words = self.words;
            self.acts.say(match id {
                None => words.channel_said_added(&channel.name),
                Some(_) => words.router_said_saved(&channel.name),
            });
            self.open.try_set(false);
            self.channels.roll.put(channel);
        };
        match stored {
            None => self.task.run(create_channel(draft), done),
            Some((id, seen)) => self.task.run(update_channel(id, draft, Some(seen)), done),
        }
    }
}
