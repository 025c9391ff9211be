//! Removing a line of a short list, asked once more in its own place.

use super::{Button, Look};
use crate::i18n::use_words;
use leptos::prelude::*;

/// `label` says of which line it is, to those who do not see that; `sure` is what is asked.
pub fn remove_here(label: String, sure: &'static str, remove: impl Fn() + Send + Sync + 'static) -> AnyView {
    let (words, is_asking) = (use_words(), RwSignal::new(false));
    let remove = Callback::new(move |()| remove());
    let ask = move || {
        view! {
            <Button look=Look::Quiet attr:aria-label=label.clone() on:click=move |_| is_asking.set(true)>
                {words.action_remove()}
            </Button>
        }
    };
    view! {
        <Show when=move || is_asking.get() fallback=ask>
            <span class="token-sure">
                <span>{sure}</span>
                <Button look=Look::Danger on:click=move |_| remove.run(())>{words.action_remove()}</Button>
                <Button look=Look::Quiet on:click=move |_| is_asking.set(false)>{words.action_cancel()}</Button>
            </span>
        </Show>
    }
    .into_any()
}
