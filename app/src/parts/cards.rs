//! One of a few, each worth a sentence: radio buttons drawn as cards.

use super::{Bind, Icon, IconName};
use leptos::prelude::*;

/// One card: its value, its title, and what it means.
pub struct CardOption {
    pub value: &'static str,
    pub title: &'static str,
    pub text: &'static str,
    pub icon: IconName,
}

#[component]
pub fn CardChoice(
    #[prop(into)] label: String,
    name: &'static str,
    options: Vec<CardOption>,
    value: Bind<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let card = |option: CardOption| {
        let is_chosen = move || value.read.with(|chosen| chosen == option.value);
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=name
                    value=option.value
                    checked=untrack(is_chosen)
                    prop:checked=is_chosen
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    on:change=move |_| value.write.run(option.value.to_owned())
                />
                <Icon name=option.icon />
                <span class="choice-title">{option.title}</span>
                <span class="choice-text">{option.text}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field choices" class:bad=move || error.with(Option::is_some)>
            <legend class="field-label">{label}</legend>
            <div class="choices-grid">{options.into_iter().map(card).collect_view()}</div>
            <p class="field-note">
                {move || error.get().map(|error| view! { <span class="field-error">{error}</span> })}
            </p>
        </fieldset>
    }
}
