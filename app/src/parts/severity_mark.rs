//! How much something matters, as colour, shape and text.

use super::Mark;
use crate::i18n::use_words;
use leptos::prelude::*;
use model::{Severity, State};

/// What is over keeps its shape and its word, and loses its colour.
#[component]
pub fn SeverityMark(severity: Severity, #[prop(optional)] is_over: bool) -> impl IntoView {
    let words = use_words();
    let like = match severity {
        Severity::Critical => State::Down,
        Severity::Warning => State::Degraded,
        Severity::Info => State::Unknown,
        Severity::Good => State::Up,
    };
    // Neither is a state of a device, and so none of its colours.
    let colour = if is_over || severity == Severity::Info { State::Paused } else { like };
    view! { <Mark state=colour like word=words.severity(severity).to_owned() /> }
}
