//! What may be done with the terminal that is seen, and how it stands.

use super::{
    desk::Desk,
    keys::KeyBar,
    session::{Phase, Session},
};
use crate::{
    browser::{self, Screen},
    format,
    i18n::{Words, use_words},
    parts::{Button, KeyHelp, Look, Tone, use_now, use_toasts},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use model::{FromTerminal, State, TerminalStep};

// Signs as those of `parts/icon.rs`, which every page carries: these come with the terminal.
const SEARCH: &str = "M3 7a4 4 0 1 0 8 0 4 4 0 1 0-8 0M10 10l3.5 3.5";
const COPY: &str = "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3";
const PASTE: &str = "M6 3.5H3.5v10h9v-10H10M6 2.5h4v2.5H6z";
const SMALLER: &str = "M1.5 13 6 3l4.5 10M3.2 9.5h5.6M11 5.5h4";
const LARGER: &str = "M1.5 13 6 3l4.5 10M3.2 9.5h5.6M11 5.5h4M13 3.5v4";
const SPEAK: &str = "M2.5 6v4h2.5l3.5 3V3L5 6zM11 5.5a3.5 3.5 0 0 1 0 5M12.8 3.7a6 6 0 0 1 0 8.6";
const FULL: &str = "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";

/// The state of a device whose colour a phase wears.
pub fn look(phase: &Phase) -> &'static str {
    match phase {
        Phase::Open => State::Up,
        Phase::Waiting | Phase::Step(_) | Phase::GivenUp => State::Paused,
        Phase::HostKey { .. } | Phase::Ask { .. } => State::Unknown,
        Phase::Ended(_) | Phase::Refused(_) | Phase::Gone | Phase::NoScreen => State::Down,
    }
    .word()
}

/// In a word or two.
pub fn stand(words: Words, phase: &Phase) -> &'static str {
    match phase {
        Phase::Waiting => words.loading(),
        Phase::Step(TerminalStep::Connecting) => words.link_opening(),
        Phase::Step(TerminalStep::SigningIn) => words.terminal_signing_in(),
        Phase::HostKey { .. } | Phase::Ask { .. } => words.terminal_asks(),
        Phase::Open => words.link_live(),
        Phase::Ended(_) | Phase::Refused(_) | Phase::GivenUp | Phase::Gone | Phase::NoScreen => {
            words.terminal_ended()
        }
    }
}

/// The terminal's own keys, for the card that lists keys: every other one is the device's while it has the keyboard.
pub fn key_help(words: Words) -> Vec<KeyHelp> {
    let keys = [
        ("Ctrl Shift F", words.palette_title()),
        ("Ctrl Shift C", words.copy_action()),
        ("Ctrl Shift V", words.terminal_paste()),
        ("Enter", words.terminal_keys_again()),
    ];
    keys.map(|(key, what)| (key, what.to_owned())).into()
}

/// The buttons. What has keys of its own says them on hover.
#[component]
pub fn Acts(desk: Desk, root: NodeRef<html::Div>) -> impl IntoView {
    let words = use_words();
    let [can_paste, is_read] = [(); 2].map(|()| RwSignal::new(false));
    Effect::new(move || {
        spawn_local(async move {
            _ = can_paste.try_set(browser::can_paste().await);
            _ = is_read.try_set(browser::reader(false).await);
        });
    });
    let has_picked = Signal::derive(move || desk.front().is_some_and(|session| session.has_picked.get()));
    let on_front = move |act: fn(Session)| {
        move |_: ev::MouseEvent| {
            if let Some(session) = desk.front_untracked() {
                act(session);
            }
        }
    };
    // After the mouse the next key is the device's again; whoever pressed the button by a key stays at it.
    let back = move |event: &ev::MouseEvent| {
        if event.detail() > 0 {
            desk.focus();
        }
    };
    let full = move |event: ev::MouseEvent| {
        if let Some(root) = root.get_untracked() {
            browser::toggle_full(&root);
        }
        back(&event);
    };
    let read = move |event: ev::MouseEvent| {
        spawn_local(async move { _ = is_read.try_set(browser::reader(true).await) });
        back(&event);
    };
    let grow = move |by: i32| {
        move |event: ev::MouseEvent| {
            browser::grow(by);
            back(&event);
        }
    };
    view! {
        <div class="term-acts">
            <Tool
                sign=SEARCH
                label=words.palette_title()
                keys="Ctrl+Shift+F"
                on:click=on_front(|session| session.is_searching.set(true))
            />
            <Tool
                sign=COPY
                label=words.copy_action()
                keys="Ctrl+Shift+C"
                disabled=Signal::derive(move || !has_picked.get())
                on:click=on_front(|session| session.on_screen(Screen::copy))
            />
            <Show when=move || can_paste.get()>
                <Paste desk />
            </Show>
            <Tool sign=SMALLER label=words.terminal_smaller() on:click=grow(-1) />
            <Tool sign=LARGER label=words.terminal_larger() on:click=grow(1) />
            <Tool sign=SPEAK label=words.terminal_reader() pressed=is_read on:click=read />
            <Tool sign=FULL label=words.terminal_full() on:click=full />
        </div>
    }
}

#[component]
fn Paste(desk: Desk) -> impl IntoView {
    let (words, toasts) = (use_words(), use_toasts());
    let paste = move |_| {
        let Some(session) = desk.front_untracked() else { return };
        session.on_screen(|screen| {
            let pasting = screen.paste();
            spawn_local(async move {
                if !pasting.await {
                    toasts.say(Tone::Bad, words.terminal_no_paste());
                }
            });
        });
    };
    view! { <Tool sign=PASTE label=words.terminal_paste() keys="Ctrl+Shift+V" on:click=paste /> }
}

/// One button with an icon alone. `on:click` goes to the button itself.
#[component]
fn Tool(
    sign: &'static str,
    label: &'static str,
    /// What does the same on a keyboard.
    #[prop(optional)]
    keys: Option<&'static str>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] pressed: Option<Signal<bool>>,
) -> impl IntoView {
    let title = keys.map_or_else(|| label.to_owned(), |keys| format!("{label} ({keys})"));
    view! {
        <button
            type="button"
            class="button quiet icon-only"
            aria-label=label
            title=title
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            disabled=move || disabled.get()
        >
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d=sign />
            </svg>
        </button>
    }
}

/// Says that the session ends soon, and lets somebody who is there say so; and that little or nothing is recorded.
#[component]
pub fn Idle(desk: Desk) -> impl IntoView {
    let (words, now) = (use_words(), use_now());
    let ends_at = Memo::new(move |_| desk.front().and_then(|session| session.ends_at.get()));
    let left = move || {
        now.track();
        let ends_at = ends_at.get().unwrap_or_default();
        format::span(words, (ends_at.since_ms(browser::now()) / 1000).max(0))
    };
    let is_full = Memo::new(move |_| desk.front().is_some_and(|session| session.is_recording_full.get()));
    let is_unrecorded = Memo::new(move |_| desk.front().is_some_and(|session| session.is_unrecorded.get()));
    let stay = move |_| {
        if let Some(session) = desk.front_untracked() {
            session.say(&FromTerminal::Stay);
        }
    };
    view! {
        <div role="status">
            <Show when=move || ends_at.get().is_some()>
                <div class="term-idle">
                    <span>{words.terminal_idle()}</span>
                    <strong aria-hidden="true">{left}</strong>
                    <Button look=Look::Primary on:click=stay>
                        {words.terminal_stay()}
                    </Button>
                </div>
            </Show>
            <Show when=move || is_full.get()>
                <div class="term-idle">
                    <span>{words.terminal_recording_full()}</span>
                </div>
            </Show>
            <Show when=move || is_unrecorded.get()>
                <div class="term-idle">
                    <span>{words.terminal_unrecorded()}</span>
                </div>
            </Show>
        </div>
    }
}

/// How it stands, whether it is recorded, who looks on, what is still to be pasted, and its size; on a phone the keys.
#[component]
pub fn Foot(desk: Desk) -> impl IntoView {
    let words = use_words();
    let of = move |read: fn(Session) -> Option<String>| Memo::new(move |_| desk.front().and_then(read));
    let size = of(|session| {
        let (columns, rows) = session.size.get();
        (columns > 0).then(|| format!("{columns} × {rows}"))
    });
    let watchers = Memo::new(move |_| desk.front().map_or(0, |session| session.watchers.get()));
    let left = Memo::new(move |_| desk.front().map_or(0, |session| session.left_bytes.get()));
    let phase = Memo::new(move |_| desk.front().map(|session| session.phase.get().1));
    // What has ended is recorded no more, and of what is lost something else is said.
    let is_open = move || phase.with(|phase| matches!(phase, Some(Phase::Open)));
    // A little is kept of what is full, too.
    let is_kept = |session: Session| session.is_recorded.get() && !session.is_unrecorded.get();
    let is_recorded = Memo::new(move |_| is_open() && desk.front().is_some_and(is_kept));
    let state = move || phase.with(|phase| phase.as_ref().map(look));
    let word = move || phase.with(|phase| phase.as_ref().map(|phase| stand(words, phase)));
    let watched =
        move || Some(watchers.get()).filter(|by| *by > 0 && is_open()).map(|by| words.terminal_watched(&by));
    let pasting = move || {
        let left = Some(left.get()).filter(|left| *left > 0)?;
        let left = format::bytes(words, u64::try_from(left).unwrap_or(u64::MAX));
        Some(words.terminal_pasting(&left))
    };
    view! {
        <footer class="term-foot">
            <span class="term-stand" role="status">
                <span class="term-dot" data-state=state></span>
                {word}
            </span>
            <span role="status">
                <Show when=move || is_recorded.get()>
                    <span class="term-recorded">{words.terminal_recorded()}</span>
                </Show>
            </span>
            <span>{watched}</span>
            <span>{pasting}</span>
            <span class="term-size">{move || size.get()}</span>
        </footer>
        // Each terminal has a Ctrl of its own.
        {desk.each(true, |_, session| view! { <KeyBar session /> }.into_any())}
    }
}
