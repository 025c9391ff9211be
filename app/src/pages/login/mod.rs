//! The login page.

use super::gate::{Filled, Gate, GateForm, gate_form};
use crate::{
    api::account::{LogIn, log_in},
    i18n::use_words,
    parts::*,
    use_visitor,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::components::Redirect;

#[component]
pub fn LoginPage() -> impl IntoView {
    let words = use_words();
    if use_visitor().user.is_some() {
        return view! { <Redirect path="/" /> }.into_any();
    }
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
            {gate_form(form, ask, inputs)}
        </Gate>
    }
    .into_any()
}
