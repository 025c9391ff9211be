//! Words of one's own for a channel's messages: two fields, what may be filled in, and how it will look.

use super::editor::Editing;
use crate::{parts::*, told::own};
use leptos::prelude::*;
use model::{ChannelField, ChannelForm, Input, NoTemplate, PLACES, Settings};

pub fn own_words(editing: Editing, form: &ChannelForm) -> AnyView {
    let words = editing.words;
    let templates: Vec<_> = form.fields.iter().filter(|one| is_template(one)).collect();
    if templates.is_empty() {
        return ().into_any();
    }
    // Closed where nobody has said anything, and open where something is wrong in it.
    let has_words = editing.form.with_untracked(|form| {
        [own::TITLE, own::BODY]
            .iter()
            .any(|name| form.settings.get(*name).is_some_and(|text| !text.is_empty()))
    });
    let errors = [own::TITLE, own::BODY].map(|name| editing.task.fields.at(format!("settings.{name}")));
    let is_wrong = move || errors.iter().any(|error| error.with(Option::is_some));
    let places = PLACES.map(|place| view! { <code>{format!("{{{place}}}")}</code> });
    let fields = templates.into_iter().map(|one| text(editing, one)).collect_view();
    view! {
        <details class="channel-words" open=move || has_words || is_wrong()>
            <summary>{words.channel_words()}</summary>
            <p class="card-lead">{words.channel_words_text()}</p>
            <p class="channel-places">{places.into_iter().collect_view()}</p>
            {fields}
            {preview(editing)}
        </details>
    }
    .into_any()
}

pub fn is_template(one: &ChannelField) -> bool {
    matches!(one.field.input, Input::Template { .. })
}

fn text(editing: Editing, one: &ChannelField) -> AnyView {
    let (form, setting) = (editing.form, one.field.name.clone());
    let name = format!("channel-{setting}");
    let error = editing.task.fields.at(super::fields::place(one));
    let is_title = setting == own::TITLE;
    let typed = form.with_untracked(|form| form.settings.get(&setting).cloned().unwrap_or_default());
    let (label, placeholder) = match is_title {
        true => (editing.words.channel_title_template(), "{title}"),
        false => (editing.words.channel_body_template(), "{text}"),
    };
    view! {
        <Field label name=name.clone() error>
            <textarea
                class="input"
                id=name.clone()
                name=name.clone()
                rows=if is_title { "1" } else { "5" }
                placeholder=placeholder
                spellcheck="false"
                aria-describedby=format!("{name}-note")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                on:input=move |event| {
                    form.update(|form| drop(form.settings.insert(setting.clone(), event_target_value(&event))));
                }
            >
                {typed}
            </textarea>
        </Field>
    }
    .into_any()
}

/// Of a made-up outage, in the channel's language.
fn preview(editing: Editing) -> AnyView {
    let (words, form) = (editing.words, editing.form);
    let example = Memo::new(move |_| {
        let (language, typed) = form.with(|form| (form.language.clone(), form.settings.clone()));
        own::example(&language, &Settings::from(typed)).map_err(|why| match why {
            NoTemplate::Unknown(place) => words.channel_words_unknown(&format!("{{{place}}}")),
            NoTemplate::Open => words.channel_words_open().to_owned(),
        })
    });
    let shown = move || match example.get() {
        Ok((title, body)) => view! {
            <div class="channel-example">
                <strong>{title}</strong>
                <p>{body.trim_end().to_owned()}</p>
            </div>
        }
        .into_any(),
        Err(why) => view! { <p class="field-error">{why}</p> }.into_any(),
    };
    view! {
        <div role="status" aria-label=words.channel_words_example()>
            {shown}
        </div>
    }
    .into_any()
}
