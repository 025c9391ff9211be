//! Changing one's own password.

use crate::{api::account::change_password, i18n::use_words, parts::*, use_visitor};
use leptos::{ev, prelude::*};

#[component]
pub fn ChangeOwnPassword(ended: RwSignal<u32>) -> impl IntoView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let own_name = use_visitor().user.map(|user| user.name).unwrap_or_default();
    let is_awake = use_awake();
    let [old, new] = [(); 2].map(|()| RwSignal::new(String::new()));
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        task.run(change_password(old.get_untracked(), new.get_untracked()), move |()| {
            old.set(String::new());
            new.set(String::new());
            acts.say(words.password_said_changed());
            ended.update(|ended| *ended += 1);
        });
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p class="card-lead">{words.password_change_text()}</p>
            <ErrorNote error=task.error_beside(&["old", "new_password"]) />
            // Tells password managers whose password changes.
            <input type="text" class="hidden" name="username" autocomplete="username" value=own_name.clone() readonly tabindex="-1" aria-hidden="true" />
            <PasswordField
                label=words.password_old()
                name="old"
                autocomplete="current-password"
                value=old
                error=task.fields.at("old")
            />
            <PasswordField
                label=words.password_new()
                name="new"
                autocomplete="new-password"
                value=new
                owner=Signal::stored(own_name)
                hint=words.setup_password_hint()
                error=task.fields.at("new_password")
            />
            <div class="form-foot">
                <Button look=Look::Primary submit=true busy=task.is_pending() disabled=Signal::derive(move || !is_awake.get())>
                    {words.password_change()}
                </Button>
            </div>
        </form>
    }
}
