//! Who speaks for this account from Telegram, and how to be one of them.

use crate::{
    api::{
        load::load,
        telegram::{load_bindings, offer_binding, remove_binding},
    },
    i18n::use_words,
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::{Binding, BindingOffer, BindingPage};
use std::time::Duration;

/// The code is said elsewhere: between two looks whether it was.
const LOOK_EVERY: Duration = Duration::from_secs(3);

#[derive(Clone, Copy)]
struct State {
    list: RwSignal<Vec<Binding>>,
    /// A code that was made and not said yet.
    offer: RwSignal<Option<BindingOffer>>,
}

#[component]
pub fn Telegram(ended: RwSignal<u32>) -> impl IntoView {
    let words = use_words();
    let loaded = load(move || ended.get(), |_| load_bindings());
    view! {
        <Card title="Telegram">
            <p class="card-lead">{words.chat_text()}</p>
            {when_found(loaded, body)}
        </Card>
    }
}

fn body(page: BindingPage) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    let state = State { list: RwSignal::new(page.bindings), offer: RwSignal::new(None) };
    state.follow();
    let connect = move |_| {
        task.run(offer_binding(words.lang().code().to_owned()), move |offer| state.offer.set(Some(offer)));
    };
    let none = if page.has_bot { words.chat_none() } else { words.chat_no_bot() };
    let foot = page.has_bot.then(|| {
        view! {
            <div class="form-foot">
                <Button busy=task.is_pending() on:click=connect>
                    <Icon name=IconName::Send />
                    {words.chat_connect()}
                </Button>
            </div>
        }
    });
    view! {
        <ul class="tokens">
            <For each=move || state.list.get() key=|binding| binding.id let:binding>
                {binding_row(state, binding)}
            </For>
        </ul>
        <Show when=move || state.list.with(Vec::is_empty)>
            <p class="tokens-none">{none}</p>
        </Show>
        <ErrorNote error=task.error() />
        <Show when=move || state.offer.with(Option::is_some)>{offered(state)}</Show>
        {foot}
    }
    .into_any()
}

impl State {
    fn refresh(self) {
        spawn_local(async move {
            let Ok(page) = load_bindings().await else { return };
            let is_more = self.list.try_with_untracked(|before| before.len() < page.bindings.len());
            if is_more == Some(true) {
                self.offer.try_set(None);
            }
            self.list.try_set(page.bindings);
        });
    }

    /// While a code is shown, somebody is saying it.
    fn follow(self) {
        Effect::new(move |_| {
            if self.offer.with(Option::is_some)
                && let Ok(looking) = set_interval_with_handle(move || self.refresh(), LOOK_EVERY)
            {
                on_cleanup(move || looking.clear());
            }
        });
    }
}

/// What is to be said, and to whom.
fn offered(state: State) -> AnyView {
    let words = use_words();
    let Some(BindingOffer { code, bots }) = state.offer.get_untracked() else { return ().into_any() };
    let link = |bot: String| {
        let address = format!("https://t.me/{bot}?start={code}");
        view! {
            <a class=Look::Primary.class() href=address target="_blank" rel="noreferrer">
                {words.chat_open(&bot)}
            </a>
        }
    };
    let links = bots.into_iter().map(link).collect_view();
    view! {
        <div class="form chat-offer">
            <p>{words.chat_send()}</p>
            <CopyBlock text=Signal::stored(format!("/start {code}")) label=words.chat_connect() />
            <div class="form-foot">{links}</div>
        </div>
    }
    .into_any()
}

fn binding_row(state: State, binding: Binding) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let (id, called) = (binding.id, binding.called.clone());
    let label = words.user_remove_of(&called);
    let remove = move || {
        let called = called.clone();
        acts.run(remove_binding(id), move |()| words.chat_said_removed(&called), move |_| state.refresh());
    };
    let used =
        binding.used_at.map(|at| view! { " · " {words.token_used()} " " <Ago at=Signal::stored(at) /> });
    let bot = Some(binding.bot.trim_start_matches('@').to_owned()).filter(|bot| !bot.is_empty());
    view! {
        <li class="token">
            <Icon name=IconName::Send />
            <div>
                <strong>{binding.called}</strong>
                <span>{bot.map(|bot| words.chat_bot(&bot))}</span>
                <small>{words.chat_since()} " " <Ago at=Signal::stored(binding.bound_at) /> {used}</small>
            </div>
            {remove_here(label, words.chat_remove_sure(), remove)}
        </li>
    }
    .into_any()
}
