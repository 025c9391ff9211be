//! Name, places to go, and one's own menu.

use super::{
    Preferences,
    more::{More, MoreMenu},
    palette::use_palette,
};
use crate::{
    api::account::log_out,
    i18n::use_words,
    live::use_fleet,
    parts::{Acts, Icon, IconName, use_awake},
    use_visitor,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;
use model::State;

#[component]
pub fn Header() -> impl IntoView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    let admin_links = is_admin.then(|| {
        view! {
            <A href="/admin/routers">
                <Icon name=IconName::Devices />
                {words.nav_routers()}
            </A>
        }
    });
    let palette = use_palette();
    view! {
        <header class="header">
            <a class="brand" href="/" aria-label=words.nav_home()>
                <img src="/favicon.svg" alt="" width="22" height="22" />
                <span>"Routewarden"</span>
            </a>
            <nav class="nav" aria-label=words.nav_label()>
                <A href="/" exact=true>
                    <Icon name=IconName::Columns />
                    {words.nav_dashboard()}
                </A>
                <A href="/alerts">
                    <Icon name=IconName::Bell />
                    {words.nav_alerts()}
                    <TroubleCount />
                </A>
                <A href="/history">
                    <Icon name=IconName::History />
                    {words.nav_history()}
                </A>
                {admin_links}
                <More />
            </nav>
            <MoreMenu />
            <button type="button" class="search-button" on:click=move |_| palette.set(true)>
                <Icon name=IconName::Search />
                <span>{words.palette_open()}</span>
                <kbd>"Ctrl K"</kbd>
            </button>
            <UserMenu />
        </header>
    }
}

/// How many devices are in trouble, as the feed tells it; what they have in common is told on the page.
#[component]
fn TroubleCount() -> impl IntoView {
    let (words, fleet, is_awake) = (use_words(), use_fleet(), use_awake());
    let count = move || {
        let counts = fleet.counts();
        u64::from(counts.of(State::Down)) + u64::from(counts.of(State::Degraded))
    };
    view! {
        <Show when=move || { is_awake.get() && count() > 0 }>
            <span class="nav-count" aria-hidden="true" title=move || words.nav_trouble(count())>
                {count}
            </span>
            <span class="hidden">{move || words.nav_trouble(count())}</span>
        </Show>
    }
}

/// Opened by the browser itself (`popover`), so it works before the page wakes up.
#[component]
fn UserMenu() -> impl IntoView {
    let (words, acts) = (use_words(), Acts::new());
    let Some(user) = use_visitor().user else { return ().into_any() };
    let role = words.role(user.role);
    let initial: String = user.name.chars().take(1).flat_map(char::to_uppercase).collect();
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        leave(acts);
    };
    view! {
        <button type="button" class="avatar" popovertarget="user-menu" aria-label=words.menu_label(&user.name)>
            {initial}
        </button>
        <div id="user-menu" class="menu" popover="auto">
            <p class="menu-who">
                <strong>{user.name}</strong>
                <span>{role}</span>
            </p>
            <Preferences />
            <a class="menu-item" href="/account">
                <Icon name=IconName::User />
                {words.nav_account()}
            </a>
            <form method="post" action="/api/log_out" on:submit=on_submit>
                <button type="submit" class="menu-item">
                    <Icon name=IconName::LogOut />
                    {words.action_log_out()}
                </button>
            </form>
        </div>
    }
    .into_any()
}

/// Logs out, or says why not.
pub fn leave(acts: Acts) {
    spawn_local(async move {
        // A good answer is a redirect, which loads the login page afresh.
        if let Err(error) = log_out().await {
            acts.fail(&error);
        }
    });
}
