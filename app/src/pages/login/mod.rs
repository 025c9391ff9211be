//! The login page: name and password, and then a code where the account has a second factor.

use super::gate::{Filled, Gate, GateForm, gate_form};
use crate::{
    api::account::{EnterCode, LogIn, LogOut, enter_code, log_in},
    i18n::use_words,
    parts::*,
    use_visitor,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

#[component]
pub fn LoginPage() -> impl IntoView {
    let words = use_words();
    let visitor = use_visitor();
    if visitor.user.is_some() {
        return view! { <Redirect path="/" /> }.into_any();
    }
    if visitor.is_code_due {
        return code_page();
    }
    // Somebody was inside until a moment ago.
    let has_ended = use_query_map().with_untracked(|query| query.get_str("ended").is_some());
    let task = Task::after_redirect::<LogIn>();
    let ask = |filled: Filled| async move { log_in(filled.text("name"), filled.text("password")).await };
    // Which of the two was wrong is nobody's business.
    let form = GateForm { action: LogIn::PATH, task, shown: &[], submit: words.login_submit() };
    let inputs = view! {
            <TextField
                label=words.user_name()
                name="name"
                autocomplete="username"
                required=true
                autofocus=true
            />
        <PasswordField
            label=words.password()
            name="password"
            autocomplete="current-password"
        />
    }
    .into_any();
    view! {
        <Title text=words.login_title() />
        <Gate title=words.login_title() lead=words.login_lead()>
            {has_ended.then(|| view! { <p class="note" role="status">{words.login_ended()}</p> })}
            {gate_form(form, ask, inputs)}
        </Gate>
    }
    .into_any()
}

/// Nobody is logged in yet: the code is the second half of it.
fn code_page() -> AnyView {
    let words = use_words();
    let task = Task::after_redirect::<EnterCode>();
    let ask = |filled: Filled| async move { enter_code(filled.text("code")).await };
    let form = GateForm { action: EnterCode::PATH, task, shown: &["code"], submit: words.login_submit() };
    let inputs = view! {
        <TextField
            label=words.login_code()
            name="code"
            hint=words.login_code_hint()
            error=task.fields.at("code")
            autocomplete="one-time-code"
            required=true
            autofocus=true
        />
    }
    .into_any();
    view! {
        <Title text=words.login_title() />
        <Gate title=words.login_code_title() lead=words.login_code_lead()>
            {gate_form(form, ask, inputs)}
            // Posted by the browser itself: the answer leads back here, to name and password.
            <form class="gate-form" method="post" action=LogOut::PATH>
                <Button look=Look::Quiet submit=true>{words.login_begin_again()}</Button>
            </form>
        </Gate>
    }
    .into_any()
}
