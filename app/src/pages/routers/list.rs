//! Every device in a list that can be searched, with the acts that need no form.

use super::{HOME, Roster, wish};
use crate::{
    api::devices::{check_now, reload},
    browser,
    i18n::{Words, use_words},
    live::{Link, use_fleet},
    pages::device::Doubt,
    parts::*,
};
use leptos::{ev, prelude::*};
use model::{Check, CheckKind, Device, DeviceId, State};
use std::collections::HashSet;

/// Rows drawn before a person asks for all of them.
const SHOWN_MAX: usize = 200;
const SEARCH_ID: &str = "routers-search";

pub fn list(roster: Roster, edited: Signal<Option<DeviceId>>) -> AnyView {
    let words = use_words();
    let wanted = RwSignal::new(String::new());
    let is_all = RwSignal::new(false);
    let alive = Memo::new(move |_| alive());
    let found = Memo::new(move |_| {
        let mut found = find(roster, words, &wanted.read());
        alive.with(|alive| found.retain(|id| alive.as_ref().is_none_or(|alive| alive.contains(id))));
        found
    });
    let count = move || found.with(Vec::len);
    let shown = move || {
        let most = if is_all.get() { usize::MAX } else { SHOWN_MAX };
        found.with(|found| found.iter().take(most).map(|id| id.0).collect())
    };
    focus_search_with_slash();
    offer_keys(vec![("/", words.keys_filter().to_owned())], None);
    fetch_strangers(roster);
    let table = move || {
        view! {
            <div class="list" role="table" aria-label=words.routers_title()>
                {head(words)}
                {each(shown, move |id| row(roster, DeviceId(id), edited))}
            </div>
            <Show when=move || count() == 0>
                <p class="list-none">{words.routers_none_found()}</p>
            </Show>
            <Show when=move || { count() > SHOWN_MAX && !is_all.get() }>
                <Button on:click=move |_| is_all.set(true)>{move || words.routers_show_all(&count())}</Button>
            </Show>
        }
    };
    view! {
        <section class="split-list">
            {page_head(roster)} <Show when=move || !roster.devices.with(Vec::is_empty) fallback=move || nothing_yet(words)>
                <div class="search">
                    <Icon name=IconName::Search />
                    <input
                        id=SEARCH_ID
                        class="input"
                        type="search"
                        placeholder=words.routers_search()
                        aria-label=words.routers_search()
                        prop:value=move || wanted.get()
                        on:input=move |event| wanted.set(event_target_value(&event))
                    />
                    <span class="search-count" role="status">
                        {move || words.device_count(count() as u64)}
                    </span>
                </div>
                {table()}
            </Show>
        </section>
    }
    .into_any()
}

/// The devices of the live fleet, once it is complete: what somebody removed elsewhere is not in it.
fn alive() -> Option<HashSet<DeviceId>> {
    let fleet = use_fleet();
    fleet.track_order();
    fleet.is_whole().then(|| fleet.with_rows(|rows| rows.iter().map(|row| row.id).collect()))
}

/// Asks for the devices that somebody added or changed elsewhere: the live fleet tells of them, this list does not.
fn fetch_strangers(roster: Roster) {
    let fleet = use_fleet();
    let is_as_told = move |device: &Device| {
        let told = fleet.with_row(device.id, |row| {
            (row.live.state != State::Paused) == device.enabled
                && (&row.name, &row.address, &row.location)
                    == (&device.name, &device.address, &device.location)
        });
        told.unwrap_or(true) || wish::is_made_for(device.id)
    };
    // Whenever the fleet tells something, and not when the list does: a removed device that is live for a moment longer
    // would be asked for without end.
    Effect::new(move || {
        let mut strangers = alive().unwrap_or_default();
        // Again when the line is back: the question may have been lost with it.
        let is_live = fleet.link() == Link::Live;
        roster.devices.with_untracked(|all| {
            for device in all.iter().filter(|device| is_as_told(device)) {
                strangers.remove(&device.id);
            }
        });
        if !strangers.is_empty() && is_live {
            roster.refresh();
        }
    });
}

/// The ids of the devices that hold every wanted word somewhere, by name.
fn find(roster: Roster, words: Words, wanted: &str) -> Vec<DeviceId> {
    let wanted: Vec<String> = wanted.split_whitespace().map(str::to_lowercase).collect();
    roster.devices.with(|devices| {
        let mut found: Vec<(String, DeviceId)> = devices
            .iter()
            .filter(|device| {
                let text = searched(device, words);
                wanted.iter().all(|word| text.contains(word))
            })
            .map(|device| (device.name.to_lowercase(), device.id))
            .collect();
        found.sort();
        found.into_iter().map(|(_, id)| id).collect()
    })
}

fn searched(device: &Device, words: Words) -> String {
    let location = device.location.as_deref().unwrap_or_default();
    let (name, address, kind) = (&device.name, &device.address, words.kind(device.kind));
    format!("{name} {address} {location} {kind} {}", device.tags.join(" ")).to_lowercase()
}

fn page_head(roster: Roster) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let is_reloading = RwSignal::new(false);
    let reload_fleet = move |_| {
        is_reloading.set(true);
        let said = move |count: u32| words.routers_said_reloaded(u64::from(count));
        acts.run(reload(), said, move |_| {
            is_reloading.set(false);
            roster.refresh();
        });
    };
    view! {
        <header class="page-head">
            <div>
                <h1>{words.routers_title()}</h1>
                <p>{words.routers_lead()}</p>
            </div>
            <Button busy=is_reloading on:click=reload_fleet attr:title=words.routers_reload_text()>
                <Icon name=IconName::Refresh />
                {words.routers_reload()}
            </Button>
            <a class=Look::Primary.class() href=format!("{HOME}/new")>
                <Icon name=IconName::Plus />
                {words.router_add()}
            </a>
        </header>
    }
    .into_any()
}

fn nothing_yet(words: Words) -> AnyView {
    view! {
        <Empty title=words.routers_empty_title() text=words.routers_empty_text()>
            <a class=Look::Primary.class() href=format!("{HOME}/new")>
                <Icon name=IconName::Plus />
                {words.router_add()}
            </a>
            <code class="hint-command">"routewarden import config.json"</code>
        </Empty>
    }
    .into_any()
}

fn head(words: Words) -> AnyView {
    view! {
        <div class="list-head router-row" role="row">
            <span role="columnheader" class="router-state">
                <span class="hidden">{words.list_state()}</span>
            </span>
            <span role="columnheader">{words.router_name()}</span>
            <span role="columnheader">{words.router_location()}</span>
            <span role="columnheader">{words.router_checks()}</span>
            <span role="columnheader">{words.router_enabled()}</span>
            <span role="columnheader">
                <span class="hidden">{words.list_actions()}</span>
            </span>
        </div>
    }
    .into_any()
}

fn row(roster: Roster, id: DeviceId, edited: Signal<Option<DeviceId>>) -> AnyView {
    let words = use_words();
    let device = roster.one(id);
    let with = move |read: &dyn Fn(&Device) -> String| {
        device.with(|device| device.as_ref().map(read).unwrap_or_default())
    };
    let aside = move || with(&|device| format!("{} · {}", words.kind(device.kind), device.address));
    let checks = move || {
        device.with(|device| device.as_ref().map(|device| device.checks.iter().map(chip).collect_view()))
    };
    view! {
            <div
                class="list-row router-row"
                role="row"
                class:off=move || device.with(|device| device.as_ref().is_some_and(|device| !device.enabled))
                class:chosen=move || edited.get() == Some(id)
            >
                <span role="cell" class="router-state">
                    {state(id)}
                </span>
                <span role="cell" class="router-who">
                    <a href=format!("{HOME}/{id}")>{move || with(&|device| device.name.clone())}</a>
                    <small>{aside}</small>
                </span>
                <span role="cell" class="router-site">
                    {move || with(&|device| device.location.clone().unwrap_or_default())}
                </span>
                <span role="cell" class="router-checks">
                    {checks}
                </span>
                <span role="cell" class="router-switch">
    {enabled_switch(device)}</span>
                <span role="cell" class="list-actions">
                    {check_button(device)}
                </span>
            </div>
        }
    .into_any()
}

/// The live state, once the feed has told it.
fn state(id: DeviceId) -> impl Fn() -> Option<AnyView> {
    let fleet = use_fleet();
    move || {
        let row = fleet.is_whole().then(|| fleet.row(id)).flatten()?;
        let doubted = row.clone();
        let state = Signal::derive(move || row.with(|row| row.live.state));
        Some(
            view! {
                <StateMark state quiet=true />
                <Doubt row=doubted />
            }
            .into_any(),
        )
    }
}

fn chip(check: &Check) -> AnyView {
    let words = use_words();
    let kind = words.by_key(&format!("check_{}", check.kind.word())).unwrap_or(check.kind.word());
    let port = (check.kind == CheckKind::Tcp).then(|| check.settings.get("port").cloned()).flatten();
    let every = words.check_every(&crate::format::span(words, i64::from(check.interval_s)));
    view! {
        <span class="tag" title=every>
            {kind}
            {port.map(|port| format!(" {port}"))}
        </span>
    }
    .into_any()
}

fn enabled_switch(device: Memo<Option<Device>>) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let name = device.with_untracked(|device| device.as_ref().map(|d| d.name.clone()).unwrap_or_default());
    let label = words.router_enabled_of(&name);
    let write = move |enabled| {
        if let Some(device) = device.get_untracked() {
            wish::make((words, acts), device.id, device.name, enabled);
        }
    };
    let read = move || device.with(|device| device.as_ref().is_some_and(|device| device.enabled));
    view! { <Switch label name="enabled" value=Bind::new(read, write) bare=true /> }.into_any()
}

fn check_button(device: Memo<Option<Device>>) -> AnyView {
    let (words, acts) = (use_words(), Acts::new());
    let is_busy = RwSignal::new(false);
    let name = move || device.with(|device| device.as_ref().map(|d| d.name.clone()).unwrap_or_default());
    let ask = move |_| {
        let Some(device) = device.get_untracked() else { return };
        is_busy.set(true);
        let said = move |()| words.router_said_checked(&device.name);
        acts.run(check_now(Some(device.id)), said, move |_| done_with(is_busy));
    };
    let is_off = Signal::derive(move || device.with(|device| device.as_ref().is_none_or(|d| !d.enabled)));
    view! {
        <Button
            look=Look::Quiet
            busy=is_busy
            disabled=is_off
            on:click=ask
            attr:aria-label=move || words.router_check_now_of(&name())
        >
            <Icon name=IconName::Play />
            {words.router_check_now()}
        </Button>
    }
    .into_any()
}

/// The row may have gone with its device in the meantime.
fn done_with(is_busy: RwSignal<bool>) {
    is_busy.try_set(false);
}

fn focus_search_with_slash() {
    let listening = window_event_listener(ev::keydown, move |event| {
        if browser::pressed(&event) == "/"
            && !browser::is_typing()
            && let Some(search) = browser::element(SEARCH_ID)
        {
            event.prevent_default();
            drop(search.focus());
        }
    });
    on_cleanup(move || listening.remove());
}
