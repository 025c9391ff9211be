//! The first run: creates the admin. From another machine it asks for the code that the server printed.

use super::gate::{Filled, Gate, GateForm, gate_form};
use crate::{
    api::account::{SetUp, set_up},
    i18n::use_words,
    parts::*,
    use_visitor,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

#[component]
pub fn SetupPage() -> impl IntoView {
    let words = use_words();
    let task = Task::after_redirect::<SetUp>();
    let ask = |filled: Filled| async move {
        set_up(filled.text("code"), filled.text("name"), filled.text("password")).await
    };
    let form = GateForm {
        action: SetUp::PATH,
        task,
        shown: &["code", "username", "password"],
        submit: words.setup_submit(),
    };
    let inputs = view! {
        <div class="gate-inputs">
            {code_field(task)}
            <TextField
                label=words.user_name()
                name="name"
                hint=words.setup_name_hint()
                error=task.fields.at("username")
                autocomplete="username"
                required=true
                autofocus=!use_visitor().is_exposed
            />
            <PasswordField
                label=words.password()
                name="password"
                hint=words.setup_password_hint()
                error=task.fields.at("password")
                autocomplete="new-password"
            />
        </div>
    }
    .into_any();
    view! {
        <Title text=words.setup_title() />
        <Gate title=words.setup_title() lead=words.setup_lead()>
            {gate_form(form, ask, inputs)}
        </Gate>
    }
}

/// Shown when the page came from another machine, or when the server asked for the code.
fn code_field(task: Task) -> AnyView {
    let words = use_words();
    let is_exposed = use_visitor().is_exposed;
    let error = task.fields.at("code");
    let is_asked = Memo::new(move |was: Option<&bool>| {
        is_exposed || was.copied().unwrap_or(false) || error.with(Option::is_some)
    });
    let field = move || {
        if is_asked.get() {
            view! {
                <TextField
                    label=words.setup_code()
                    name="code"
                    hint=words.setup_code_hint()
                    error=error
                    autocomplete="one-time-code"
                    required=true
                    autofocus=true
                />
            }
            .into_any()
        } else {
            view! { <input type="hidden" name="code" value="" /> }.into_any()
        }
    };
    field.into_any()
}
