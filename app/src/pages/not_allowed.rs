//! What a viewer finds at an admin's address.

use crate::{i18n::use_words, parts::*, use_visitor};
use leptos::prelude::*;
use leptos_meta::Title;

/// Who may enter, as whom the visitor came, and where to go instead.
pub fn not_allowed() -> AnyView {
    let words = use_words();
    let name = use_visitor().user.map(|user| user.name).unwrap_or_default();
    view! {
        <Title text=words.not_allowed_title() />
        <Empty icon=IconName::Shield title=words.not_allowed_title() text=format!("{} {}", words.failure_forbidden(), words.not_allowed_text(&name)) alone=true>
            <a class=Look::Primary.class() href="/">
                {words.not_allowed_home()}
            </a>
        </Empty>
    }
    .into_any()
}
