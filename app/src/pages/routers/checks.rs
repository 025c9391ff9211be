//! The checks of a device: one row each, drawn from the kind's own form, so that no kind is named here.

use super::{
    editor::Editor,
    form::{CheckRow, Form},
    sections::section,
};
use crate::{i18n::Words, parts::*};
use leptos::prelude::*;
use model::{CheckForm, CheckKind, DeviceKind, Field, Input};

pub fn checks(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let keys =
        move || form.with(|form| form.checks.iter().map(|row| (row.key, row.kind)).collect::<Vec<_>>());
    let add =
        editor.roster.forms.with_value(|forms| forms.iter().map(|form| adder(editor, form)).collect_view());
    let error = editor.error("checks");
    let body = view! {
        <ul class="checks">
            <For each=keys key=|(key, _)| *key let:row>
                {check_row(editor, row.0, row.1)}
            </For>
        </ul>
        <Show when=move || form.with(|form| form.checks.is_empty())>
            <p class="note warn">{words.checks_none()}</p>
        </Show>
        <p class="field-error">{move || error.get()}</p>
        <div class="checks-add">{add}</div>
    };
    section(words.router_checks(), body.into_any())
}

fn label(words: Words, form: &CheckForm) -> &'static str {
    words.by_key(&form.label).unwrap_or(form.kind.word())
}

fn adder(editor: Editor, check: &CheckForm) -> AnyView {
    let (words, form, kind) = (editor.words, editor.form, check.kind);
    // A router's own API needs the login, and is asked once.
    let is_of_no_use = Signal::derive(move || {
        let is_there = |form: &Form| form.checks.iter().any(|row| row.kind == CheckKind::Routeros);
        kind == CheckKind::Routeros && form.with(|form| !form.login.is_on || is_there(form))
    });
    let add = move |_| {
        editor.task.forgive();
        editor.roster.forms.with_value(|forms| {
            form.update(|form| {
                form.has_own_checks = true;
                form.push_check(kind, forms);
            });
        });
    };
    let title = label(words, check);
    view! {
        <Button disabled=is_of_no_use on:click=add>
            <Icon name=IconName::Plus />
            {title}
        </Button>
    }
    .into_any()
}

fn check_row(editor: Editor, key: u32, kind: CheckKind) -> AnyView {
    let words = editor.words;
    let check = editor.roster.forms.with_value(|forms| forms.iter().find(|form| form.kind == kind).cloned());
    let Some(check) = check else { return ().into_any() };
    let title = label(words, &check);
    let remove = move |_| {
        editor.task.forgive();
        editor.form.update(|form| form.remove_check(key));
    };
    view! {
        <li class="check">
            <header class="check-head">
                <h4>{title}</h4>
                <Button look=Look::Quiet on:click=remove attr:aria-label=words.check_remove(&title)>
                    <Icon name=IconName::Trash />
                </Button>
            </header>
            <div class="check-fields">
                {check.fields.iter().map(|field| setting(editor, key, field)).collect_view()} {times(editor, key, check.interval_s)}
            </div>
            <p class="field-error">{at(editor, key, "")}</p>
        </li>
    }
    .into_any()
}

/// The error at a field of this row, wherever the row stands by now.
fn at(editor: Editor, key: u32, field: &str) -> Signal<Option<String>> {
    let dotted = if field.is_empty() { String::new() } else { format!(".{field}") };
    editor.task.fields.find(move || {
        let index = editor.form.with(|form| form.index_of(key))?;
        Some(format!("checks[{index}]{dotted}"))
    })
}

/// One text of a row.
fn bind_row(
    form: RwSignal<Form>,
    key: u32,
    read: impl Fn(&CheckRow) -> String + Send + Sync + 'static,
    write: impl Fn(&mut CheckRow, String) + Send + Sync + 'static,
) -> Bind<String> {
    Bind::new(
        move || form.with(|form| form.row(key).map(&read).unwrap_or_default()),
        move |text| form.update(|form| form.change_row(key, |row| write(row, text))),
    )
}

fn setting(editor: Editor, key: u32, field: &Field) -> AnyView {
    let words = editor.words;
    let label = words.by_key(&field.label).map_or_else(|| field.name.clone(), str::to_owned);
    let id = format!("check-{key}-{}", field.name);
    let error = at(editor, key, &format!("settings.{}", field.name));
    let (read, write) = (field.name.clone(), field.name.clone());
    let value = bind_row(
        editor.form,
        key,
        move |row| row.settings.get(&read).cloned().unwrap_or_default(),
        move |row, text| drop(row.settings.insert(write.clone(), text)),
    );
    let placeholder = Signal::stored(field.default.clone().unwrap_or_default());
    match field.input {
        Input::Switch => {
            let value = Bind::new(
                move || value.read.with(|text| text == "true"),
                move |is_on: bool| value.write.run(is_on.to_string()),
            );
            view! { <Switch label name=id value /> }.into_any()
        }
        Input::Number { .. } => view! {
            <TextField label name=id value error placeholder inputmode="numeric" autocomplete="off" />
        }
        .into_any(),
        Input::Text { .. } | Input::Template { .. } => {
            view! { <TextField label name=id value error placeholder autocomplete="off" /> }.into_any()
        }
    }
}

/// How often, and for how long; the defaults show where nothing is typed.
fn times(editor: Editor, key: u32, kinds_interval_s: Option<u32>) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let devices_interval_s =
        form.with_untracked(|form| form.kind.unwrap_or(DeviceKind::Router).default_interval_s());
    let usual_interval = kinds_interval_s.unwrap_or(devices_interval_s).to_string();
    view! {
        <TextField
            label=words.check_interval()
            name=format!("check-{key}-interval")
            value=bind_row(form, key, |row| row.interval.clone(), |row, text| row.interval = text)
            error=at(editor, key, "interval_seconds")
            hint=words.check_interval_hint()
            placeholder=usual_interval
            inputmode="numeric"
            autocomplete="off"
        />
        <TextField
            label=words.check_timeout()
            name=format!("check-{key}-timeout")
            value=bind_row(form, key, |row| row.timeout.clone(), |row, text| row.timeout = text)
            error=at(editor, key, "timeout_seconds")
            placeholder="5"
            inputmode="numeric"
            autocomplete="off"
        />
    }
    .into_any()
}
