//! A list with nothing in it says what to do next.

use super::{Icon, IconName};
use leptos::prelude::*;

/// The children are the things to do next.
#[component]
pub fn Empty(
    #[prop(optional)] icon: IconName,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// The page holds nothing else, so this is its heading.
    #[prop(optional)]
    alone: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">
                <Icon name=icon />
            </span>
            {if alone { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() }}
            <p>{text}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}
