//! The fields of one kind, drawn from its form, so that no kind is named here.

use super::{
    editor::Editing,
    own_words::{is_template, own_words},
};
use crate::{i18n::Words, parts::*};
use leptos::prelude::*;
use model::{ChannelField, ChannelForm, Input};

/// Steps of a kind's help, at most.
const STEPS_MAX: usize = 4;

pub fn fields(editing: Editing, form: &ChannelForm) -> AnyView {
    let one = |field: &ChannelField| {
        if field.is_secret { secret(editing, field) } else { setting(editing, field) }
    };
    view! {
        {help(editing.words, form)}
        <div class="channel-fields">
            {form.fields.iter().filter(|one| !is_template(one)).map(one).collect_view()}
        </div>
        {own_words(editing, form)}
    }
    .into_any()
}

/// Where the server says what is wrong with a field.
pub fn place(one: &ChannelField) -> String {
    let group = if one.is_secret { "secrets" } else { "settings" };
    format!("{group}.{}", one.field.name)
}

/// What is to be done elsewhere first, in plain words.
fn help(words: Words, form: &ChannelForm) -> AnyView {
    let step = |number| words.by_key(&format!("channel_{}_help_{number}", form.kind.word()));
    let steps = (1..=STEPS_MAX).map_while(step).map(|step| view! { <li>{step}</li> });
    view! { <ol class="channel-help">{steps.collect_view()}</ol> }.into_any()
}

fn label(words: Words, one: &ChannelField) -> String {
    words.by_key(&one.field.label).map_or_else(|| one.field.name.clone(), str::to_owned)
}

fn hint(words: Words, one: &ChannelField) -> &'static str {
    words.by_key(&format!("{}_hint", one.field.label)).unwrap_or_default()
}

fn setting(editing: Editing, one: &ChannelField) -> AnyView {
    let (words, form, field) = (editing.words, editing.form, &one.field);
    let (label, name, hint) = (label(words, one), format!("channel-{}", field.name), hint(words, one));
    let error = editing.task.fields.at(place(one));
    let (read, write) = (field.name.clone(), field.name.clone());
    let default = field.default.clone().unwrap_or_default();
    let value = Bind::new(
        move || form.with(|form| form.settings.get(&read).cloned().unwrap_or_default()),
        move |text| form.update(|form| drop(form.settings.insert(write.clone(), text))),
    );
    // What is chosen and not typed shows what holds where nothing was said.
    let usual = default.clone();
    let or_default = Bind::new(
        move || Some(value.read.get()).filter(|text| !text.is_empty()).unwrap_or_else(|| usual.clone()),
        move |text| value.write.run(text),
    );
    if !one.choices.is_empty() {
        let pick = |choice: &String| {
            let text = words.by_key(&format!("{}_{choice}", field.label));
            Pick { value: choice.clone(), text: text.map_or_else(|| choice.clone(), str::to_owned) }
        };
        let options = one.choices.iter().map(pick).collect();
        return view! { <SelectField label name options value=or_default hint error /> }.into_any();
    }
    let placeholder = default;
    match field.input {
        Input::Switch => {
            let value = Bind::new(
                move || or_default.read.with(|text| text == "true"),
                move |is_on: bool| or_default.write.run(is_on.to_string()),
            );
            view! { <Switch label name value /> }.into_any()
        }
        Input::Number { .. } => view! {
            <TextField label name value hint error placeholder inputmode="numeric" autocomplete="off" />
        }
        .into_any(),
        Input::Text { .. } | Input::Template { .. } => {
            view! { <TextField label name value hint error placeholder autocomplete="off" /> }.into_any()
        }
    }
}

/// Write-only: what is stored is told only by being there.
fn secret(editing: Editing, one: &ChannelField) -> AnyView {
    let (words, form, field) = (editing.words, editing.form, &one.field);
    let is_set = editing
        .stored
        .with_value(|stored| stored.as_ref().is_some_and(|channel| channel.secrets.contains(&field.name)));
    let (read, write) = (field.name.clone(), field.name.clone());
    let value = Bind::new(
        move || form.with(|form| form.secrets.get(&read).cloned().unwrap_or_default()),
        move |text| form.update(|form| drop(form.secrets.insert(write.clone(), text))),
    );
    let (read, write) = (field.name.clone(), field.name.clone());
    let removal = Bind::new(
        move || form.with(|form| form.removed.contains(&read)),
        move |is_off| {
            form.update(|form| {
                if is_off {
                    form.removed.insert(write.clone())
                } else {
                    form.removed.remove(&write)
                };
            });
        },
    );
    let is_removed = move || is_set && removal.read.get();
    let own_hint = hint(words, one);
    let hint = move || match (is_set, is_removed()) {
        (true, true) => words.channel_secret_goes(),
        (true, false) => words.channel_secret_kept(),
        (false, _) => own_hint,
    };
    let dots = move || if is_set && !is_removed() { "••••••••" } else { "" }.to_owned();
    let remove = (is_set && !field.required).then(|| {
        let label = words.channel_secret_remove();
        view! { <Switch label name=format!("channel-{}-remove", field.name) value=removal /> }
    });
    view! {
        <div class="channel-secret">
            <PasswordField
                label=label(words, one)
                name=format!("channel-{}", field.name)
                autocomplete="new-password"
                value
                error=editing.task.fields.at(place(one))
                hint=Signal::derive(move || hint().to_owned())
                placeholder=Signal::derive(dots)
                spare=true
            />
            {remove}
        </div>
    }
    .into_any()
}
