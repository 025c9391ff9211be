//! Language and theme: kept in a cookie by the server, seen at once here.

use crate::{api::account::set_preferences, browser, i18n::Lang, i18n::use_words, use_visitor};
use leptos::{prelude::*, task::spawn_local};

/// Two small choices, in the user menu and under the login form.
#[component]
pub fn Preferences() -> impl IntoView {
    let words = use_words();
    let visitor = use_visitor();
    let theme = RwSignal::new(if visitor.theme.is_empty() { "auto".to_owned() } else { visitor.theme });
    let keep_theme = move |chosen: &'static str| {
        theme.set(chosen.to_owned());
        browser::mark_document("data-theme", chosen);
        spawn_local(async move {
            // Not kept is no harm: it only lasts for this page then.
            drop(set_preferences(words.lang().code().to_owned(), chosen.to_owned()).await);
        });
    };
    let keep_language = move |code: String| {
        spawn_local(async move {
            if set_preferences(code, theme.get_untracked()).await.is_ok() {
                browser::reload();
            }
        });
    };
    let themes = [("auto", words.theme_auto()), ("light", words.theme_light()), ("dark", words.theme_dark())];
    let theme_buttons = themes.map(|(name, text)| {
        view! {
            <button
                type="button"
                aria-pressed=move || if theme.with(|theme| theme == name) { "true" } else { "false" }
                on:click=move |_| keep_theme(name)
            >
                {text}
            </button>
        }
    });
    let languages = Lang::ALL.map(|lang| {
        view! {
            <option value=lang.code() selected=lang == words.lang() lang=lang.code()>
                {lang.own_name()}
            </option>
        }
    });
    view! {
        <div class="preferences">
            <div class="segmented" role="group" aria-label=words.theme_label()>
                {theme_buttons}
            </div>
            <select
                class="input"
                aria-label=words.language_label()
                on:change=move |event| keep_language(event_target_value(&event))
            >
                {languages}
            </select>
        </div>
    }
}
