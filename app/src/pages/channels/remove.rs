//! Removing a channel, with what waits for it.

use super::Channels;
use crate::{api::channels::remove_channel, i18n::use_words, parts::*};
use leptos::prelude::*;
use model::Channel;

#[component]
pub fn RemoveChannel(channels: Channels, open: RwSignal<bool>) -> impl IntoView {
    let (words, acts, task) = (use_words(), Acts::new(), Task::new());
    let name = Signal::derive(move || {
        channels.chosen.with(|chosen| chosen.as_ref().map(|one| one.name.clone()).unwrap_or_default())
    });
    // What waits is counted as it is now, and not as the dialog was opened.
    let waiting = move || {
        let id = channels.chosen.with(|chosen| chosen.as_ref().map(|one| one.id));
        let waits = |one: &Channel| Some(one.id) == id;
        channels.roll.lines.with(|all| all.iter().find(|one| waits(one)).map_or(0, |one| one.health.waiting))
    };
    let lost = move || match waiting() {
        0 => words.channel_remove_lost().to_owned(),
        count => format!("{} {}", words.channel_remove_lost(), words.channel_remove_waiting(count)),
    };
    let on_confirm = move |()| {
        let Some(channel) = channels.chosen.get_untracked() else { return };
        task.run(remove_channel(channel.id), move |()| {
            acts.say(words.router_said_removed(&channel.name));
            open.try_set(false);
            channels.roll.forget(channel.id.0);
        });
    };
    view! {
        <ConfirmRemove
            open
            lost=Signal::derive(lost)
            name
            task
            on_confirm
        />
    }
}
