//! An address that leads nowhere.

use crate::{
    i18n::use_words,
    parts::{Empty, IconName, Look},
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    let words = use_words();
    view! {
        <Title text=words.not_found_title() />
        <main class="not-found">
            <Empty icon=IconName::Search title=words.not_found_title() text=words.not_found_text() alone=true>
                <a class=Look::Primary.class() href="/">
                    {words.not_found_home()}
                </a>
            </Empty>
        </main>
    }
}
