//! The login for the terminal: written here, never read back.

use super::{
    access::{Access, will_be_removed},
    editor::Editor,
    host_key::host_key,
    sections::section,
};
use crate::{bind, parts::*};
use leptos::prelude::*;
use model::SshAccess;

pub fn ssh(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let value = bind!(form.ssh.is_on);
    let is_on = move || form.with(|form| form.ssh.is_on);
    let removal = move || (!is_on() && stored(editor).is_some()).then(|| will_be_removed(words));
    let body = view! {
        <Switch label=words.ssh_use() name="ssh-on" value />
        <p class="form-lead">{words.ssh_use_text()}</p>
        {removal}
        <Show when=is_on>{fields(editor)}</Show>
        {host_key(editor)}
    };
    section("SSH", body.into_any())
}

fn stored(editor: Editor) -> Option<SshAccess> {
    editor.stored.with(|device| device.as_ref().and_then(|device| device.ssh.clone()))
}

fn fields(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let is_old = move || form.with(|form| form.ssh.has_legacy);
    let set_at =
        Memo::new(move |_| stored(editor).filter(|access| access.has_password).map(|access| access.set_at));
    let access = Access { editor, name: "ssh", set_at };
    let legacy =
        view! { <Switch label=words.ssh_legacy() name="ssh-legacy" value=bind!(form.ssh.has_legacy) /> };
    let usual_port = Signal::stored(model::SSH_PORT.to_string());
    view! {
        {access.credential(words.ssh_username(), bind!(form.ssh.username), bind!(form.ssh.password))}
        {private_key(editor)}
        {access.connection(words.ssh_port(), bind!(form.ssh.port), usual_port, legacy.into_any())}
        <Show when=is_old>
            <p class="note warn">{words.ssh_legacy_warning()}</p>
        </Show>
    }
    .into_any()
}

fn private_key(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let error = editor.error("ssh.private_key");
    let is_stored = Memo::new(move |_| stored(editor).is_some_and(|access| access.has_private_key));
    let hint = move || {
        if is_stored.get() { words.ssh_private_key_kept() } else { words.ssh_private_key_hint() }.to_owned()
    };
    view! {
        <Field
            label=words.ssh_private_key()
            name="ssh-private-key"
            hint=Signal::derive(hint)
            error
        >
            <textarea
                class="input"
                id="ssh-private-key"
                name="ssh-private-key"
                rows="4"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="none"
                placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
                aria-describedby="ssh-private-key-note"
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                prop:value=move || form.with(|form| form.ssh.private_key.clone())
                on:input=move |event| {
                    form.update(|form| form.ssh.private_key = event_target_value(&event))
                }
            ></textarea>
        </Field>
    }
    .into_any()
}
