//! Short news at the edge of the screen: what was done, or why it was not.

use super::{Icon, IconName};
use crate::{browser, i18n::use_words};
use leptos::prelude::*;
use std::time::Duration;

/// How long good news stays; bad news waits to be dismissed.
const GOOD_NEWS_FOR: Duration = Duration::from_secs(5);
/// What happens elsewhere stays until it was surely seen.
const NEWS_FOR: Duration = Duration::from_secs(30);
/// The oldest goes when there are more.
const TOASTS_MAX: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
}

#[derive(Clone, Debug)]
struct Toast {
    id: u64,
    tone: Tone,
    text: String,
    /// The page about it.
    to: Option<String>,
}

/// Where news is put. Copy it into closures.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    pub fn new() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// Says it. Call from event handlers and effects only.
    pub fn say(self, tone: Tone, text: impl Into<String>) {
        let id = self.show(tone, text.into(), None);
        if tone == Tone::Good {
            browser::later(move || self.dismiss(id), GOOD_NEWS_FOR);
        }
    }

    /// Says what has happened, with the way to it.
    pub fn announce(self, text: String, to: String) {
        let id = self.show(Tone::Bad, text, Some(to));
        browser::later(move || self.dismiss(id), NEWS_FOR);
    }

    fn show(self, tone: Tone, text: String, to: Option<String>) -> u64 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| {
            shown.push(Toast { id, tone, text, to });
            if shown.len() > TOASTS_MAX {
                shown.remove(0);
            }
        });
        id
    }

    fn dismiss(self, id: u64) {
        // The page may be gone by the time the timer ends.
        self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

impl Default for Toasts {
    fn default() -> Self {
        Self::new()
    }
}

/// The page's toasts.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_default()
}

/// The stack itself; once, in the shell.
#[component]
pub fn ToastStack() -> impl IntoView {
    let (words, toasts) = (use_words(), use_toasts());
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <div class=if toast.tone == Tone::Good { "toast" } else { "toast bad" }>
                    <Icon name=if toast.tone == Tone::Good { IconName::Check } else { IconName::Warning } />
                    <p>
                        {match toast.to {
                            Some(to) => view! { <a href=to>{toast.text}</a> }.into_any(),
                            None => toast.text.into_any(),
                        }}
                    </p>
                    <button
                        type="button"
                        class="button quiet icon-only"
                        aria-label=words.action_close()
                        on:click=move |_| toasts.dismiss(toast.id)
                    >
                        <Icon name=IconName::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
