//! What the device wants to know before it lets somebody in.

use super::session::Session;
use crate::{
    i18n::{Words, use_words},
    parts::{Button, Icon, IconName, Look, PasswordField, TextField},
};
use leptos::{ev, prelude::*};
use model::{FromTerminal, LoginAsked, LoginAskedFor, TerminalQuestion};

/// The device's words are text, and nothing of what is typed is kept by the browser.
#[component]
pub fn Questions(
    session: Session,
    title: String,
    questions: Vec<TerminalQuestion>,
    login: Option<LoginAsked>,
    is_again: bool,
) -> impl IntoView {
    let words = use_words();
    let is_login = login.is_some();
    let username = login.as_ref().map(|login| login.username.clone()).unwrap_or_default();
    // Whoever is named already has only the password to give.
    let first = usize::from(!username.is_empty());
    let answers: Vec<_> = (0..questions.len())
        .map(|at| RwSignal::new(if at == 0 { username.clone() } else { String::new() }))
        .collect();
    let fields: Vec<_> = questions
        .into_iter()
        .zip(&answers)
        .enumerate()
        .map(|(at, (question, answer))| {
            let name = format!("terminal-answer-{at}");
            let label = if question.text.trim().is_empty() { title.clone() } else { question.text };
            let (value, autofocus) = (*answer, at == first);
            if question.is_shown {
                let required = is_login;
                view! { <TextField label name value required autocomplete="off" autofocus /> }.into_any()
            } else {
                view! { <PasswordField label name value autocomplete="off" spare=true autofocus /> }
                    .into_any()
            }
        })
        .collect();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let answers: Vec<_> = answers.iter().map(|answer| answer.get_untracked()).collect();
        // Of blanks the browser takes for something.
        if is_login && answers.first().is_some_and(|username| username.trim().is_empty()) {
            return;
        }
        session.go_on(&FromTerminal::Answers(answers));
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <h2>{if title.trim().is_empty() { words.login_submit().to_owned() } else { title.clone() }}</h2>
            {refusal(words, login, is_again)
                .map(|refusal| {
                    view! {
                        <div class="note bad" role="alert">
                            <Icon name=IconName::Warning />
                            <p>{refusal}</p>
                        </div>
                    }
                })}
            {fields}
            <div class="form-foot">
                <Button on:click=move |_| session.give_up()>{words.action_cancel()}</Button>
                <Button look=Look::Primary submit=true>
                    {words.login_submit()}
                </Button>
            </div>
        </form>
    }
}

/// What came of the last try, if there was one.
fn refusal(words: Words, login: Option<LoginAsked>, is_again: bool) -> Option<String> {
    match login {
        Some(LoginAsked { username, why: LoginAskedFor::StoredRefused }) => {
            Some(words.terminal_refused_stored(&username))
        }
        Some(LoginAsked { username, why: LoginAskedFor::TypedRefused }) => {
            Some(words.terminal_refused_typed(&username))
        }
        Some(LoginAsked { why: LoginAskedFor::NoneStored, .. }) => None,
        None => is_again.then(|| words.terminal_end_login().to_owned()),
    }
}
