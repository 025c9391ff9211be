//! What stands in front of the screen before the prompt is there, and below it once it is over.

use super::{
    acts::stand,
    host_key::{changed, unknown},
    questions::Questions,
    session::{Phase, Session},
};
use crate::{
    browser::{self, Screen},
    i18n::{Words, use_words},
    parts::{Button, Icon, IconName, Look, Spinner, each},
};
use leptos::{html, prelude::*};
use model::TerminalEnd;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// What has the keyboard first in a card: the field that asks for it, or else the first button, which does no harm.
const FIRST: &str = ":is([autofocus], .form-foot button)";

/// Gives the keyboard to the card before the screen that is seen; whether there is one.
pub fn focus_card() -> bool {
    browser::focus(&format!(".term-stage:not([hidden]) .term-card {FIRST}"))
}

/// Each phase has a notice of its own: drawn over, the buttons of the last one would still listen.
#[component]
pub fn Notice(session: Session) -> impl IntoView {
    each(
        move || vec![session.phase.with(|(count, _)| (*count).into())],
        move |_| notice(session, session.phase.get_untracked().1),
    )
}

fn notice(session: Session, phase: Phase) -> AnyView {
    let words = use_words();
    let may_begin = phase.may_begin_again();
    match phase {
        Phase::Open => ().into_any(),
        Phase::Waiting | Phase::Step(_) => card(view! { <Spinner label=stand(words, &phase) /> }.into_any()),
        Phase::HostKey { host, algorithm, fingerprint } => {
            card(unknown(session, &host, &algorithm, fingerprint))
        }
        Phase::Ask { title, questions, login, is_again } => {
            card(view! { <Questions session title questions login is_again /> }.into_any())
        }
        Phase::Ended(TerminalEnd::HostKeyChanged { host, pinned, seen }) => {
            card(changed(session, &host, pinned, seen))
        }
        Phase::Ended(end) => over(session, reason(words, &end), Some(IconName::Warning), may_begin),
        Phase::Refused(error) => over(session, words.api_error(&error), Some(IconName::Warning), may_begin),
        Phase::GivenUp => over(session, words.command_cancelled().to_owned(), None, may_begin),
        Phase::Gone => over(session, words.terminal_gone().to_owned(), Some(IconName::Warning), may_begin),
        Phase::NoScreen => {
            over(session, words.failure_unreachable().to_owned(), Some(IconName::Warning), may_begin)
        }
    }
}

fn card(content: AnyView) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    // Of a terminal that is not seen nothing takes the keyboard: the browser gives it to nothing hidden.
    Effect::new(move || {
        let Some(card) = node.get() else { return };
        browser::when_drawn(move || {
            let first = card.query_selector(FIRST).ok().flatten();
            if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
                _ = first.focus();
            }
        });
    });
    view! {
        <div class="term-front" node_ref=node>
            <div class="term-card">{content}</div>
        </div>
    }
    .into_any()
}

/// What was drawn stays to be read. What has a sign is a fault.
fn over(session: Session, why: String, sign: Option<IconName>, may_begin: bool) -> AnyView {
    let words = use_words();
    // The button that ended it has gone with the keyboard: Enter begins again.
    Effect::new(move || {
        browser::when_drawn(move || {
            if document().active_element().is_none_or(|active| active.tag_name() == "BODY") {
                session.on_screen(Screen::focus);
            }
        });
    });
    let again = may_begin.then(|| {
        view! {
            <Button look=Look::Primary on:click=move |_| session.again()>
                <Icon name=IconName::Refresh />
                {words.terminal_again()}
            </Button>
        }
    });
    view! {
        <div class="term-over" class:calm=sign.is_none() role=if sign.is_some() { "alert" } else { "status" }>
            {sign.map(|name| view! { <Icon name /> })}
            <p>{why}</p>
            {again}
        </div>
    }
    .into_any()
}

/// Why it ended, and what to try.
fn reason(words: Words, end: &TerminalEnd) -> String {
    match end {
        TerminalEnd::Closed { exit_code: Some(code) } if *code != 0 => {
            format!("{} ({code})", words.terminal_end_closed())
        }
        TerminalEnd::Closed { .. } => words.terminal_end_closed().to_owned(),
        TerminalEnd::Idle => words.terminal_end_idle().to_owned(),
        TerminalEnd::NoTicket => words.terminal_end_ticket().to_owned(),
        TerminalEnd::NotAllowed => words.terminal_end_not_allowed().to_owned(),
        TerminalEnd::LoginRefused => words.terminal_end_login().to_owned(),
        TerminalEnd::HostKeyChanged { .. } => words.terminal_changed_title().to_owned(),
        TerminalEnd::HostKeyNotConfirmed => words.terminal_end_unconfirmed().to_owned(),
        TerminalEnd::NoCommonAlgorithm { needs } => words.terminal_end_algorithm(&needs),
        TerminalEnd::Lost { why } => words.terminal_end_lost(&why),
        TerminalEnd::Stopping => words.terminal_end_stopping().to_owned(),
        TerminalEnd::Removed => words.terminal_end_removed().to_owned(),
        TerminalEnd::Changed => words.terminal_end_changed().to_owned(),
        TerminalEnd::KeyReplaced => words.terminal_end_key().to_owned(),
        TerminalEnd::Unreached { host, why } => words.terminal_end_unreached(&host, &why),
    }
}
