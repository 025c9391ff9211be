//! What is told in one place, and in which language.

use super::{Bind, FieldErrors, Pick, SelectField};
use crate::i18n::{Lang, Words, use_words};
use leptos::prelude::*;
use model::Severity;

/// From which severity on people are told.
pub fn told_from(words: Words, least: Severity) -> &'static str {
    match least {
        Severity::Critical => words.severity_from_critical(),
        Severity::Warning => words.severity_from_warning(),
        Severity::Info | Severity::Good => words.severity_from_info(),
    }
}

/// Both menus, side by side; `name` is before their names on the page.
pub fn told_fields(
    name: &str,
    severity: Bind<Severity>,
    language: Bind<String>,
    errors: FieldErrors,
) -> AnyView {
    let words = use_words();
    let severities = Severity::LEAST.map(|severity| Pick {
        value: severity.word().to_owned(),
        text: told_from(words, severity).to_owned(),
    });
    let languages =
        Lang::ALL.map(|lang| Pick { value: lang.code().to_owned(), text: lang.own_name().to_owned() });
    let read = move || severity.read.get().word().to_owned();
    let write = move |word: String| {
        if let Some(chosen) = Severity::from_word(&word) {
            severity.write.run(chosen);
        }
    };
    view! {
        <div class="form-pair">
            <SelectField
                label=words.channels_told()
                name=format!("{name}-severity")
                options=severities.into()
                value=Bind::new(read, write)
                error=errors.at("severity")
            />
            <SelectField
                label=words.language_label()
                name=format!("{name}-language")
                options=languages.into()
                value=language
                error=errors.at("language")
            />
        </div>
    }
    .into_any()
}
