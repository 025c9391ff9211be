//! The ways to the other pages of a list.

use crate::i18n::use_words;
use leptos::prelude::*;

/// Links to what is newer and older, as far as there is any.
#[component]
pub fn Pager(
    newer: Option<String>,
    #[prop(into)] older: Signal<Option<String>>,
    /// Which of how many this page shows.
    #[prop(optional, into)]
    range: Signal<Option<String>>,
    /// Nothing was found so far: what is older may have it.
    #[prop(optional)]
    is_empty: bool,
) -> impl IntoView {
    let words = use_words();
    let link = |href: String, text: &'static str| view! { <a class="button" href=href>{text}</a> };
    let is_first = newer.is_none();
    let newer = StoredValue::new(newer);
    let is_needed = move || !is_first || older.with(Option::is_some);
    let older_text = if is_empty { words.list_more() } else { words.list_older() };
    view! {
        <Show when=is_needed>
            <nav class="pager" aria-label=words.list_pages()>
                {newer.get_value().map(|href| link(href, words.list_newer()))}
                {move || range.get().map(|range| view! { <span>{range}</span> })}
                {move || older.get().map(|href| link(href, older_text))}
            </nav>
        </Show>
    }
}
