//! A link that takes what a page shows away as a file.

use super::{Icon, IconName, Look};
use leptos::prelude::*;

/// `text` says in which form.
pub fn file_link(href: impl Into<Signal<String>>, text: &'static str) -> AnyView {
    let href = href.into();
    view! {
        <a class=Look::Plain.class() href=move || href.get() download="" rel="external">
            <Icon name=IconName::Download />
            {text}
        </a>
    }
    .into_any()
}
