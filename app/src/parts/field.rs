//! Inputs with their label, hint and error in one place, wired together for screen readers.

use super::Bind;
use crate::i18n::use_words;
use leptos::{html, prelude::*};
use model::FieldError;

/// What the server refused, field by field.
#[derive(Clone, Copy, Debug)]
pub struct FieldErrors(RwSignal<Vec<FieldError>>);

impl FieldErrors {
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    pub fn set(self, errors: Vec<FieldError>) {
        self.0.set(errors);
    }

    pub fn clear(self) {
        self.0.set(Vec::new());
    }

    /// The words at one field, named as in the API.
    pub fn at(self, field: impl Into<String>) -> Signal<Option<String>> {
        let field = field.into();
        self.first(move |error| error.field == field)
    }

    /// The words at any entry of a list, such as `tags[3]`, or at the list itself.
    pub fn under(self, list: &'static str) -> Signal<Option<String>> {
        self.first(move |error| error.field.starts_with(list))
    }

    /// The words at a field whose name changes, as that of a row does when others go.
    pub fn find(self, field: impl Fn() -> Option<String> + Send + Sync + 'static) -> Signal<Option<String>> {
        self.first(move |error| field().is_some_and(|field| field == error.field))
    }

    fn first(self, fits: impl Fn(&FieldError) -> bool + Send + Sync + 'static) -> Signal<Option<String>> {
        let words = use_words();
        Signal::derive(move || {
            self.0
                .with(|errors| errors.iter().find(|error| fits(error)).map(|error| words.field_error(error)))
        })
    }
}

impl Default for FieldErrors {
    fn default() -> Self {
        Self::new()
    }
}

/// A label, an input of any kind (the children, whose `id` must be `name`), a hint and an error.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field" class:bad=move || error.with(Option::is_some)>
            <label class="field-label" for=name>
                {label}
            </label>
            {children()}
            <p class="field-note" id=note>
                {move || match error.get() {
                    Some(error) => view! { <span class="field-error">{error}</span> }.into_any(),
                    None => hint.get().into_any(),
                }}
            </p>
        </div>
    }
}

/// One line of text. It works without scripts, and what was typed before the page woke up is kept.
#[component]
pub fn TextField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] value: Bind<String>,
    #[prop(optional)] kind: Option<&'static str>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    /// `numeric` brings up digits on a phone.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    #[prop(optional, into)] placeholder: Signal<String>,
    /// Has the keyboard when the page opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    view! {
        <Field label name=name.clone() hint error>
            <input
                class="input"
                id=name.clone()
                name=name.clone()
                type=kind.unwrap_or("text")
                inputmode=inputmode
                node_ref=keep_typed(value)
                required=required
                autocomplete=autocomplete
                autofocus=autofocus
                autocapitalize="none"
                spellcheck="false"
                placeholder=move || placeholder.get()
                value=value.read.get_untracked()
                aria-describedby=format!("{name}-note")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                on:input=move |event| value.write.run(event_target_value(&event))
            />
        </Field>
    }
}

/// Ties an input to its value from both sides; what was typed before the page woke up wins.
pub(super) fn keep_typed(value: Bind<String>) -> NodeRef<html::Input> {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |is_awake: Option<()>| {
        let (Some(input), wanted) = (node.get(), value.read.get()) else { return };
        let typed = input.value();
        match is_awake {
            None if typed != wanted => value.write.run(typed),
            Some(()) if typed != wanted => input.set_value(&wanted),
            _ => {}
        }
    });
    node
}

/// On or off. `bare` leaves its label to those who listen.
#[component]
pub fn Switch(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(into)] value: Bind<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] bare: bool,
) -> impl IntoView {
    view! {
        <label class="switch">
            <input
                type="checkbox"
                role="switch"
                name=name
                checked=value.read.get_untracked()
                prop:checked=move || value.read.get()
                disabled=move || disabled.get()
                on:change=move |event| value.write.run(event_target_checked(&event))
            />
            <span class="switch-track" aria-hidden="true"></span>
            <span class:hidden=bare>{label}</span>
        </label>
    }
}
