//! A button that says when it is busy, and keeps its width while it is.

use leptos::prelude::*;

/// How loud a button is. One primary button per screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    Primary,
    #[default]
    Plain,
    Quiet,
    Danger,
}

impl Look {
    /// The classes, for links that look like buttons too.
    pub fn class(self) -> &'static str {
        match self {
            Look::Primary => "button primary",
            Look::Plain => "button",
            Look::Quiet => "button quiet",
            Look::Danger => "button danger",
        }
    }
}

/// `on:click` and other attributes go to the button itself.
#[component]
pub fn Button(
    #[prop(optional)] look: Look,
    #[prop(optional)] submit: bool,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class=look.class()
            type=if submit { "submit" } else { "button" }
            disabled=move || disabled.get()
            // Not disabled: that would take the keyboard away from it. A busy task takes no second request.
            aria-disabled=move || busy.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
        >
            {children()}
        </button>
    }
}
