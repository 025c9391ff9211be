//! Trying a channel out: what came of it stands beneath it until the next try.

use super::Channels;
use crate::{
    api::channels::test_channel,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{prelude::*, task::spawn_local};
use model::Channel;

/// Copy it into closures.
#[derive(Clone, Copy)]
pub struct Trial {
    words: Words,
    acts: Acts,
    toasts: Toasts,
    channels: Channels,
    channel: Memo<Option<Channel>>,
    is_running: RwSignal<bool>,
    /// What the channel was as it was tried: what was changed since then is not what was tried.
    tried: RwSignal<Option<(Channel, Option<String>)>>,
}

impl Trial {
    pub fn new(channels: Channels, channel: Memo<Option<Channel>>) -> Self {
        Self {
            words: use_words(),
            acts: Acts::new(),
            toasts: use_toasts(),
            channels,
            channel,
            is_running: RwSignal::new(false),
            tried: RwSignal::new(None),
        }
    }

    pub fn is_running(self) -> Signal<bool> {
        self.is_running.into()
    }

    pub fn run(self) {
        let Some(channel) = self.channel.get_untracked().filter(|_| !self.is_running.get_untracked()) else {
            return;
        };
        self.is_running.set(true);
        self.tried.set(None);
        spawn_local(async move {
            let answer = test_channel(channel.id).await;
            // The row may have gone with its channel in the meantime.
            self.is_running.try_set(false);
            match answer {
                Ok(failure) => {
                    match failure {
                        None => self.acts.say(self.words.channel_said_works(&channel.name)),
                        Some(_) => {
                            self.toasts.say(Tone::Bad, self.words.channel_said_fails(&channel.name));
                        }
                    }
                    self.tried.try_set(Some((channel, failure)));
                    // How the channel is says so too.
                    self.channels.roll.refresh();
                }
                Err(error) => self.acts.fail(&error),
            }
        });
    }

    fn failure(self) -> Option<Option<String>> {
        let is_of = |tried: &Channel, now: &Channel| {
            (&tried.settings, &tried.secrets, &tried.name) == (&now.settings, &now.secrets, &now.name)
        };
        self.tried.with(|tried| {
            let (then, failure) = tried.as_ref()?;
            let is_still = self.channel.with(|now| now.as_ref().is_some_and(|now| is_of(then, now)));
            is_still.then(|| failure.clone())
        })
    }

    pub fn outcome(self) -> AnyView {
        let words = self.words;
        let told = move || match (self.is_running.get(), self.failure()) {
            (true, _) => Some(view! { <Spinner label=words.channel_testing() /> }.into_any()),
            (false, None) => None,
            (false, Some(None)) => Some(note("note good", IconName::Check, words.channel_works(), None)),
            (false, Some(why)) => Some(note("note bad", IconName::Warning, words.channel_fails(), why)),
        };
        view! {
            <span role="cell" class="channel-trial">
                <span role="status">{told}</span>
            </span>
        }
        .into_any()
    }
}

fn note(class: &'static str, icon: IconName, what: &'static str, why: Option<String>) -> AnyView {
    view! {
        <div class=class>
            <Icon name=icon />
            <div>
                <strong>{what}</strong>
                {why.map(|why| view! { <p>{why}</p> })}
            </div>
        </div>
    }
    .into_any()
}
