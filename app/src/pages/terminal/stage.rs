//! One terminal as it is seen: the screen, and in front of it what has to be said or asked.

use super::{desk::Desk, find::Find, notice::Notice, paste::AskPaste, session::Session};
use crate::{
    browser,
    i18n::use_words,
    parts::{Button, Dialog, Look},
};
use leptos::{html, prelude::*};

#[component]
pub fn Stage(desk: Desk, at: usize, session: Session) -> impl IntoView {
    let words = use_words();
    let host = NodeRef::<html::Div>::new();
    let label = session.target.with_value(|target| format!("{}: {}", words.terminal_title(), target.name));
    let said = label.clone();
    Effect::new(move || {
        if let Some(host) = host.get() {
            session.begin(host.into(), said.clone());
        }
    });
    on_cleanup(move || session.end());
    let is_hidden = move || !desk.is_seen(at);
    view! {
        <section class="term-stage" aria-label=label hidden=is_hidden>
            <div class="term-host" node_ref=host></div>
            <Find session />
            <Notice session />
            <FollowLink session />
            <AskPaste session />
        </section>
    }
}

/// A link is what the device wrote: where it really leads is seen before it is followed.
#[component]
fn FollowLink(session: Session) -> impl IntoView {
    let words = use_words();
    let open = RwSignal::new(false);
    Effect::new(move || {
        if session.link.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() {
            session.link.set(None);
        }
    });
    let follow = move |_| {
        if let Some(uri) = session.link.get_untracked() {
            browser::open_link(&uri);
        }
        open.set(false);
    };
    view! {
        <Dialog open title=words.terminal_link()>
            <div class="form">
                <code class="term-link">{move || session.link.get()}</code>
                <p>{words.terminal_link_text()}</p>
                <div class="form-foot">
                    <Button on:click=move |_| open.set(false)>{words.action_cancel()}</Button>
                    <Button look=Look::Primary on:click=follow>
                        {words.terminal_link_open()}
                    </Button>
                </div>
            </div>
        </Dialog>
    }
}
