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
use leptos::prelude::*;
use leptos_meta::Title;
use model::{Channel, ChannelForm, ChannelKind, ChannelPage};
use remove::RemoveChannel;
use std::time::Duration;

/// How a channel is changes without anybody here: between two questions to the server, while the page is open.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// The channels and their kinds, as everything on this page sees them.
#[derive(Clone, Copy)]
struct Channels {
    roll: Roll<Channel>,
    forms: StoredValue<Vec<ChannelForm>>,
    /// Whose dialog is open; nothing for a new one.
    chosen: RwSignal<Option<Channel>>,
}

impl Listed for Channel {
    fn number(&self) -> i64 {
        self.id.0
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Channels {
    fn new(page: ChannelPage) -> Self {
        let ask = || -> Asked<Channel> { Box::pin(async { Ok(load_channels().await?.channels) }) };
        Self {
            roll: Roll::new(page.channels, ask),
            forms: StoredValue::new(page.forms),
            chosen: RwSignal::new(None),
        }
    }

    /// The form of a kind that people may choose.
    fn form(self, kind: ChannelKind) -> Option<ChannelForm> {
        self.forms.with_value(|forms| forms.iter().find(|form| form.kind == kind).cloned())
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
        {when_found(loaded, |page| channel_list(Channels::new(page)))}
        </div>
    }
    .into_any()
}

fn channel_list(channels: Channels) -> AnyView {
    let words = use_words();
    channels.roll.follow(ASK_EVERY);
    let [editing, removing] = [(); 2].map(|()| RwSignal::new(false));
    let add = move |()| {
        channels.chosen.set(None);
        editing.set(true);
    };
    let listing = Listing {
        title: words.channels_title(),
        lead: words.channels_lead(),
        empty: (words.channels_empty_title(), words.channels_empty_text()),
        add: Some((words.channel_add(), Callback::new(add))),
        class: ("list channels", "channel-row"),
        columns: vec![words.user_name(), words.channels_told(), words.worker_state(), words.user_enabled()],
    };
    view! {
        {listing.view(channels.roll.numbers(), move |id| row::row(channels, id, editing, removing))}
        {editor::editor(channels, editing)}
        <RemoveChannel channels open=removing />
    }
    .into_any()
}
