//! What the logins of a device have in common, whatever they open: written here, never read back.

use super::editor::Editor;
use crate::{format, i18n::Words, parts::*};
use leptos::prelude::*;
use model::Timestamp;

/// One login of the form.
#[derive(Clone, Copy)]
pub struct Access {
    pub editor: Editor,
    /// How the names of its fields begin, in the form and in the API.
    pub name: &'static str,
    /// Since when there is a password.
    pub set_at: Memo<Option<Timestamp>>,
}

impl Access {
    /// Who logs in, with what.
    pub fn credential(self, label: &'static str, username: Bind<String>, password: Bind<String>) -> AnyView {
        view! {
            <div class="form-pair">
                <TextField
                    label
                    name=self.field('-', "username")
                    value=username
                    error=self.error("username")
                    autocomplete="off"
                    required=true
                />
                {self.password(password)}
            </div>
        }
        .into_any()
    }

    /// Write-only: what is stored is told only by when it was set.
    fn password(self, value: Bind<String>) -> AnyView {
        let words = self.editor.words;
        let (set_at, now) = (self.set_at, use_now());
        let hint = move || {
            let ago = |set_at| format::span(words, now.get_untracked().since_ms(set_at) / 1000);
            set_at.get().map(|set_at| words.login_password_kept(&ago(set_at))).unwrap_or_default()
        };
        let dots = move || if set_at.get().is_some() { "••••••••" } else { "" }.to_owned();
        view! {
            <PasswordField
                label=words.password()
                name=self.field('-', "password")
                autocomplete="new-password"
                value
                error=self.error("password")
                hint=Signal::derive(hint)
                placeholder=Signal::derive(dots)
                spare=true
            />
        }
        .into_any()
    }

    /// Where it listens, and the switch of how it is spoken to.
    pub fn connection(
        self,
        label: &'static str,
        port: Bind<String>,
        usual_port: Signal<String>,
        switch: AnyView,
    ) -> AnyView {
        view! {
            <div class="form-pair">
                <TextField
                    label
                    name=self.field('-', "port")
                    value=port
                    error=self.error("port")
                    placeholder=usual_port
                    inputmode="numeric"
                    autocomplete="off"
                />
                <div class="field">
                    <span class="field-label">{self.editor.words.login_encryption()}</span>
                    {switch}
                </div>
            </div>
        }
        .into_any()
    }

    fn field(self, mark: char, field: &str) -> String {
        format!("{}{mark}{field}", self.name)
    }

    fn error(self, field: &str) -> Signal<Option<String>> {
        self.editor.error(&self.field('.', field))
    }
}

/// What saving without a login takes away.
pub fn will_be_removed(words: Words) -> AnyView {
    view! { <p class="note warn">{words.login_will_be_removed()}</p> }.into_any()
}
