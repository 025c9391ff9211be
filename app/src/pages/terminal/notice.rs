//! What stands in front of the screen before the prompt is there, and below it once it is over.

use super::{
    acts::stand,
    host_key::{changed, unknown},
    questions::Questions,
    session::{Phase, Session},
};
use crate::{
    i18n::{Words, use_words},
    parts::{Button, Icon, IconName, Look, Spinner, each},
};
use leptos::prelude::*;
use model::TerminalEnd;

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
        Phase::Ended(TerminalEnd::HostKeyChanged { host, algorithm, pinned, seen }) => {
            card(changed(session, &host, algorithm, pinned, seen))
        }
        Phase::Ended(end) => over(session, reason(words, &end), may_begin),
        Phase::Refused(error) => over(session, words.api_error(&error), may_begin),
        Phase::Gone => over(session, words.terminal_gone().to_owned(), may_begin),
        Phase::NoScreen => over(session, words.failure_unreachable().to_owned(), may_begin),
    }
}

fn card(content: AnyView) -> AnyView {
    view! {
        <div class="term-front">
            <div class="term-card">{content}</div>
        </div>
    }
    .into_any()
}

/// What was drawn stays to be read.
fn over(session: Session, why: String, may_begin: bool) -> AnyView {
    let words = use_words();
    let again = may_begin.then(|| {
        view! {
            <Button look=Look::Primary on:click=move |_| session.again()>
                <Icon name=IconName::Refresh />
                {words.terminal_again()}
            </Button>
        }
    });
    view! {
        <div class="term-over" role="alert">
            <Icon name=IconName::Warning />
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
