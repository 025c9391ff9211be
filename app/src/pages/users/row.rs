//! One account, with what may be done to it.

use super::Users;
use crate::{api::users::update_user, i18n::use_words, parts::*, use_visitor};
use leptos::prelude::*;
use model::{Role, User, UserId};

#[component]
pub fn UserRow(
    users: Users,
    id: UserId,
    resetting: RwSignal<bool>,
    removing: RwSignal<bool>,
    taking_factor: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let user = users.one(id);
    let is_last = Memo::new(move |_| users.is_last_admin(id));
    let name = user.with_untracked(|user| user.as_ref().map(|user| user.name.clone()).unwrap_or_default());
    let is_me = use_visitor().user.is_some_and(|me| me.id == id);
    // One's own takes a code.
    let may_take_factor =
        move || !is_me && user.with(|user| user.as_ref().is_some_and(|user| user.has_second_factor));
    let factor_label = StoredValue::new(words.user_take_factor_of(&name));
    let last_login = move || user.with(|user| user.as_ref().and_then(|user| user.last_login_at));
    let open = move |dialog: RwSignal<bool>| {
        users.chosen.set(user.get_untracked());
        dialog.set(true);
    };
    view! {
        <div class="user-row list-row" role="row" class:off=move || !is_on(user)>
            <span role="cell" class="user-name">
                <strong>{name.clone()}</strong>
                {is_me.then(|| view! { <span class="tag">{words.user_you()}</span> })}
            </span>
            <span role="cell">{role_menu(users, user, Signal::derive(move || is_me || is_last.get()), &name)}</span>
            <span role="cell" data-label=words.user_enabled()>{enabled_switch(users, user, is_last, &name)}</span>
            <span role="cell" class="user-login" data-label=words.user_last_login()>
                <Show when=move || last_login().is_some() fallback=move || words.user_never_logged_in()>
                    <Ago at=Signal::derive(move || last_login().unwrap_or_default()) />
                </Show>
            </span>
            <span role="cell" class="list-actions">
                <Show when=may_take_factor>
                    <Button
                        look=Look::Quiet
                        attr:aria-label=factor_label.get_value()
                        on:click=move |_| open(taking_factor)
                    >
                        <Icon name=IconName::Shield />
                        {words.user_take_factor()}
                    </Button>
                </Show>
                <Button
                    look=Look::Quiet
                    attr:aria-label=words.user_reset_password_of(&name)
                    on:click=move |_| open(resetting)
                >
                    <Icon name=IconName::Key />
                    {words.user_reset_password()}
                </Button>
                <Button
                    look=Look::Quiet
                    attr:aria-label=words.user_remove_of(&name)
                    disabled=is_last
                    on:click=move |_| open(removing)
                >
                    <Icon name=IconName::Trash />
                    {words.action_remove()}
                </Button>
            </span>
            <Show when=move || is_me || is_last.get()>
                <p role="cell" class="user-why">
                    {move || if is_last.get() { words.user_last_admin() } else { words.user_own_role() }}
                </p>
            </Show>
        </div>
    }
}

fn is_on(user: Memo<Option<User>>) -> bool {
    user.with(|user| user.as_ref().is_some_and(|user| user.enabled))
}

fn role_menu(users: Users, user: Memo<Option<User>>, is_fixed: Signal<bool>, name: &str) -> AnyView {
    let words = use_words();
    let change = change_with(users, user);
    let role = move || user.with(|user| user.as_ref().map_or(Role::Viewer, |user| user.role));
    let options = [Role::Admin, Role::Viewer].map(|option| {
        view! {
            <option value=option.word() selected=move || role() == option>
                {words.role(option)}
            </option>
        }
    });
    view! {
        <select
            class="input"
            aria-label=words.user_role_of(&name)
            disabled=is_fixed
            prop:value=move || role().word()
            on:change=move |event| {
                if let Some(role) = Role::from_word(&event_target_value(&event)) {
                    change(&|user| user.role = role);
                }
            }
        >
            {options}
        </select>
    }
    .into_any()
}

fn enabled_switch(users: Users, user: Memo<Option<User>>, is_last: Memo<bool>, name: &str) -> AnyView {
    let change = change_with(users, user);
    let value = Bind::new(move || is_on(user), move |enabled| change(&|user| user.enabled = enabled));
    let label = use_words().user_enabled_of(&name);
    view! { <Switch label name="enabled" value disabled=is_last bare=true /> }.into_any()
}

/// Shows the change at once, sends it, and shows the truth again if it was refused.
fn change_with(users: Users, user: Memo<Option<User>>) -> impl Fn(&dyn Fn(&mut User)) + Copy + Send + Sync {
    let (words, acts) = (use_words(), Acts::new());
    move |change| {
        let Some(mut changed) = user.get_untracked() else { return };
        let was_enabled = changed.enabled;
        change(&mut changed);
        let User { id, role, enabled, name, .. } = changed.clone();
        users.list.update(|all| {
            if let Some(user) = all.iter_mut().find(|user| user.id == id) {
                *user = changed;
            }
        });
        let said = move |()| match (was_enabled, enabled) {
            (true, false) => words.user_said_disabled(&name),
            (false, true) => words.user_said_enabled(&name),
            _ => words.user_said_changed(&name, &words.role(role)),
        };
        acts.run(update_user(id, role, enabled), said, move |_| users.refresh());
    }
}
