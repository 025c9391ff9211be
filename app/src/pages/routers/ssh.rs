//! The login for the terminal: written here, never read back.

use super::{editor::Editor, host_key::host_key, sections::section};
use crate::{bind, format, parts::*};
use leptos::prelude::*;
use model::SshAccess;

pub fn ssh(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let value = bind!(form.ssh.is_on);
    let is_on = move || form.with(|form| form.ssh.is_on);
    let will_be_removed = move || {
        let is_lost = !is_on() && stored(editor).is_some();
        is_lost.then(|| view! { <p class="note warn">{words.login_will_be_removed()}</p> })
    };
    let body = view! {
        <Switch label=words.ssh_use() name="ssh-on" value />
        <p class="form-lead">{words.ssh_use_text()}</p>
        {will_be_removed}
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
    view! {
        <div class="form-pair">
            <TextField
                label=words.ssh_username()
                name="ssh-username"
                value=bind!(form.ssh.username)
                error=editor.error("ssh.username")
                autocomplete="off"
                required=true
            />
            {password(editor)}
        </div>
        {private_key(editor)}
        <div class="form-pair">
            <TextField
                label=words.ssh_port()
                name="ssh-port"
                value=bind!(form.ssh.port)
                error=editor.error("ssh.port")
                placeholder=Signal::derive(|| model::SSH_PORT.to_string())
                inputmode="numeric"
                autocomplete="off"
            />
            <div class="field">
                <span class="field-label">{words.login_encryption()}</span>
                <Switch label=words.ssh_legacy() name="ssh-legacy" value=bind!(form.ssh.has_legacy) />
            </div>
        </div>
        <Show when=is_old>
            <p class="note warn">{words.ssh_legacy_warning()}</p>
        </Show>
    }
    .into_any()
}

/// Write-only: what is stored is told only by when it was set.
fn password(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let now = use_now();
    let set_at =
        Memo::new(move |_| stored(editor).filter(|access| access.has_password).map(|access| access.set_at));
    let hint = move || {
        let ago = |set_at| format::span(words, now.get_untracked().since_ms(set_at) / 1000);
        set_at.get().map(|set_at| words.login_password_kept(&ago(set_at))).unwrap_or_default()
    };
    let dots = move || if set_at.get().is_some() { "••••••••" } else { "" }.to_owned();
    view! {
        <PasswordField
            label=words.password()
            name="ssh-password"
            autocomplete="new-password"
            value=bind!(form.ssh.password)
            error=editor.error("ssh.password")
            hint=Signal::derive(hint)
            placeholder=Signal::derive(dots)
            spare=true
        />
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
