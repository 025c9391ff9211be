//! A handful of short words.

use super::{Bind, Field};
use crate::i18n::use_words;
use leptos::{ev, prelude::*};

/// Tags as chips: Enter or a comma adds, Backspace in the empty input removes the last.
#[component]
pub fn TagsField(
    #[prop(into)] label: String,
    name: &'static str,
    value: Bind<Vec<String>>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let words = use_words();
    let typed = RwSignal::new(String::new());
    let change = move |change: &dyn Fn(&mut Vec<String>)| {
        let mut tags = value.read.get_untracked();
        change(&mut tags);
        value.write.run(tags);
    };
    let take = move || {
        let tag = typed.get_untracked().trim().to_owned();
        typed.set(String::new());
        if !tag.is_empty() && !value.read.with_untracked(|tags| tags.contains(&tag)) {
            change(&|tags| tags.push(tag.clone()));
        }
    };
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" | "," => {
            event.prevent_default();
            take();
        }
        "Backspace" if typed.with_untracked(String::is_empty) => change(&|tags| drop(tags.pop())),
        _ => {}
    };
    let chip = move |tag: String| {
        let own = tag.clone();
        view! {
            <li class="chip">
                <span>{tag.clone()}</span>
                <button
                    type="button"
                    class="chip-remove"
                    aria-label=words.tag_remove(&tag)
                    on:click=move |_| change(&|tags| tags.retain(|tag| *tag != own))
                >
                    "×"
                </button>
            </li>
        }
    };
    view! {
        <Field label name hint error>
            <div class="input chips">
                <ul>
                    <For each=move || value.read.get() key=String::clone children=chip />
                </ul>
                <input
                    id=name
                    autocomplete="off"
                    aria-describedby=format!("{name}-note")
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))
                    on:keydown=on_key
                    on:blur=move |_| take()
                />
            </div>
        </Field>
    }
}
