//! One of a few, in a menu.

use super::{Bind, Field};
use leptos::prelude::*;

/// One line of the menu: its value, and what it is called.
pub struct Pick {
    pub value: String,
    pub text: String,
}

#[component]
pub fn SelectField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    options: Vec<Pick>,
    value: Bind<String>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let option = move |Pick { value: this, text }: Pick| {
        let own = this.clone();
        let is_chosen = move || value.read.with(|chosen| *chosen == own);
        view! {
            <option value=this selected=is_chosen>
                {text}
            </option>
        }
    };
    view! {
        <Field label name=name.clone() hint error>
            <select
                class="input"
                id=name.clone()
                name=name.clone()
                aria-describedby=format!("{name}-note")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                prop:value=move || value.read.get()
                on:change=move |event| value.write.run(event_target_value(&event))
            >
                {options.into_iter().map(option).collect_view()}
            </select>
        </Field>
    }
}
