//! A list with nothing in it says what to do next.

use super::{Icon, IconName};
use leptos::prelude::*;

/// The children are the things to do next.
#[component]
pub fn Empty(
    #[prop(optional)] icon: IconName,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">
                <Icon name=icon />
            </span>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}
