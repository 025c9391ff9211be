//! Who speaks for which account from Telegram.

use super::Users;
use crate::{
    api::{
        load::load,
        telegram::{load_all_bindings, remove_any_binding},
    },
    i18n::use_words,
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::Binding;

#[component]
pub fn Bindings(users: Users) -> impl IntoView {
    let loaded = load(|| (), |()| load_all_bindings());
    // Where nobody does, there is nothing to say of it.
    when_loaded(loaded, move |bindings| match bindings {
        Ok(bindings) if bindings.is_empty() => ().into_any(),
        Ok(bindings) => shown(users, bindings),
        Err(error) => not_loaded(error),
    })
}

fn shown(users: Users, bindings: Vec<Binding>) -> AnyView {
    let list = RwSignal::new(bindings);
    view! {
        <div class="user-chats">
            <Card title="Telegram">
                <ul class="tokens">
                    <For each=move || list.get() key=|binding| binding.id let:binding>
                        {row(users, list, binding)}
                    </For>
                </ul>
            </Card>
        </div>
    }
    .into_any()
}

fn row(users: Users, list: RwSignal<Vec<Binding>>, binding: Binding) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let user = users.one(binding.user);
    let name = move || user.with(|user| user.as_ref().map(|user| user.name.clone()));
    let (id, called) = (binding.id, binding.called.clone());
    let label = words.user_remove_of(&called);
    let remove = move |_| {
        let called = called.clone();
        acts.run(
            remove_any_binding(id),
            move |()| words.chat_said_removed(&called),
            move |_| {
                spawn_local(async move {
                    if let Ok(bindings) = load_all_bindings().await {
                        list.try_set(bindings);
                    }
                });
            },
        );
    };
    let bot = Some(binding.bot.trim_start_matches('@').to_owned()).filter(|bot| !bot.is_empty());
    view! {
        <li class="token">
            <Icon name=IconName::Send />
            <div>
                <strong>{name}</strong>
                <span>{binding.called}</span>
                <small>
                    {bot.map(|bot| format!("{} · ", words.chat_bot(&bot)))} {words.chat_since()} " "
                    <Ago at=Signal::stored(binding.bound_at) />
                </small>
            </div>
            <Button look=Look::Quiet attr:aria-label=label on:click=remove>
                {words.action_remove()}
            </Button>
        </li>
    }
    .into_any()
}
