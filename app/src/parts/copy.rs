//! Text that is meant to be taken elsewhere.

use super::{Button, Icon, IconName};
use crate::{browser, i18n::use_words};
use leptos::{html, prelude::*};

/// A block of text with a button that copies it. Where the page may not use the clipboard, the
/// button selects the text instead, ready for the keyboard's own copy.
#[component]
pub fn CopyBlock(#[prop(into)] text: Signal<String>, #[prop(into)] label: String) -> impl IntoView {
    let words = use_words();
    let node = NodeRef::<html::Textarea>::new();
    let said = RwSignal::new("");
    let copy = move |_| {
        if browser::copy(&text.get_untracked()) {
            said.set(words.copy_done());
        } else if let Some(block) = node.get_untracked() {
            block.select();
            said.set(words.copy_selected());
        }
    };
    let lines = move || text.with(|text| text.lines().count());
    view! {
        <div class="copy">
            <textarea
                class="copy-text"
                node_ref=node
                readonly
                spellcheck="false"
                aria-label=label
                rows=move || lines().to_string()
                prop:value=move || text.get()
            >
                {text.get_untracked()}
            </textarea>
            <div class="copy-foot">
                <Button on:click=copy>
                    <Icon name=IconName::Copy />
                    {words.copy_action()}
                </Button>
                <span role="status">{move || said.get()}</span>
            </div>
        </div>
    }
}
