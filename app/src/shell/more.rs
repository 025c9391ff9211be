//! Places where people go now and then, behind one button. Opened by the browser itself (`popover`), so it works before
//! the page wakes up.

use crate::{
    browser,
    i18n::{Words, use_words},
    parts::{Icon, IconName},
    use_visitor,
};
use leptos::{ev, prelude::*};
use leptos_router::{components::A, hooks::use_location};

const MENU: &str = "more-menu";

type Place = (&'static str, IconName, &'static str);

/// Everybody's places, and those of admins.
pub fn places(words: Words, is_admin: bool) -> Vec<Place> {
    let everybody = [
        ("/reports", IconName::Report, words.report_title()),
        ("/logs", IconName::Lines, words.logs_title()),
        ("/admin/rules", IconName::Check, words.nav_rules()),
        ("/admin/maintenance", IconName::Wrench, words.quiets_title()),
    ];
    let admins = [
        ("/admin/channels", IconName::Send, words.nav_channels()),
        ("/admin/users", IconName::Users, words.nav_users()),
        ("/admin/audit", IconName::Shield, words.audit_title()),
        ("/commands", IconName::Terminal, words.command_title()),
        ("/admin/recordings", IconName::Play, words.recordings_title()),
        ("/admin/workers", IconName::Server, words.nav_workers()),
        ("/admin/logs", IconName::Columns, words.own_log_title()),
    ];
    everybody.into_iter().chain(admins.into_iter().filter(|_| is_admin)).collect()
}

/// The button; nothing for whom there is nothing more.
#[component]
pub fn More() -> impl IntoView {
    let (words, path) = (use_words(), use_location().pathname);
    let places = places(words, use_visitor().is_admin());
    (!places.is_empty()).then(|| {
        let is_here = move || path.with(|path| places.iter().any(|(place, ..)| path.starts_with(place)));
        let enter = move |event: ev::KeyboardEvent| {
            if browser::pressed(&event) == "ArrowDown" && browser::focus("#more-menu:popover-open a") {
                event.prevent_default();
            }
        };
        view! {
            <button
                type="button"
                class="nav-more"
                popovertarget=MENU
                aria-current=move || is_here().then_some("true")
                on:keydown=enter
            >
                <Icon name=IconName::More />
                {words.nav_more()}
            </button>
        }
    })
}

/// What the button opens.
#[component]
pub fn MoreMenu() -> impl IntoView {
    let (words, path) = (use_words(), use_location().pathname);
    // Who went somewhere has no more use for it.
    Effect::new(move |_| {
        path.track();
        browser::hide_popover(MENU);
    });
    let item = |(path, icon, word): Place| {
        view! {
            <A href=path attr:class="menu-item">
                <Icon name=icon />
                {word}
            </A>
        }
    };
    let step = |event: ev::KeyboardEvent| {
        let is_down = match browser::pressed(&event).as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        event.prevent_default();
        browser::focus_beside(is_down);
    };
    view! {
        <nav id=MENU class="menu" popover="auto" aria-label=words.nav_more() on:keydown=step>
            {places(words, use_visitor().is_admin()).into_iter().map(item).collect_view()}
        </nav>
    }
}
