//! A question in front of the page: the browser's own `<dialog>`, so focus and Esc are its work. What was typed into
//! one is not thrown away unasked.

use super::{Icon, IconName, typed::Typed};
use crate::{browser, i18n::use_words};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// What is to be filled in first.
const FIRST_INPUT: &str = "dialog[open] form :is(input:not([readonly], [type=hidden]), select, textarea)";

/// What asks for the keyboard.
const MARKED: &str = "dialog[open] [autofocus]";

/// Gives the keyboard to what is to be filled in first, of what came into a dialog that is open already.
pub fn focus_in_dialog() {
    if !browser::focus(MARKED) {
        browser::focus(FIRST_INPUT);
    }
}

/// Shown while `open`; the children are made anew each time it opens.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] wide: bool,
    /// Holds what a person types or must take along: a press beside it does not throw that away.
    #[prop(optional)]
    firm: bool,
    /// Shows what is shown only once: only its own buttons close it.
    #[prop(optional, into)]
    once: Signal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let words = use_words();
    let node = NodeRef::<html::Dialog>::new();
    let is_open = Memo::new(move |_| open.get());
    // What it holds goes once the browser has closed it: it takes the keyboard away from what goes, and whoever hears
    // of that must still be there.
    let is_closed = RwSignal::new(true);
    let typed = Typed::new();
    let holds = move || firm && !once.get_untracked() && typed.holds();
    let is_drawn = Memo::new(move |_| is_open.get() || !is_closed.get());
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (is_open.get(), dialog.open()) {
            // Refused only when the element has left the page.
            (true, false) => {
                typed.begin();
                drop(dialog.show_modal());
                // The browser takes the first thing there is, which closes the dialog; what is to have the keyboard may
                // be drawn only now.
                browser::when_drawn(focus_in_dialog);
            }
            (false, true) => dialog.close(),
            _ => {}
        }
        is_closed.set(!is_open.get());
    });
    let close_on_backdrop = move |event: ev::MouseEvent| {
        let is_backdrop =
            event.target().is_some_and(|target| target.is_instance_of::<web_sys::HtmlDialogElement>());
        if is_backdrop && !firm {
            open.set(false);
        }
    };
    // Keys pressed in front of the page are not meant for what lies behind; only the palette's is for all.
    let keep_to_itself = move |event: ev::KeyboardEvent| {
        let is_for_palette = event.ctrl_key() || event.meta_key();
        if !(is_for_palette && browser::pressed(&event) == "k") {
            event.stop_propagation();
        }
        // Asked here: a browser lets no dialog refuse a second Escape.
        if event.key() == "Escape" && !event.default_prevented() && holds() {
            event.prevent_default();
        }
    };
    view! {
        <dialog
            class=if wide { "dialog wide" } else { "dialog" }
            node_ref=node
            aria-label=move || title.get()
            on:close=move |_| open.set(false)
            on:cancel=move |event: ev::Event| {
                // Back on a phone comes without a key.
                if once.get_untracked() || holds() {
                    event.prevent_default();
                }
            }
            on:input=move |event: ev::Event| typed.hear(&event)
            on:mousedown=close_on_backdrop
            on:keydown=keep_to_itself
        >
            <div class="dialog-box">
                <header class="dialog-head">
                    <h2>{move || title.get()}</h2>
                    <button
                        type="button"
                        class="button quiet icon-only"
                        aria-label=words.action_close()
                        on:click=move |_| {
                            if !holds() {
                                open.set(false);
                            }
                        }
                    >
                        <Icon name=IconName::Close />
                    </button>
                </header>
                {move || is_drawn.get().then(|| children())}
                {typed.view(open)}
            </div>
        </dialog>
    }
}
