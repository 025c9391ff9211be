//! Whether the device is the one it should be: its host key, compared by a person.

use super::session::Session;
use crate::{
    api::devices::pin_host_key,
    i18n::use_words,
    parts::{Button, ErrorNote, Icon, IconName, Look, Task},
};
use leptos::prelude::*;
use model::FromTerminal;

/// How a router of MikroTik says its keys.
const ON_ROUTEROS: &str = "/ip ssh print";

/// How another device says the fingerprint of a key of this algorithm.
fn on_others(algorithm: &str) -> String {
    let kind = match algorithm {
        name if name.contains("ed25519") => "ed25519",
        name if name.contains("ecdsa") => "ecdsa",
        _ => "rsa",
    };
    format!("ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub")
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
                <dd><code>{ON_ROUTEROS}</code></dd>
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
pub fn changed(session: Session, host: &str, algorithm: String, pinned: String, seen: String) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let id = session.target.with_value(|target| target.id);
    let (kind, print_now) = (algorithm.clone(), seen.clone());
    let pin = move |_| {
        task.run(pin_host_key(id, kind.clone(), print_now.clone()), move |()| session.again());
    };
    view! {
        <div class="form" role="alertdialog" aria-label=words.terminal_changed_title()>
            <h2 class="term-grave">
                <Icon name=IconName::Warning />
                {words.terminal_changed_title()}
            </h2>
            <p>{words.terminal_changed_text(&host)}</p>
            <p class="term-print-label">{words.terminal_changed_pinned()}</p>
            {print("", pinned)}
            <p class="term-print-label">{words.terminal_changed_seen()}</p>
            {print(&algorithm, seen)}
            <ErrorNote error=task.error() />
            <div class="form-foot">
                <Button on:click=move |_| session.again()>{words.terminal_again()}</Button>
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
    use super::on_others;

    #[test]
    fn the_command_names_the_file_of_the_key() {
        for (algorithm, kind) in [
            ("ssh-ed25519", "ed25519"),
            ("ecdsa-sha2-nistp256", "ecdsa"),
            ("rsa-sha2-512", "rsa"),
            ("ssh-rsa", "rsa"),
        ] {
            assert_eq!(on_others(algorithm), format!("ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub"));
        }
    }
}
