//! Channels, for admins: where people are told, and how that goes.

mod editor;
mod fields;
mod form;
mod health;
mod own_words;
mod remove;
mod row;
mod trial;

use crate::{
    api::{channels::load_channels, load::load},
    i18n::{Words, use_words},
    pages::not_allowed::not_allowed,
    parts::*,
    use_visitor,
};
use editor::Editor;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use model::{Channel, ChannelForm, ChannelId, ChannelKind, ChannelPage};
use remove::RemoveChannel;
use std::time::Duration;

/// How a channel is changes without anybody here: between two questions to the server, while the page is open.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// The channels and their kinds, as everything on this page sees them.
#[derive(Clone, Copy)]
struct Channels {
    list: RwSignal<Vec<Channel>>,
    forms: StoredValue<Vec<ChannelForm>>,
    /// Whose dialog is open; nothing for a new one.
    chosen: RwSignal<Option<Channel>>,
    /// How often this page itself changed something: an answer that was asked for before knows nothing of it.
    changes: StoredValue<u32>,
}

impl Channels {
    fn new(page: ChannelPage) -> Self {
        Self {
            list: RwSignal::new(page.channels),
            forms: StoredValue::new(page.forms),
            chosen: RwSignal::new(None),
            changes: StoredValue::new(0),
        }
    }

    /// Asks the server for the truth again.
    fn refresh(self) {
        let before = self.changes.try_get_value();
        spawn_local(async move {
            if let Ok(page) = load_channels().await
                && self.changes.try_get_value() == before
            {
                self.list.try_set(page.channels);
            }
        });
    }

    /// Takes a channel as the server now has it.
    fn put(self, channel: Channel) {
        self.change(|all| {
            all.retain(|known| known.id != channel.id);
            all.push(channel);
            all.sort_by(|a, b| a.name.cmp(&b.name));
        });
    }

    fn forget(self, id: ChannelId) {
        self.change(|all| all.retain(|known| known.id != id));
    }

    fn change(self, change: impl FnOnce(&mut Vec<Channel>)) {
        self.changes.try_update_value(|changes| *changes += 1);
        self.list.try_update(change);
    }

    fn one(self, id: ChannelId) -> Memo<Option<Channel>> {
        Memo::new(move |_| self.list.with(|all| all.iter().find(|channel| channel.id == id).cloned()))
    }

    /// The form of a kind that people may choose.
    fn form(self, kind: ChannelKind) -> Option<ChannelForm> {
        self.forms.with_value(|forms| forms.iter().find(|form| form.kind == kind).cloned())
    }

    fn follow(self) {
        Effect::new(move |_| {
            if let Ok(asking) = set_interval_with_handle(move || self.refresh(), ASK_EVERY) {
                on_cleanup(move || asking.clear());
            }
        });
    }
}

/// What a kind is called.
fn kind_word(words: Words, kind: ChannelKind) -> &'static str {
    words.by_key(&format!("channel_{}", kind.word())).unwrap_or(kind.word())
}

#[component]
pub fn ChannelsPage() -> impl IntoView {
    let words = use_words();
    if !use_visitor().is_admin() {
        return not_allowed();
    }
    let loaded = load(|| (), |()| load_channels());
    view! {
        <Title text=words.channels_title() />
        <div class="page">
        {when_loaded(loaded, |page| match page {
            Ok(page) => channel_list(Channels::new(page)),
            Err(error) => not_loaded(error),
        })}
        </div>
    }
    .into_any()
}

fn channel_list(channels: Channels) -> AnyView {
    let words = use_words();
    channels.follow();
    let [editing, removing] = [(); 2].map(|()| RwSignal::new(false));
    let add = move || {
        channels.chosen.set(None);
        editing.set(true);
    };
    let ids = move || channels.list.with(|all| all.iter().map(|channel| channel.id.0).collect());
    let add_button = move || {
        view! {
            <Button look=Look::Primary on:click=move |_| add()>
                <Icon name=IconName::Plus />
                {words.channel_add()}
            </Button>
        }
        .into_any()
    };
    let is_empty = Memo::new(move |_| channels.list.with(Vec::is_empty));
    view! {
        <header class="page-head">
            <div>
                <h1>{words.channels_title()}</h1>
                <p>{words.channels_lead()}</p>
            </div>
            <Show when=move || !is_empty.get()>{add_button()}</Show>
        </header>
        <Show
            when=move || !is_empty.get()
            fallback=move || {
                view! {
                    <Empty icon=IconName::Bell title=words.channels_empty_title() text=words.channels_empty_text()>
                        {add_button()}
                    </Empty>
                }
            }
        >
            <div class="list channels" role="table" aria-label=words.channels_title()>
                {head(words)}
                {each(ids, move |id| row::row(channels, ChannelId(id), editing, removing))}
            </div>
        </Show>
        <Editor channels open=editing />
        <RemoveChannel channels open=removing />
    }
    .into_any()
}

fn head(words: Words) -> AnyView {
    view! {
        <div class="list-head channel-row" role="row">
            <span role="columnheader">{words.user_name()}</span>
            <span role="columnheader">{words.channels_told()}</span>
            <span role="columnheader">{words.worker_state()}</span>
            <span role="columnheader">{words.user_enabled()}</span>
            <span role="columnheader">
                <span class="hidden">{words.list_actions()}</span>
            </span>
        </div>
    }
    .into_any()
}
