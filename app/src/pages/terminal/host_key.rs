//! Whether the device is the one it should be: its host key, compared by a person.

use super::session::Session;
use crate::{
    api::devices::pin_host_key,
    i18n::use_words,
    parts::{Button, ErrorNote, Icon, IconName, Look, Task},
};
use leptos::prelude::*;
use model::{FromTerminal, SshHostKey};

/// How the tools of OpenSSH call a key of this algorithm.
fn kind(algorithm: &str) -> &'static str {
    match algorithm {
        name if name.contains("ed25519") => "ed25519",
        name if name.contains("ecdsa") => "ecdsa",
        _ => "rsa",
    }
}

/// What shows the fingerprint of a router of MikroTik, on a computer that is plugged into it: RouterOS itself shows none.
/// Its `/ip ssh print` has settings alone, and `export-host-key` puts the private key into a file as well
/// (manual.mikrotik.com, SSH).
fn beside_routeros(algorithm: &str) -> String {
    format!("ssh-keyscan -t {} ADDRESS | ssh-keygen -lf -", kind(algorithm))
}

/// How another device says the fingerprint of a key of this algorithm.
fn on_others(algorithm: &str) -> String {
    format!("ssh-keygen -lf /etc/ssh/ssh_host_{}_key.pub", kind(algorithm))
}

/// Never seen before: somebody compares, and says that it is the device's.
pub fn unknown(session: Session, host: &str, algorithm: &str, fingerprint: String) -> AnyView {
    let words = use_words();
    let trust = {
        let fingerprint = fingerprint.clone();
        move |_| session.go_on(&FromTerminal::Trust { fingerprint: fingerprint.clone() })
    };
    view! {
        <div class="form" role="alertdialog" aria-label=words.terminal_key_title()>
            <h2>
                <Icon name=IconName::Key />
                {words.terminal_key_title()}
            </h2>
            <p>{words.terminal_key_text(&host)}</p>
            {print(algorithm, fingerprint)}
            <dl class="term-how">
                <dt>"MikroTik"</dt>
                <dd><code>{beside_routeros(algorithm)}</code></dd>
                <dt>"OpenSSH"</dt>
                <dd><code>{on_others(algorithm)}</code></dd>
            </dl>
            <div class="form-foot">
                <Button on:click=move |_| session.give_up()>{words.action_cancel()}</Button>
                <Button look=Look::Primary on:click=trust>
                    {words.terminal_key_trust()}
                </Button>
            </div>
        </div>
    }
    .into_any()
}

/// Another one than the pinned: nothing was sent, and nothing goes on by itself.
pub fn changed(session: Session, host: &str, pinned: SshHostKey, seen: SshHostKey) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let id = session.target.with_value(|target| target.id);
    let now = seen.clone();
    let pin = move |_| {
        task.run(pin_host_key(id, now.algorithm.clone(), now.fingerprint.clone()), move |()| session.again());
    };
    view! {
        <div class="form" role="alertdialog" aria-label=words.terminal_changed_title()>
            <h2 class="term-grave">
                <Icon name=IconName::Warning />
                {words.terminal_changed_title()}
            </h2>
            <p>{words.terminal_changed_text(&host)}</p>
            <p class="term-print-label">{words.terminal_changed_pinned()}</p>
            {print(&pinned.algorithm, pinned.fingerprint)}
            <p class="term-print-label">{words.terminal_changed_seen()}</p>
            {print(&seen.algorithm, seen.fingerprint)}
            <ErrorNote error=task.error() />
            <div class="form-foot">
                <Button on:click=move |_| session.give_up()>{words.action_cancel()}</Button>
                <Button look=Look::Danger busy=task.is_pending() on:click=pin>
                    {words.terminal_changed_pin()}
                </Button>
            </div>
        </div>
    }
    .into_any()
}

fn print(algorithm: &str, fingerprint: String) -> AnyView {
    view! {
        <p class="term-print">
            <code>{fingerprint}</code>
            <span class="muted">{algorithm.to_owned()}</span>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{beside_routeros, on_others};

    #[test]
    fn the_commands_name_the_key_that_is_asked_about() {
        for (algorithm, kind) in [
            ("ssh-ed25519", "ed25519"),
            ("ecdsa-sha2-nistp256", "ecdsa"),
            ("rsa-sha2-512", "rsa"),
            ("ssh-rsa", "rsa"),
        ] {
            assert_eq!(on_others(algorithm), format!("ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub"));
            assert!(beside_routeros(algorithm).contains(&format!("-t {kind} ")), "{algorithm}");
        }
    }
}
