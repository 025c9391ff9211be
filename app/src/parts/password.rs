//! A password: shown on request, with a word about Caps Lock and about how hard it is to guess.

use super::{
    Bind, Field,
    awake::use_awake,
    field::keep_typed,
    strength::{Strength, strength},
};
use crate::i18n::{Words, use_words};
use leptos::{ev, prelude::*};

/// A labelled password; with `autocomplete="new-password"` it is also judged.
#[component]
pub fn PasswordField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    autocomplete: &'static str,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] placeholder: Signal<String>,
    /// May be left empty: then it is not judged either.
    #[prop(optional)]
    spare: bool,
    /// Whose it will be: the name itself is a bad password.
    #[prop(optional, into)]
    owner: Signal<String>,
    #[prop(optional, into)] value: Bind<String>,
    /// Has the keyboard when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let words = use_words();
    let (is_shown, is_capital) = (RwSignal::new(false), RwSignal::new(false));
    let on_key = move |event: ev::KeyboardEvent| is_capital.set(event.get_modifier_state("CapsLock"));
    view! {
        <Field label name=name.clone() hint error>
            <div class="input-box">
                <input
                    class="input has-reveal"
                    id=name.clone()
                    name=name.clone()
                    type=move || if is_shown.get() { "text" } else { "password" }
                    node_ref=keep_typed(value)
                    autocomplete=autocomplete
                    autofocus=autofocus
                    autocapitalize="none"
                    spellcheck="false"
                    required=!spare
                    placeholder=move || placeholder.get()
                    aria-describedby=format!("{name}-note")
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    on:input=move |event| value.write.run(event_target_value(&event))
                    on:keydown=on_key
                    on:keyup=on_key
                    on:blur=move |_| is_capital.set(false)
                />
                {reveal(words, is_shown)}
            </div>
            <p class="caps-lock" role="status">
                {move || is_capital.get().then(|| words.password_caps_lock())}
            </p>
            {(autocomplete == "new-password" && !spare).then(|| meter(words, value.read, owner))}
        </Field>
    }
}

/// Shows and hides; of no use, and so not there, before the page is awake.
fn reveal(words: Words, is_shown: RwSignal<bool>) -> AnyView {
    let is_awake = use_awake();
    view! {
        <button
            type="button"
            class="input-reveal"
            hidden=move || !is_awake.get()
            on:click=move |_| is_shown.update(|is_shown| *is_shown = !*is_shown)
        >
            {move || if is_shown.get() { words.password_hide() } else { words.password_show() }}
        </button>
    }
    .into_any()
}

/// Four bars and a word; nothing while nothing is typed.
fn meter(words: Words, typed: Signal<String>, owner: Signal<String>) -> AnyView {
    let judged = Memo::new(move |_| {
        typed.with(|typed| (!typed.is_empty()).then(|| owner.with(|owner| strength(typed, owner))))
    });
    let word = move || {
        judged.get().map(|strength| match strength {
            Strength::TooShort => words.password_too_short(),
            Strength::Weak => words.password_weak(),
            Strength::Fair => words.password_fair(),
            Strength::Good => words.password_good(),
            Strength::Strong => words.password_strong(),
        })
    };
    view! {
        <p class="strength" data-level=move || judged.get().map_or(0, |strength| strength as u8)>
            <span class="strength-bar" aria-hidden="true"></span>
            <span class="strength-word" role="status">
                {word}
            </span>
        </p>
    }
    .into_any()
}
