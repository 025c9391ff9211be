//! "Confirm it is you": asks for the password again, in front of the act that wants it and that waits meanwhile.

use crate::{
    api::{account::confirm_password, again},
    i18n::use_words,
    lazy,
    parts::*,
    use_visitor,
};
use leptos::{ev, prelude::*};

#[component]
pub fn ConfirmPassword() -> impl IntoView {
    let words = use_words();
    let open = RwSignal::new(false);
    Effect::new(move || {
        again::ask_by(open);
        // Closed without an answer; after a good one nothing waits any more.
        if !open.get() {
            again::settle(false);
        }
    });
    view! {
        <Dialog open title=words.confirm_title() firm=true>
            {lazy::later(lazy::fetch_confirm, move || lazy::at_once(lazy::open_confirm(open)))}
        </Dialog>
    }
}

/// What it holds.
pub fn confirm_form(open: RwSignal<bool>) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let own_name = use_visitor().user.map(|user| user.name).unwrap_or_default();
    let password = RwSignal::new(String::new());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        task.run(confirm_password(password.get_untracked()), move |()| {
            again::settle(true);
            open.set(false);
        });
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p>{words.confirm_text()}</p>
            <ErrorNote error=task.error_beside(&["password"]) />
            // Tells password managers whose password is asked for.
            <input type="text" class="hidden" name="username" autocomplete="username" value=own_name readonly tabindex="-1" aria-hidden="true" />
            <PasswordField
                label=words.password()
                name="confirm-password"
                autocomplete="current-password"
                value=password
                error=task.fields.at("password")
                autofocus=true
            />
            {form_foot(open, task, words.confirm_do())}
        </form>
    }
    .into_any()
}
