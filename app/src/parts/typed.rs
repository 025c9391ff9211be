//! What was typed into a dialog: Escape, the cross and Back ask before it goes. Cancel says itself that it may.

use super::{Button, Look, focus_in_dialog};
use crate::{browser, i18n::use_words};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// What is soon typed again: it proves who somebody is, or that they mean it.
const SLIGHT: &str = "[autocomplete=current-password], [autocomplete=one-time-code], #confirm-name";
/// What holds what was typed, until the form has done its work.
const FILLED: &str = "dialog[open] form :is(input, select, textarea)";
/// What has the keyboard while it is asked.
const KEEP: &str = "dialog[open] .dialog-ask button";

/// Copy it into handlers.
#[derive(Clone, Copy)]
pub struct Typed {
    /// The id of what was last typed into, once anything was.
    last: RwSignal<Option<String>>,
    is_asked: RwSignal<bool>,
}

impl Typed {
    pub fn new() -> Self {
        Self { last: RwSignal::new(None), is_asked: RwSignal::new(false) }
    }

    /// Nothing was typed yet.
    pub fn begin(self) {
        self.last.set(None);
        self.is_asked.set(false);
    }

    /// Whoever types on has answered.
    pub fn hear(self, event: &ev::Event) {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(target) = target.filter(|target| target.matches(SLIGHT) == Ok(false)) {
            self.last.set(Some(target.id()));
            self.is_asked.set(false);
        }
    }

    /// Whether something would be lost: then it is asked about, and whoever is asked already keeps it.
    pub fn holds(self) -> bool {
        let is_filled = self.last.with_untracked(Option::is_some) && browser::is_there(FILLED);
        if is_filled && self.is_asked.get_untracked() {
            self.keep();
        } else if is_filled {
            self.is_asked.set(true);
            browser::when_drawn(|| {
                browser::focus(KEEP);
            });
        }
        is_filled
    }

    fn keep(self) {
        self.is_asked.set(false);
        let last = self.last.get_untracked().and_then(|id| browser::element(&id));
        if last.is_none_or(|last| last.focus().is_err()) {
            focus_in_dialog();
        }
    }

    /// The question, while it is asked.
    pub fn view(self, open: RwSignal<bool>) -> AnyView {
        let words = use_words();
        view! {
            <Show when=move || self.is_asked.get()>
                <div class="dialog-ask" role="alertdialog" aria-label=words.dialog_discard()>
                    <p>{words.dialog_discard()}</p>
                    <Button on:click=move |_| self.keep()>{words.dialog_keep()}</Button>
                    <Button look=Look::Danger on:click=move |_| open.set(false)>
                        {words.dialog_discard_do()}
                    </Button>
                </div>
            </Show>
        }
        .into_any()
    }
}
