//! Adding an account, giving it a new password, taking its second factor away, and removing it.

use super::Users;
use crate::{
    api::users::{create_user, remove_user, set_user_password, take_second_factor},
    i18n::use_words,
    parts::*,
};
use leptos::{ev, prelude::*};
use model::Role;

#[component]
pub fn NewUser(users: Users, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    view! {
        <Dialog open title=words.user_add() firm=true>
            {new_user_form(users, open)}
        </Dialog>
    }
}

fn new_user_form(users: Users, open: RwSignal<bool>) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let [name, password] = [(); 2].map(|()| RwSignal::new(String::new()));
    let role = RwSignal::new(Role::Viewer.word().to_owned());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let chosen = Role::from_word(&role.get_untracked()).unwrap_or(Role::Viewer);
        let ask = create_user(name.get_untracked().trim().to_owned(), chosen, password.get_untracked());
        task.run(ask, move |user| {
            acts.say(words.user_said_enabled(&user.name));
            open.set(false);
            users.refresh();
        });
    };
    let roles = vec![
        CardOption {
            value: Role::Viewer.word(),
            title: words.role_viewer(),
            text: words.role_viewer_text(),
            icon: IconName::User,
        },
        CardOption {
            value: Role::Admin.word(),
            title: words.role_admin(),
            text: words.role_admin_text(),
            icon: IconName::Shield,
        },
    ];
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <ErrorNote error=task.error_beside(&["username", "password"]) />
            <TextField
                label=words.user_name()
                name="new-name"
                value=name
                hint=words.setup_name_hint()
                error=task.fields.at("username")
                autocomplete="off"
                required=true
            />
            <CardChoice label=words.user_role() name="role" options=roles value=role.into() />
            <PasswordField
                label=words.password()
                name="new-password"
                autocomplete="new-password"
                value=password
                owner=name
                hint=words.user_password_hint()
                error=task.fields.at("password")
            />
            {form_foot(open, task, words.user_add())}
        </form>
    }
    .into_any()
}

#[component]
pub fn ResetPassword(users: Users, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let title = move || words.user_reset_password_of(&chosen_name(users));
    view! {
        <Dialog open title=Signal::derive(title) firm=true>
            {reset_form(users, open)}
        </Dialog>
    }
}

fn reset_form(users: Users, open: RwSignal<bool>) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let password = RwSignal::new(String::new());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(user) = users.chosen.get_untracked() else { return };
        task.run(set_user_password(user.id, password.get_untracked()), move |()| {
            acts.say(words.user_said_password(&user.name));
            open.set(false);
        });
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p>{words.user_reset_text()}</p>
            <ErrorNote error=task.error_beside(&["password"]) />
            <PasswordField
                label=words.password_new()
                name="new-password"
                autocomplete="new-password"
                value=password
                owner=Signal::derive(move || chosen_name(users))
                error=task.fields.at("password")
            />
            {form_foot(open, task, words.user_reset_password())}
        </form>
    }
    .into_any()
}

/// For somebody whose authenticator is lost.
#[component]
pub fn TakeFactor(users: Users, open: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let title = move || words.user_take_factor_of(&chosen_name(users));
    view! {
        <Dialog open title=Signal::derive(title)>
            {take_factor_form(users, open)}
        </Dialog>
    }
}

fn take_factor_form(users: Users, open: RwSignal<bool>) -> AnyView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(user) = users.chosen.get_untracked() else { return };
        task.run(take_second_factor(user.id), move |()| {
            acts.say(words.user_said_factor_taken(&user.name));
            open.set(false);
            users.refresh();
        });
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <p>{words.user_take_factor_text()}</p>
            <ErrorNote error=task.error() />
            {form_foot(open, task, words.user_take_factor())}
        </form>
    }
    .into_any()
}

#[component]
pub fn RemoveUser(users: Users, open: RwSignal<bool>) -> impl IntoView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let on_confirm = move |()| {
        let Some(user) = users.chosen.get_untracked() else { return };
        task.run(remove_user(user.id), move |()| {
            acts.say(words.user_said_removed(&user.name));
            open.set(false);
            users.refresh();
        });
    };
    view! {
        <ConfirmRemove
            open
            lost=words.user_remove_lost()
            name=Signal::derive(move || chosen_name(users))
            task
            on_confirm
        />
    }
}

fn chosen_name(users: Users) -> String {
    users.chosen.with(|user| user.as_ref().map(|user| user.name.clone()).unwrap_or_default())
}
