//! What the device wants to know before it lets somebody in.

use super::session::Session;
use crate::{
    i18n::use_words,
    parts::{Button, Icon, IconName, Look, PasswordField, TextField},
};
use leptos::{ev, prelude::*};
use model::{FromTerminal, TerminalQuestion};

/// The device's words are text, and nothing of what is typed is kept by the browser.
#[component]
pub fn Questions(
    session: Session,
    title: String,
    questions: Vec<TerminalQuestion>,
    is_again: bool,
) -> impl IntoView {
    let words = use_words();
    let answers: Vec<_> = questions.iter().map(|_| RwSignal::new(String::new())).collect();
    let fields: Vec<_> = questions
        .into_iter()
        .zip(&answers)
        .enumerate()
        .map(|(at, (question, answer))| {
            let name = format!("terminal-answer-{at}");
            let label = if question.text.trim().is_empty() { title.clone() } else { question.text };
            let (value, autofocus) = (*answer, at == 0);
            if question.is_shown {
                view! { <TextField label name value autocomplete="off" autofocus /> }.into_any()
            } else {
                view! { <PasswordField label name value autocomplete="off" spare=true autofocus /> }
                    .into_any()
            }
        })
        .collect();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let answers = answers.iter().map(|answer| answer.get_untracked()).collect();
        session.go_on(&FromTerminal::Answers(answers));
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <h2>{if title.trim().is_empty() { words.login_submit().to_owned() } else { title.clone() }}</h2>
            {is_again
                .then(|| {
                    view! {
                        <div class="note bad" role="alert">
                            <Icon name=IconName::Warning />
                            <p>{words.terminal_end_login()}</p>
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
