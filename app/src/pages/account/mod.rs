//! One's own account: password, notifications, second factor, sessions, tokens for programs, language and theme.

mod factor;
mod password;
mod push;
mod sessions;
mod telegram;
mod tokens;

use crate::{i18n::use_words, parts::*, shell::Preferences, use_visitor};
use factor::Factor;
use leptos::prelude::*;
use leptos_meta::Title;
use password::ChangeOwnPassword;
use push::Push;
use sessions::Sessions;
use telegram::Telegram;
use tokens::Tokens;

#[component]
pub fn AccountPage() -> impl IntoView {
    let words = use_words();
    let user = use_visitor().user;
    // Counts up when a change here may have ended the sessions elsewhere, and who else is told or speaks.
    let ended = RwSignal::new(0);
    let who = user.map(|user| words.account_lead(&user.name, &words.role(user.role)));
    view! {
        <Title text=words.account_title() />
        <div class="page">
        <header class="page-head">
            <div>
                <h1>{words.account_title()}</h1>
                <p>{who}</p>
            </div>
        </header>
        <div class="account">
            <Card title=words.password_change()>
                <ChangeOwnPassword ended />
            </Card>
            <Card title=words.account_look()>
                <p class="card-lead">{words.account_look_text()}</p>
                <Preferences />
            </Card>
            <Factor ended />
            <Push ended />
            <Telegram ended />
            <Sessions ended />
            <Tokens />
        </div>
        </div>
    }
}
