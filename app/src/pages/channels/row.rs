//! One channel, with what may be done to it.

use super::{Channels, form::Form, health::health, kind_word, trial::Trial};
use crate::{
    api::channels::{shown, update_channel},
    i18n::{Lang, use_words},
    parts::*,
};
use leptos::prelude::*;
use model::{Channel, ChannelKind};

pub fn row(channels: Channels, id: i64, editing: RwSignal<bool>, removing: RwSignal<bool>) -> AnyView {
    let words = use_words();
    let channel = channels.roll.one(id);
    let with = move |read: &dyn Fn(&Channel) -> String| {
        channel.with(|channel| channel.as_ref().map(read).unwrap_or_default())
    };
    let trial = Trial::new(channels, channel);
    let kind = channel.with_untracked(|channel| channel.as_ref().map(|channel| channel.kind));
    let kind = kind.unwrap_or(ChannelKind::Webhook);
    let place = move || channel.with(|channel| channel.as_ref().and_then(|channel| place(channels, channel)));
    view! {
        <div class="list-row channel-row" role="row" class:off=move || !is_on(channel)>
            <span role="cell" class="channel-name">
                <Icon name=icon(kind) />
                <span>
                    <strong>{move || with(&|channel| channel.name.clone())}</strong>
                    <small>
                        {kind_word(words, kind)} " "
                        <span class="channel-place" title=place>{move || place().map(|place| format!("· {place}"))}</span>
                    </small>
                </span>
            </span>
            <span role="cell" class="channel-told">
                <span>{move || with(&|channel| told_from(words, channel.severity).to_owned())}</span>
                <small>{move || with(&|channel| Lang::from_code(&channel.language).own_name().to_owned())}</small>
            </span>
            <span role="cell" class="channel-health">
                {health(channel)}
            </span>
            <span role="cell" class="channel-switch">{enabled_switch(channels, channel)}</span>
            {acts(channels, channel, trial, (editing, removing))}
            {trial.outcome()}
        </div>
    }
    .into_any()
}

pub fn icon(kind: ChannelKind) -> IconName {
    match kind {
        ChannelKind::Telegram => IconName::Send,
        ChannelKind::Email => IconName::Mail,
        ChannelKind::Webhook => IconName::Globe,
        ChannelKind::WebPush => IconName::Bell,
    }
}

/// Where it leads: the first setting that must be there.
fn place(channels: Channels, channel: &Channel) -> Option<String> {
    let form = channels.form(channel.kind);
    let field = form.iter().flat_map(|form| &form.fields).find(|one| one.field.required && !one.is_secret);
    channel.settings.get(&field?.field.name).cloned()
}

fn is_on(channel: Memo<Option<Channel>>) -> bool {
    channel.with(|channel| channel.as_ref().is_some_and(|channel| channel.enabled))
}

fn enabled_switch(channels: Channels, channel: Memo<Option<Channel>>) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let name = channel.with_untracked(|channel| channel.as_ref().map(|one| one.name.clone()));
    let label = words.channel_enabled_of(&name.unwrap_or_default());
    let write = move |enabled: bool| {
        let Some(before) = channel.get_untracked() else { return };
        let changed = Channel { enabled, ..before.clone() };
        let name = &changed.name;
        let said = if enabled { words.channel_said_on(name) } else { words.channel_said_off(name) };
        let ask = update_channel(before.id, Form::of(&changed).kept(), Some(shown(&before)));
        channels.roll.send(acts, (before, changed), ask, said);
    };
    let value = Bind::new(move || is_on(channel), write);
    view! { <Switch label name="enabled" value bare=true /> }.into_any()
}

fn acts(
    channels: Channels,
    channel: Memo<Option<Channel>>,
    trial: Trial,
    (editing, removing): (RwSignal<bool>, RwSignal<bool>),
) -> AnyView {
    let words = use_words();
    let name =
        move || channel.with(|channel| channel.as_ref().map(|one| one.name.clone()).unwrap_or_default());
    let open = move |dialog: RwSignal<bool>| {
        channels.chosen.set(channel.get_untracked());
        dialog.set(true);
    };
    // A browser's own channel has nothing that a person could type.
    let may_edit = channel
        .with_untracked(|channel| channel.as_ref().is_some_and(|one| channels.form(one.kind).is_some()));
    let edit = move || {
        let label = Signal::derive(move || words.channel_edit_of(&name()));
        row_act(IconName::Edit, words.action_edit(), label, move || open(editing))
    };
    let label = Signal::derive(move || words.user_remove_of(&name()));
    view! {
        <span role="cell" class="list-actions">
            <Button
                look=Look::Quiet
                busy=trial.is_running()
                attr:aria-label=move || words.channel_test_of(&name())
                on:click=move |_| trial.run()
            >
                <Icon name=IconName::Send />
                {words.channel_test()}
            </Button>
            {may_edit.then(edit)}
            {row_act(IconName::Trash, words.action_remove(), label, move || open(removing))}
        </span>
    }
    .into_any()
}
