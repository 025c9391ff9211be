//! The SSH host key that is accepted, and how to accept another that was made on purpose.

use super::editor::Editor;
use crate::{api::devices::pin_host_key, parts::*};
use leptos::prelude::*;
use model::SshHostKey;

/// Nothing before the first terminal: there the first key is compared.
pub fn host_key(editor: Editor) -> impl Fn() -> Option<AnyView> {
    let words = editor.words;
    let pinned = Memo::new(move |_| {
        editor
            .stored
            .with(|device| device.as_ref().and_then(|device| Some((device.id, device.host_key.clone()?))))
    });
    move || {
        let (id, pinned) = pinned.get()?;
        let shown = RwSignal::new(pinned.key);
        let key = move || shown.with(|key| format!("{} {}", key.algorithm, key.fingerprint));
        let typed = RwSignal::new(String::new());
        let (task, acts) = (Task::new(), Acts::new());
        let accept = move |_| {
            let key = typed.with(|typed| read(typed));
            task.run(pin_host_key(id, key.algorithm.clone(), key.fingerprint.clone()), move |()| {
                shown.set(key);
                typed.set(String::new());
                acts.say(words.ssh_host_key_accepted());
            });
        };
        // Either part may be what is wrong with it.
        let (algorithm, fingerprint) = (task.fields.at("algorithm"), task.fields.at("fingerprint"));
        let error = Signal::derive(move || algorithm.get().or_else(|| fingerprint.get()));
        let value = Bind::new(move || typed.get(), move |text| typed.set(text));
        Some(
            view! {
                <dl class="facts pin">
                    <div>
                        <dt>{words.ssh_host_key()}</dt>
                        <dd>
                            <code class="fingerprint">{key}</code>
                        </dd>
                    </div>
                </dl>
                <details class="fold">
                    <summary>{words.ssh_host_key_another()}</summary>
                    <p class="form-lead">{words.ssh_host_key_another_text()}</p>
                    <TextField
                        label=words.ssh_host_key()
                        name="ssh-host-key"
                        value
                        error
                        placeholder=Signal::derive(|| "ssh-ed25519 SHA256:…".to_owned())
                        autocomplete="off"
                    />
                    <ErrorNote error=task.error() />
                    <Button look=Look::Danger busy=task.is_pending() on:click=accept>
                        {words.ssh_host_key_accept()}
                    </Button>
                </details>
            }
            .into_any(),
        )
    }
}

/// As a terminal shows it: the algorithm and the fingerprint. What is missing is refused at the server.
fn read(typed: &str) -> SshHostKey {
    let mut parts = typed.split_whitespace().map(str::to_owned);
    SshHostKey { algorithm: parts.next().unwrap_or_default(), fingerprint: parts.next().unwrap_or_default() }
}
