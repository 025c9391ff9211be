//! The door: who is not logged in waits outside. It only saves a useless page; the server guards.

use super::{
    Preferences,
    confirm::ConfirmPassword,
    header::Header,
    keys::Keys,
    palette::{Palette, provide_palette},
};
use crate::{
    i18n::use_words,
    live::Fleet,
    pages::dashboard::{provide_bulk, provide_columns},
    parts::provide_page_keys,
    use_visitor,
};
use leptos::prelude::*;
use leptos_router::components::{Outlet, Redirect};

/// The pages of people who are logged in, under one header and on one live feed.
#[component]
pub fn Inside() -> impl IntoView {
    let visitor = use_visitor();
    if visitor.needs_setup {
        return view! { <Redirect path="/setup" /> }.into_any();
    }
    if visitor.user.is_none() {
        return view! { <Redirect path="/login" /> }.into_any();
    }
    within(|| view! { <Outlet /> }.into_any())
}

/// A page of people who are logged in, with all that stands around it.
pub fn within(page: impl FnOnce() -> AnyView) -> AnyView {
    let words = use_words();
    let fleet = Fleet::new();
    provide_context(fleet);
    fleet.connect();
    provide_palette();
    provide_bulk();
    provide_columns();
    let own = provide_page_keys();
    view! {
        <a class="skip" href="#main">
            {words.nav_skip()}
        </a>
        <Header />
        <Banners />
        <main id="main" class="main" tabindex="-1" class:stale=move || fleet.lost_since().is_some()>
            {page()}
        </main>
        <Palette />
        <Keys own />
        <ConfirmPassword />
    }
    .into_any()
}

/// Setting up and logging in: one card on a quiet page.
#[component]
pub fn Outside() -> impl IntoView {
    view! {
        <main id="main" class="outside">
            <div class="outside-brand">
                <img src="/favicon.svg" alt="" width="32" height="32" />
                <span>"Routewarden"</span>
            </div>
            <Outlet />
            <footer class="outside-foot">
                <Preferences />
            </footer>
        </main>
    }
}

/// What is wrong with the page itself: an open line, a lost feed, a database that does not record.
#[component]
fn Banners() -> impl IntoView {
    let words = use_words();
    let fleet = crate::live::use_fleet();
    let now = crate::parts::use_now();
    let is_lost = Memo::new(move |_| fleet.lost_since().is_some());
    let is_unrecorded = Memo::new(move |_| fleet.trouble().unrecorded_since.is_some());
    let is_cut_off = Memo::new(move |_| fleet.trouble().cut_off_since.is_some());
    let ago = move |since| crate::format::span(words, now.get().since_ms(since) / 1000);
    view! {
        {use_visitor().is_exposed.then(|| view! { <p class="banner">{words.banner_exposed()}</p> })}
        // Said once: the seconds that are counted below are for the eye.
        <div class="hidden" role="status">
            <p>{move || is_lost.get().then(|| words.banner_lost_said())}</p>
            <p>{move || is_unrecorded.get().then(|| words.banner_unrecorded_said())}</p>
            <p>{move || is_cut_off.get().then(|| words.banner_cut_off())}</p>
        </div>
        {move || {
            fleet
                .lost_since()
                .map(|since| {
                    view! {
                        <p class="banner bad" aria-hidden="true">
                            {move || words.banner_lost(&ago(since))}
                        </p>
                    }
                })
        }}
        {move || {
            fleet
                .trouble()
                .unrecorded_since
                .map(|since| {
                    view! {
                        <p class="banner bad" aria-hidden="true">
                            {move || words.banner_unrecorded(&ago(since))}
                        </p>
                    }
                })
        }}
        {move || {
            fleet
                .trouble()
                .cut_off_since
                .map(|since| {
                    view! {
                        <p class="banner bad" aria-hidden="true">
                            {move || format!("{} ({})", words.banner_cut_off(), ago(since))}
                        </p>
                    }
                })
        }}
    }
}
