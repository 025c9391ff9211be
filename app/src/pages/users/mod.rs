//! Accounts, for admins: who may look, who may change things, and who no longer may.

mod bindings;
mod dialogs;
mod row;

use crate::{
    api::{load::load, users::load_users},
    i18n::use_words,
    pages::not_allowed::not_allowed,
    parts::*,
    use_visitor,
};
use bindings::Bindings;
use dialogs::{NewUser, RemoveUser, ResetPassword, TakeFactor};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use model::{Role, User, UserId};
use row::UserRow;

/// The list, as everything on this page sees it.
#[derive(Clone, Copy)]
struct Users {
    list: RwSignal<Vec<User>>,
    /// Whose dialog is open.
    chosen: RwSignal<Option<User>>,
}

impl Users {
    /// Asks the server for the truth again.
    fn refresh(self) {
        spawn_local(async move {
            if let Ok(users) = load_users().await {
                self.list.try_set(users);
            }
        });
    }

    fn one(self, id: UserId) -> Memo<Option<User>> {
        Memo::new(move |_| self.list.with(|users| users.iter().find(|user| user.id == id).cloned()))
    }

    /// Without this account nobody could change anything any more.
    fn is_last_admin(self, id: UserId) -> bool {
        self.list.with(|users| {
            let mut admins = users.iter().filter(|user| user.role == Role::Admin && user.enabled);
            admins.next().is_some_and(|admin| admin.id == id) && admins.next().is_none()
        })
    }
}

#[component]
pub fn UsersPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    let loaded = load(|| (), |()| load_users());
    view! {
        <Title text=words.users_title() />
        <div class="page">
        {when_found(loaded, user_list)}
        </div>
    }
    .into_any()
}

fn user_list(loaded: Vec<User>) -> AnyView {
    let words = use_words();
    let users = Users { list: RwSignal::new(loaded), chosen: RwSignal::new(None) };
    let [adding, resetting, removing, taking_factor] = [(); 4].map(|()| RwSignal::new(false));
    let ids = move || users.list.with(|all| all.iter().map(|user| user.id.0).collect());
    let columns = [words.user_name(), words.user_role(), words.user_enabled(), words.user_last_login()];
    view! {
        <header class="page-head">
            <div>
                <h1>{words.users_title()}</h1>
                <p>{words.users_lead()}</p>
            </div>
            <Button look=Look::Primary on:click=move |_| adding.set(true)>
                <Icon name=IconName::Plus />
                {words.user_add()}
            </Button>
        </header>
        <div class="list" role="table" aria-label=words.users_title()>
            {list_head("user-row", &columns)}
            {each(ids, move |id| {
                view! { <UserRow users id=UserId(id) resetting removing taking_factor /> }.into_any()
            })}
        </div>
        <Bindings users />
        <NewUser users open=adding />
        <ResetPassword users open=resetting />
        <TakeFactor users open=taking_factor />
        <RemoveUser users open=removing />
    }
    .into_any()
}
