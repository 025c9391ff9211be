//! An address that leads nowhere.

use crate::{
    i18n::{Words, use_words},
    parts::{Empty, IconName, Look},
    shell, use_visitor,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Whoever is logged in keeps the header, and with it the ways to every other page.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let words = use_words();
    if use_visitor().user.is_none() {
        return view! { <main class="not-found">{lost(words)}</main> }.into_any();
    }
    // Drawn in a scope of its own: what the header listens to goes with it when another page comes.
    (move || untrack(|| shell::within(|| lost(words)))).into_any()
}

fn lost(words: Words) -> AnyView {
    view! {
        <Title text=words.not_found_title() />
        <Empty icon=IconName::Search title=words.not_found_title() text=words.not_found_text() alone=true>
            <a class=Look::Primary.class() href="/">
                {words.not_found_home()}
            </a>
        </Empty>
    }
    .into_any()
}
