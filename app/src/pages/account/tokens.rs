//! Tokens: how programs act for this account.

use crate::{
    api::{
        account::{create_token, load_tokens, remove_token},
        load::load,
    },
    i18n::use_words,
    parts::*,
    use_visitor,
};
use leptos::{ev, prelude::*, task::spawn_local};
use model::{Scope, Token};

type List = RwSignal<Vec<Token>>;

#[component]
pub fn Tokens() -> impl IntoView {
    let words = use_words();
    let loaded = load(|| (), |()| load_tokens());
    let adding = RwSignal::new(false);
    let add = move || {
        view! {
            <Button on:click=move |_| adding.set(true)>
                <Icon name=IconName::Plus />
                {words.token_add()}
            </Button>
        }
    };
    view! {
        <Card title=words.tokens_title() actions=ViewFn::from(add)>
            <p class="card-lead">{words.tokens_text()}</p>
            {when_found(loaded, move |tokens| token_list(tokens, adding))}
        </Card>
    }
}

fn token_list(loaded: Vec<Token>, adding: RwSignal<bool>) -> AnyView {
    let words = use_words();
    let list: List = RwSignal::new(loaded);
    // A token that has just been made: its dialog shows it once.
    let made = RwSignal::new(None::<String>);
    view! {
        <ul class="tokens">
            <For each=move || list.get() key=|token| token.id let:token>
                {token_row(list, token)}
            </For>
        </ul>
        <Show when=move || list.with(Vec::is_empty)>
            <p class="tokens-none">{words.tokens_none()}</p>
        </Show>
        <Dialog open=adding title=words.token_add() firm=true once=Signal::derive(move || made.with(Option::is_some))>
            {new_token(list, adding, made)}
        </Dialog>
    }
    .into_any()
}

fn refresh(list: List) {
    spawn_local(async move {
        if let Ok(tokens) = load_tokens().await {
            list.try_set(tokens);
        }
    });
}

fn scope_word(scope: Scope) -> &'static str {
    let words = use_words();
    match scope {
        Scope::Read => words.token_read(),
        Scope::Write => words.token_write(),
    }
}

fn token_row(list: List, token: Token) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let (id, name) = (token.id, token.name.clone());
    let label = words.user_remove_of(&name);
    let remove = move || {
        let name = name.clone();
        acts.run(remove_token(id), move |()| words.token_said_removed(&name), move |_| refresh(list));
    };
    let used = match token.last_used_at {
        Some(at) => view! {
            {words.token_used()}
            " "
            <Ago at=Signal::stored(at) />
        }
        .into_any(),
        None => words.token_never_used().into_any(),
    };
    view! {
        <li class="token">
            <Icon name=IconName::Key />
            <div>
                <strong>{token.name.clone()}</strong>
                <span class="tag">{scope_word(token.scope)}</span>
                <small>{used}</small>
            </div>
            {remove_here(label, words.token_remove_sure(), remove)}
        </li>
    }
    .into_any()
}

/// The form, and then the token itself: it is never shown again.
fn new_token(list: List, open: RwSignal<bool>, made: RwSignal<Option<String>>) -> AnyView {
    let (words, task) = (use_words(), Task::new());
    made.set(None);
    let done = move || {
        let token = made.get()?;
        Some(view! {
            <div class="form">
                <div class="note good">
                    <Icon name=IconName::Check />
                    <p>{words.token_shown_once()}</p>
                </div>
                <CopyBlock text=Signal::stored(token) label=words.token_itself() />
                <div class="form-foot">
                    <Button look=Look::Primary on:click=move |_| open.set(false)>
                        {words.action_done()}
                    </Button>
                </div>
            </div>
        })
    };
    view! {
        <Show when=move || made.with(Option::is_none) fallback=done>
            {new_token_form(list, task, made)}
        </Show>
    }
    .into_any()
}

fn new_token_form(list: List, task: Task, made: RwSignal<Option<String>>) -> AnyView {
    let words = use_words();
    let name = RwSignal::new(String::new());
    let scope = RwSignal::new(Scope::Read.word().to_owned());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let chosen = Scope::from_word(&scope.get_untracked()).unwrap_or(Scope::Read);
        task.run(create_token(name.get_untracked().trim().to_owned(), chosen), move |token| {
            made.set(Some(token));
            refresh(list);
        });
    };
    let read = CardOption {
        value: Scope::Read.word(),
        title: words.token_read(),
        text: words.token_read_text(),
        icon: IconName::Search,
    };
    let write = CardOption {
        value: Scope::Write.word(),
        title: words.token_write(),
        text: words.token_write_text(),
        icon: IconName::Edit,
    };
    // A viewer's token could not write in any case.
    let scopes = if use_visitor().is_admin() { vec![read, write] } else { vec![read] };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <ErrorNote error=task.error_beside(&["name"]) />
            <TextField
                label=words.token_name()
                name="token-name"
                value=name
                hint=words.token_name_hint()
                error=task.fields.at("name")
                autocomplete="off"
                required=true
            />
            <CardChoice label=words.token_scope() name="scope" options=scopes value=scope.into() />
            <div class="form-foot">
                <Button look=Look::Primary submit=true busy=task.is_pending()>
                    {words.token_add()}
                </Button>
            </div>
        </form>
    }
    .into_any()
}
