//! Setting up, logging in and out, and one's own account.

use super::{
    Credential, Door, Program, Purpose, Sure, Viewer, account_error, api_error, session_error, wrong_password,
};
use crate::accounts::{
    AccountError, Accounts, Arrival, CODE_WAIT_MAX, Entry, LogIn, LoggedIn, SESSION_USER, SessionKey, SetUp,
};
use crate::store::{Actor, acting};
use app::api::{ApiError, port::Next};
use axum::http::{HeaderValue, header};
use engine::Secret;
use leptos::context::use_context;
use leptos_axum::ResponseOptions;
use model::{Act, FieldError, Role, Scope, Token, TokenId, User};
use std::sync::{Arc, atomic::Ordering};
use tower_sessions::Session;

/// By this cookie a browser that logged in before is recognised.
pub const KNOWN_BROWSER: &str = "known";
pub(super) const YEAR_S: u64 = 365 * 24 * 3600;
/// By this cookie a login is brought back that waits for its code.
pub const HALF_IN: &str = "half_in";
/// Kept from scripts and from other sites.
pub(super) const PRIVATE: &str = "; HttpOnly; SameSite=Strict";

impl Door {
    pub(super) async fn create_first_admin(
        &self,
        code: String,
        name: String,
        password: String,
    ) -> Result<(), ApiError> {
        let is_local = self.visit.is_loopback;
        let asked = SetUp { name, password: Secret::new(password), code, from: self.visit.ip, is_local };
        let (session, arrival) = (self.session.clone(), self.arrival());
        let done = async move |program: Arc<Program>| {
            let made = program.accounts.set_up(asked).await;
            if let Err(AccountError::WrongSetupCode) = made {
                program.write_down_refusal("").await;
            }
            let user = made.map_err(account_error)?;
            program.needs_setup.store(false, Ordering::Release);
            begin_session(&program, &session, &user, &arrival).await
        };
        self.program.finish(done).await
    }

    pub(super) async fn enter(&self, name: String, password: String) -> Result<Next, ApiError> {
        let asked = LogIn {
            name,
            password: Secret::new(password),
            from: self.visit.ip,
            known_browser: self.known_browser.clone(),
        };
        let tried = asked.name.clone();
        match self.program.accounts.log_in(asked).await {
            Ok(Entry::In(done)) => self.let_in(done).await.map(|()| Next::Inside),
            Ok(Entry::Half(word)) => {
                self.set_cookie(HALF_IN, word.expose(), CODE_WAIT_MAX.as_secs(), PRIVATE);
                Ok(Next::Code)
            }
            Err(error) => Err(self.refused(error, &tried).await),
        }
    }

    /// The second half of a login that waits for its code.
    pub(super) async fn enter_by_code(&self, code: String) -> Result<(), ApiError> {
        let word = self.half.as_deref().unwrap_or_default();
        let tried = self.program.accounts.half_in(word).map(|user| user.name).unwrap_or_default();
        match self.program.accounts.enter_code(word, &code).await {
            Ok(done) => {
                self.set_cookie(HALF_IN, "", 0, PRIVATE);
                self.let_in(done).await
            }
            Err(error) => Err(self.refused(error, &tried).await),
        }
    }

    async fn refused(&self, error: AccountError, tried: &str) -> ApiError {
        if let AccountError::WrongLogin | AccountError::WrongCode = error {
            self.program.write_down_refusal(tried).await;
        }
        account_error(error)
    }

    async fn let_in(&self, done: LoggedIn) -> Result<(), ApiError> {
        let (session, arrival, known) = (self.session.clone(), self.arrival(), done.known_browser.clone());
        let user = done.user.clone();
        // By now it is known who that is.
        let actor = Arc::new(Actor { user: Some(user.id), name: user.name.clone(), ..self.actor() });
        let begin = async move |program: Arc<Program>| {
            begin_session(&program, &session, &done.user, &arrival).await?;
            confirm(&program.accounts, &session, &done).await?;
            acting(actor, program.write_down(Act::LoggedIn, &done.user.name)).await;
            Ok(())
        };
        self.program.finish::<(), ApiError, _>(begin).await?;
        self.take_browser_over(&user).await;
        if let Some(known) = known {
            self.set_cookie(KNOWN_BROWSER, &known, YEAR_S, PRIVATE);
        }
        Ok(())
    }

    pub(super) async fn leave(&self) -> Result<(), ApiError> {
        if let Some(word) = &self.half {
            self.program.accounts.give_up(word);
            self.set_cookie(HALF_IN, "", 0, PRIVATE);
        }
        if self.session.id().is_some() {
            let (session, user) = (self.session.clone(), self.look().user);
            if let Some(user) = &user {
                self.silence_browser(user).await;
            }
            let name = user.map(|user| user.name);
            let leave = async move |program: Arc<Program>| {
                let ended = session.flush().await;
                program.accounts_changed();
                ended.map_err(session_error)?;
                if let Some(name) = name {
                    program.write_down(Act::LoggedOut, &name).await;
                }
                Ok(())
            };
            return self.program.finish(leave).await;
        }
        Ok(())
    }

    pub(super) fn set_cookie(&self, name: &str, value: &str, age_s: u64, attributes: &str) {
        let secure = if self.visit.is_https { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; Max-Age={age_s}{attributes}{secure}");
        if let (Some(answer), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie))
        {
            answer.append_header(header::SET_COOKIE, cookie);
        }
    }
}

/// A new id, so that nobody who knew the old one is logged in along.
async fn begin_session(
    program: &Program,
    session: &Session,
    user: &User,
    arrival: &Arrival,
) -> Result<(), ApiError> {
    session.cycle_id().await.map_err(session_error)?;
    session.insert(SESSION_USER, user.id).await.map_err(session_error)?;
    session.save().await.map_err(session_error)?;
    if let Some(id) = session.id()
        && let Err(error) = program.accounts.sessions().arrive(SessionKey::of(&id), arrival).await
    {
        // A right password is not refused for that.
        tracing::warn!(user = user.id.0, %error, "where a session is could not be written down");
    }
    // The session this one replaces has ended, and its sockets with it.
    program.accounts_changed();
    Ok(())
}

/// Ends the session again when the account was changed while its password was being judged.
async fn confirm(accounts: &Accounts, session: &Session, done: &LoggedIn) -> Result<(), ApiError> {
    let confirmed = accounts.confirm(done).await;
    if confirmed.is_err() {
        session.flush().await.map_err(session_error)?;
    }
    confirmed.map_err(account_error)
}

impl Viewer {
    /// A one-time ticket for the socket of this name.
    pub fn issue_ticket(&self, purpose: &str) -> Result<String, ApiError> {
        let Some(purpose) = Purpose::from_word(purpose) else {
            return Err(FieldError::new(
                "purpose",
                "error_choice",
                "must be live, logs, watch:ID, or ssh and a device",
            )
            .into());
        };
        match purpose {
            Purpose::Live => {}
            Purpose::Logs if self.user.role == Role::Admin => {}
            Purpose::Logs => return Err(ApiError::Forbidden),
            Purpose::Ssh(device) => {
                self.may_have_terminal()?;
                self.device(device)?;
            }
            // Now, while the page can still ask for the password.
            Purpose::Watch(_) => self.may_have_terminal()?,
        }
        let now = self.program.clock.now();
        let ticket = self.program.tickets.issue(self.user.id, self.credential.clone(), purpose, now);
        ticket.ok_or(ApiError::TooMany { retry_after_s: 30 })
    }

    pub(super) async fn replace_password(&self, old: String, new: String) -> Result<(), ApiError> {
        let kept = self.person()?;
        let (id, old, new) = (self.user.id, Secret::new(old), Secret::new(new));
        let user = self.user.clone();
        let change = async move |program: Arc<Program>| {
            let changed = program.accounts.change_password(id, old, new, kept).await;
            program.note_refusal(&user, &changed).await;
            changed.map_err(|error| wrong_password("old", error))
        };
        self.program.change_accounts(change).await
    }

    pub(super) async fn own_tokens(&self) -> Result<Vec<Token>, ApiError> {
        self.person()?;
        self.program.store.tokens().list(self.user.id).await.map_err(api_error)
    }

    pub(super) async fn delete_token(&self, id: TokenId) -> Result<(), ApiError> {
        self.person()?;
        let user = self.user.id;
        let remove = async move |program: Arc<Program>| {
            program.accounts.remove_token(user, id).await.map_err(account_error)
        };
        self.program.change_accounts(remove).await
    }

    /// A token opens devices, never an account, least of all the one that made it: it must not breed or
    /// outlive its removal.
    pub(super) fn person(&self) -> Result<crate::accounts::SessionKey, ApiError> {
        match &self.credential {
            Credential::Session(key) => Ok(*key),
            Credential::Token(_) | Credential::Chat(_) => Err(ApiError::Forbidden),
        }
    }
}

impl Sure<Viewer> {
    pub(super) async fn add_token(&self, name: &str, scope: Scope) -> Result<String, ApiError> {
        self.person()?;
        let made = self.program.accounts.create_token(self.user.id, name, scope).await;
        made.map(|(_, token)| token.expose().clone()).map_err(account_error)
    }
}
