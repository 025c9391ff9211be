//! Notifications: whether this browser is told of incidents, and which others of this account are.

use crate::{
    api::{
        load::load,
        push::{load_push, subscribe_push, unsubscribe_push, update_push},
    },
    browser::{self, PushState},
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::{ChannelId, PushBrowser, PushPage, Severity};

/// What the card shares.
#[derive(Clone, Copy)]
struct Told {
    words: Words,
    key: StoredValue<String>,
    browsers: RwSignal<Vec<PushBrowser>>,
    /// How this browser stands; nothing before it has answered.
    here: RwSignal<Option<PushState>>,
    is_busy: RwSignal<bool>,
}

#[component]
pub fn Push(ended: RwSignal<u32>) -> impl IntoView {
    let words = use_words();
    let loaded = load(move || ended.get(), |_| load_push());
    view! {
        <Card title=words.push_title()>
            <p class="card-lead">{words.push_text()}</p>
            {when_found(loaded, body)}
        </Card>
    }
}

impl Told {
    fn new(page: PushPage) -> Self {
        let told = Self {
            words: use_words(),
            key: StoredValue::new(page.key),
            browsers: RwSignal::new(page.browsers),
            here: RwSignal::new(None),
            is_busy: RwSignal::new(false),
        };
        Effect::new(move |_| told.look());
        told
    }

    /// Asks the browser and the server again.
    fn look(self) {
        spawn_local(async move {
            let here = browser::push_state().await;
            self.here.try_set(Some(here));
        });
    }

    async fn refresh(self) {
        if let Ok(page) = load_push().await {
            self.browsers.try_set(page.browsers);
        }
    }

    fn ids(self) -> Vec<i64> {
        self.browsers.with(|all| all.iter().map(|one| one.id.0).collect())
    }

    fn one(self, id: ChannelId) -> Memo<Option<PushBrowser>> {
        Memo::new(move |_| self.browsers.with(|all| all.iter().find(|one| one.id == id).cloned()))
    }

    /// The one of the list that is this browser.
    fn own(self) -> Option<ChannelId> {
        let Some(PushState::On(mark)) = self.here.get() else { return None };
        self.browsers.with(|all| all.iter().find(|one| one.mark == mark).map(|one| one.id))
    }

    fn switch(self, acts: Acts, toasts: Toasts, is_on: bool) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        let own = untrack(|| self.own());
        let words = self.words;
        spawn_local(async move {
            if is_on {
                self.switch_on(acts, toasts).await;
            } else if let Some(own) = own {
                match unsubscribe_push(own).await {
                    Ok(()) => {
                        browser::push_off().await;
                        acts.say(words.push_said_off());
                    }
                    Err(error) => acts.fail(&error),
                }
            }
            self.refresh().await;
            self.look();
            self.is_busy.try_set(false);
        });
    }

    async fn switch_on(self, acts: Acts, toasts: Toasts) {
        let words = self.words;
        let Some(key) = self.key.try_get_value() else { return };
        match browser::push_on(&key).await {
            Ok([endpoint, p256dh, auth]) => match subscribe_push(endpoint, p256dh, auth).await {
                Ok(None) => acts.say(words.push_said_on()),
                Ok(Some(why)) => toasts.say(Tone::Bad, words.push_said_fails(&why)),
                Err(error) => acts.fail(&error),
            },
            Err(PushState::Denied) => toasts.say(Tone::Bad, words.push_denied()),
            Err(PushState::Impossible) => toasts.say(Tone::Bad, words.push_impossible()),
            Err(_) => toasts.say(Tone::Bad, words.push_unsubscribed()),
        }
    }
}

fn body(page: PushPage) -> AnyView {
    let (words, acts, toasts) = (use_words(), Acts::new(), use_toasts());
    let told = Told::new(page);
    let value = Bind::new(move || told.own().is_some(), move |is_on| told.switch(acts, toasts, is_on));
    let is_off = Signal::derive(move || {
        told.is_busy.get() || !matches!(told.here.get(), Some(PushState::Off | PushState::On(_)))
    });
    let why = move || match told.here.get() {
        Some(PushState::Impossible) => Some(words.push_impossible()),
        Some(PushState::Denied) => Some(words.push_denied()),
        _ => None,
    };
    view! {
        <Switch label=words.push_here() name="push" value disabled=is_off />
        {move || why().map(|why| view! { <p class="field-note">{why}</p> })}
        <ul class="tokens">{each(move || told.ids(), move |id| row(told, ChannelId(id)))}</ul>
    }
    .into_any()
}

fn row(told: Told, id: ChannelId) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let one = told.one(id);
    let Some(PushBrowser { browser, .. }) = one.get_untracked() else { return ().into_any() };
    let label = words.push_remove_of(&browser);
    let is_here = move || told.own() == Some(id);
    let remove = move |_| {
        let is_own = untrack(is_here);
        acts.run(
            unsubscribe_push(id),
            move |()| words.push_said_off().to_owned(),
            move |_| {
                spawn_local(async move {
                    if is_own {
                        browser::push_off().await;
                    }
                    told.refresh().await;
                    told.look();
                });
            },
        );
    };
    view! {
        <li class="token">
            <Icon name=IconName::Bell />
            <div>
                <strong>
                    {browser}
                    <Show when=is_here>
                        " "
                        <span class="tag">{words.session_this()}</span>
                    </Show>
                </strong>
                <small>{sent(one)}</small>
                {move || {
                    let failure = one.with(|one| one.as_ref()?.failure.clone());
                    failure.map(|why| view! { <small class="field-error">{why}</small> })
                }}
            </div>
            <Button look=Look::Quiet attr:aria-label=label on:click=remove>
                {words.action_remove()}
            </Button>
            {choices(told, one)}
        </li>
    }
    .into_any()
}

/// When it was last told anything.
fn sent(one: Memo<Option<PushBrowser>>) -> AnyView {
    let words = use_words();
    let known = Memo::new(move |_| one.with(|one| one.as_ref().map(|one| (one.is_on, one.sent_at))));
    (move || {
        Some(match known.get()? {
            (false, _) => words.channel_off().into_any(),
            (true, None) => words.push_never().into_any(),
            (true, Some(at)) => view! { {words.channel_sent()} " " <Ago at=Signal::stored(at) /> }.into_any(),
        })
    })
    .into_any()
}

/// What it is told, and in which language. Shown at once, and as it is if it was refused.
fn choices(told: Told, one: Memo<Option<PushBrowser>>) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let change = move |change: &dyn Fn(&mut PushBrowser)| {
        let Some(mut changed) = one.get_untracked() else { return };
        change(&mut changed);
        let PushBrowser { id, severity, language, browser, .. } = changed.clone();
        told.browsers.update(|all| {
            if let Some(one) = all.iter_mut().find(|one| one.id == id) {
                *one = changed;
            }
        });
        let said = move |()| words.router_said_saved(&browser);
        acts.run(update_push(id, severity, language), said, move |_| spawn_local(told.refresh()));
    };
    let severity = Bind::new(
        move || one.with(|one| one.as_ref().map_or(Severity::Warning, |one| one.severity)),
        move |severity| change(&|one| one.severity = severity),
    );
    let language = Bind::new(
        move || one.with(|one| one.as_ref().map(|one| one.language.clone()).unwrap_or_default()),
        move |language: String| change(&|one| one.language.clone_from(&language)),
    );
    let name = one.with_untracked(|one| one.as_ref().map_or(0, |one| one.id.0));
    told_fields(&format!("push-{name}"), severity, language, FieldErrors::new())
}
