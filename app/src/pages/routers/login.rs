//! The RouterOS login: written here, never read back, and tried before it is kept.

use super::{
    access::{Access, will_be_removed},
    editor::Editor,
    form::{Form, ROUTEROS_KINDS},
    probe,
    sections::section,
};
use crate::{bind, browser, parts::*};
use leptos::prelude::*;
use model::RouterosAccess;

/// Only for kinds that can run RouterOS; another one says what becomes of a stored login.
pub fn login(editor: Editor) -> impl Fn() -> Option<AnyView> {
    let form = editor.form;
    let is_offered =
        Memo::new(move |_| form.with(|form| form.kind.is_some_and(|kind| ROUTEROS_KINDS.contains(&kind))));
    move || {
        let body = if is_offered.get() { switched(editor) } else { removal(editor)? };
        Some(section("RouterOS", body))
    }
}

fn switched(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let set =
        move |is_on| editor.roster.forms.with_value(|forms| form.update(|form| form.set_login(is_on, forms)));
    let value = Bind::new(move || form.with(|form| form.login.is_on), set);
    let is_on = move || value.read.get();
    let removal = move || if is_on() { None } else { removal(editor) };
    view! {
        <Switch label=words.login_use() name="login-on" value />
        <p class="form-lead">{words.login_use_text()}</p>
        {removal}
        <Show when=is_on>{fields(editor)}</Show>
    }
    .into_any()
}

fn removal(editor: Editor) -> Option<AnyView> {
    stored(editor).map(|_| will_be_removed(editor.words))
}

fn stored(editor: Editor) -> Option<RouterosAccess> {
    editor.stored.with(|device| device.as_ref().and_then(|device| device.routeros.clone()))
}

fn fields(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let set_at = Memo::new(move |_| stored(editor).map(|access| access.credential.set_at));
    let access = Access { editor, name: "routeros", set_at };
    view! {
        {onboarding(editor)}
        {access.credential(words.login_username(), bind!(form.login.username), bind!(form.login.password))}
        {connection(access)}
        {probe::probe(editor)}
    }
    .into_any()
}

/// How the API is reached, and what it means to reach it in the clear.
fn connection(access: Access) -> AnyView {
    let (words, form) = (access.editor.words, access.editor.form);
    let usual_port = Signal::derive(move || form.with(usual_port));
    let is_plain = move || form.with(|form| !form.login.tls);
    let tls = view! { <Switch label=words.login_tls() name="routeros-tls" value=bind!(form.login.tls) /> };
    view! {
        {access.connection(words.login_port(), bind!(form.login.port), usual_port, tls.into_any())}
        <Show when=is_plain>
            <p class="note warn">{words.login_plain_warning()}</p>
        </Show>
    }
    .into_any()
}

fn usual_port(form: &Form) -> String {
    model::routeros_port(None, form.login.tls).to_string()
}

/// The commands that prepare the router, for its own terminal.
fn onboarding(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let here = RwSignal::new(String::new());
    // Where this page came from is most likely where the router will see us come from; on this machine itself it
    // says nothing.
    Effect::new(move || {
        let host = browser::host();
        let is_here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        here.set(if is_here { String::new() } else { host });
    });
    let text = Signal::derive(move || form.with(|form| model::onboarding(&form.login.username, &here.get())));
    view! {
        <details class="fold">
            <summary>{words.onboarding_title()}</summary>
            <p class="form-lead">{words.onboarding_text()}</p>
            <CopyBlock text label=words.onboarding_title() />
        </details>
    }
    .into_any()
}
