//! Where one is logged in, and how to end that from here.

use crate::{
    api::{
        account::{end_other_sessions, end_session, load_sessions},
        load::load,
    },
    i18n::use_words,
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::OwnSession;

type List = RwSignal<Vec<OwnSession>>;

#[component]
pub fn Sessions(ended: RwSignal<u32>) -> impl IntoView {
    let words = use_words();
    let loaded = load(move || ended.get(), |_| load_sessions());
    view! {
        <Card title=words.sessions_title()>
            <p class="card-lead">{words.sessions_text()}</p>
            {when_found(loaded, session_list)}
        </Card>
    }
}

fn session_list(loaded: Vec<OwnSession>) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let list: List = RwSignal::new(loaded);
    let has_others = move || list.with(|all| all.iter().any(|session| !session.is_this));
    let end_others = move |_| {
        acts.run(
            end_other_sessions(),
            move |()| words.sessions_said_others_ended().to_owned(),
            move |_| refresh(list),
        );
    };
    view! {
        <ul class="tokens">
            <For each=move || list.get() key=|session| session.name.clone() let:session>
                {session_row(list, session)}
            </For>
        </ul>
        <Show when=has_others>
            <div class="form-foot">
                <Button on:click=end_others>{words.sessions_end_others()}</Button>
            </div>
        </Show>
    }
    .into_any()
}

fn refresh(list: List) {
    spawn_local(async move {
        if let Ok(sessions) = load_sessions().await {
            list.try_set(sessions);
        }
    });
}

fn session_row(list: List, session: OwnSession) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let browser = session.browser.unwrap_or_else(|| words.session_unknown().to_owned());
    let label = words.session_end_of(&browser);
    let name = session.name;
    let end = move |_| {
        let name = name.clone();
        acts.run(end_session(name), move |()| words.session_said_ended().to_owned(), move |_| refresh(list));
    };
    let act = if session.is_this {
        view! { <span class="tag">{words.session_this()}</span> }.into_any()
    } else {
        view! {
            <Button look=Look::Quiet attr:aria-label=label on:click=end>
                {words.session_end()}
            </Button>
        }
        .into_any()
    };
    view! {
        <li class="token">
            <Icon name=IconName::Globe />
            <div>
                <strong>{browser}</strong>
                <span>{session.address}</span>
                <small>
                    {words.session_since()} " " <Ago at=Signal::stored(session.created_at) /> " · " {words.session_seen()} " "
                    <Ago at=Signal::stored(session.seen_at) />
                </small>
            </div>
            {act}
        </li>
    }
    .into_any()
}
