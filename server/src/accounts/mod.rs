//! Who may come in: logins, sessions, tokens, and the rules about accounts that no interface may bypass.
//!
//! Whatever takes a right away (password, role, admission, second factor, removal) ends the person's sessions with it.

mod agent;
mod browser;
mod half;
pub mod imported;
mod login;
mod notes;
mod own_sessions;
mod password;
mod rules;
mod second;
mod sessions;
mod setup;
#[cfg(test)]
mod tests;
mod throttle;
pub mod token;

pub use agent::told as browser_name;
pub use half::WAIT_MAX as CODE_WAIT_MAX;
pub use login::{Entry, LogIn, LoggedIn};
pub use password::{Passwords, Verdict};
pub use sessions::{Arrival, Holder, SESSION_USER, SessionKey, Sessions};
pub use setup::SetupCode;

use crate::{
    store::{Account, Store, StoreError, in_time},
    vault::Vault,
};
use engine::{Clock, Duty, Secret};
use half::Halves;
use model::{Role, Scope, Token, TokenId, User, UserId};
use notes::{Note, Notes, Waiting};
use password::Busy;
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use throttle::{Bucket, Throttle};
use token::Holders;

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Deliberately says neither which of the two was wrong nor whether the account is disabled.
    #[error("the name or the password is wrong")]
    WrongLogin,
    #[error("the setup code is wrong; the server printed it when it started")]
    WrongSetupCode,
    /// Nor whether it was used already.
    #[error("the code is wrong")]
    WrongCode,
    /// A login waited too long for its code, or an offer for its first one.
    #[error("too much time has passed; begin again")]
    Late,
    #[error("too many tries; try again in {retry_after_s} s")]
    TooMany { retry_after_s: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub type Result<T> = std::result::Result<T, AccountError>;

impl From<Busy> for AccountError {
    fn from(_: Busy) -> Self {
        AccountError::TooMany { retry_after_s: 1 }
    }
}

/// The first admin, as asked for on `/setup`.
pub struct SetUp {
    pub name: String,
    pub password: Secret<String>,
    pub code: String,
    pub from: IpAddr,
    /// The request came from this very machine, which needs no code.
    pub is_local: bool,
}

pub struct Accounts {
    store: Store,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    throttle: Throttle,
    sessions: Sessions,
    holders: Holders,
    notes: Notes,
    waiting: Waiting,
    halves: Halves,
    setup_code: SetupCode,
    is_set_up: AtomicBool,
}

impl Accounts {
    /// No session outlives `session_length`.
    pub fn new(
        store: Store,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        setup_code: SetupCode,
        session_length: Duration,
    ) -> Accounts {
        let (notes, waiting) = notes::queue();
        Accounts {
            sessions: Sessions::new(store.clone(), clock.clone(), session_length, notes.clone()),
            holders: Holders::default(),
            notes,
            waiting,
            halves: Halves::default(),
            passwords: Passwords::default(),
            throttle: Throttle::default(),
            is_set_up: AtomicBool::new(false),
            store,
            vault,
            clock,
            setup_code,
        }
    }

    /// The session store of the web layer, and who is behind a session.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// No admin exists yet.
    pub async fn needs_setup(&self) -> Result<bool> {
        if !self.is_set_up.load(Ordering::Relaxed) && self.store.users().has_admin().await? {
            self.is_set_up.store(true, Ordering::Relaxed);
        }
        Ok(!self.is_set_up.load(Ordering::Relaxed))
    }

    /// Creates the first admin. Not found, for ever, once there is one.
    pub async fn set_up(&self, asked: SetUp) -> Result<User> {
        if !self.needs_setup().await? {
            return Err(StoreError::NotFound.into());
        }
        if !asked.is_local {
            let attempt = self.attempt(&[Bucket::network(asked.from)])?;
            if !self.setup_code.matches(&asked.code) {
                attempt.failed();
                return Err(AccountError::WrongSetupCode);
            }
            attempt.void();
        }
        let hash = self.hash("password", &asked.name, asked.password).await?;
        let user = self.store.users().create_first_admin(&asked.name, hash).await?;
        self.is_set_up.store(true, Ordering::Relaxed);
        // Setting up lets the person in, as a login does.
        self.note_time(user.id).await;
        Ok(user)
    }

    /// Changes the own password; every other session of the account ends.
    pub async fn change_password(
        &self,
        id: UserId,
        old: Secret<String>,
        new: Secret<String>,
        keep: SessionKey,
    ) -> Result<()> {
        let account = self.prove(id, old).await?;
        let hash = self.hash("new_password", &account.user.name, new).await?;
        let users = self.store.users();
        let changed = users.change_password(id, &account.password_hash, hash, Some(&keep.to_string())).await;
        self.sessions.forget_with(&changed, id, Some(keep));
        if !changed? {
            return Err(AccountError::WrongLogin);
        }
        // Changed is changed, even if the session cannot be told that it was given.
        if let Err(error) = self.sessions.password_given(keep).await {
            tracing::warn!(user = id.0, %error, "the password could not be noted as given");
        }
        Ok(())
    }

    /// Takes the password from somebody who is logged in, so that acts which want it again may follow.
    pub async fn confirm_password(
        &self,
        id: UserId,
        password: Secret<String>,
        session: SessionKey,
    ) -> Result<()> {
        self.prove(id, password).await?;
        Ok(self.sessions.password_given(session).await?)
    }

    /// Sets somebody's password, as an admin; all sessions of the account end.
    pub async fn set_password(&self, id: UserId, new: Secret<String>) -> Result<()> {
        let account = self.store.users().one(id).await?;
        let hash = self.hash("new_password", &account.user.name, new).await?;
        let set = self.store.users().set_password(id, hash, None).await;
        self.sessions.forget_with(&set, id, None);
        Ok(set?)
    }

    pub async fn create_user(&self, name: &str, role: Role, password: Secret<String>) -> Result<User> {
        let hash = self.hash("password", name, password).await?;
        Ok(self.store.users().create(name, role, hash).await?)
    }

    pub async fn update_user(&self, id: UserId, role: Role, enabled: bool) -> Result<User> {
        let updated = self.store.users().update(id, role, enabled).await;
        self.holders.doubt(|user, _| user == id);
        match &updated {
            Ok(user) => self.sessions.forget_outdated(user),
            Err(_) => self.sessions.forget_with(&updated, id, None),
        }
        Ok(updated?)
    }

    pub async fn remove_user(&self, id: UserId) -> Result<()> {
        let removed = self.store.users().remove(id).await;
        self.holders.doubt(|user, _| user == id);
        self.sessions.forget_with(&removed, id, None);
        Ok(removed?)
    }

    /// Creates an API token and gives the only copy of it.
    pub async fn create_token(
        &self,
        user: UserId,
        name: &str,
        scope: Scope,
    ) -> Result<(Token, Secret<String>)> {
        Ok(token::create(&self.store, user, name, scope).await?)
    }

    pub async fn remove_token(&self, user: UserId, id: TokenId) -> Result<()> {
        let removed = self.store.tokens().remove(user, id).await;
        self.holders.doubt(|holder, token| (holder, token) == (user, id));
        Ok(removed?)
    }

    /// The enabled account behind `Authorization: Bearer …`, and what the token lets it do.
    pub async fn bearer(&self, token: &str) -> Result<Option<(Arc<User>, Scope)>> {
        let Some(used) = self.holders.find(&self.store, token, self.clock.now()).await? else {
            return Ok(None);
        };
        if used.is_news {
            self.notes.leave(Note::Used(used.id));
        }
        Ok(Some((used.user, used.scope)))
    }

    /// Looks again, after another process changed accounts: sessions that are gone end here too.
    pub async fn reload(&self) -> Result<()> {
        self.holders.forget();
        Ok(self.sessions.reload().await?)
    }

    /// Writes down who was seen and which tokens were used, until told to stop.
    pub async fn write_notes(&self, duty: &Duty) {
        self.waiting.write(duty, &self.store, &self.sessions).await;
    }

    /// Judges the password of somebody who is logged in. A stolen session must not become a place to guess
    /// it from.
    async fn prove(&self, id: UserId, password: Secret<String>) -> Result<Account> {
        let account = in_time(self.store.users().one(id)).await?;
        let attempt = self.attempt(&[Bucket::Inside(id)])?;
        match self.passwords.verify(password, Some(account.password_hash.clone())).await {
            Ok(Verdict::Wrong) => {
                attempt.failed();
                Err(AccountError::WrongLogin)
            }
            Ok(Verdict::Right | Verdict::Outdated) => {
                attempt.succeeded();
                Ok(account)
            }
            Err(busy) => {
                attempt.void();
                Err(busy.into())
            }
        }
    }

    fn attempt<'a>(&'a self, buckets: &[Bucket]) -> Result<throttle::Attempt<'a>> {
        let attempt = self.throttle.enter(buckets, &*self.clock);
        attempt
            .map_err(|wait| AccountError::TooMany { retry_after_s: wait.as_millis().div_ceil(1000) as u64 })
    }

    async fn hash(&self, field: &str, name: &str, password: Secret<String>) -> Result<String> {
        let refusal = self.passwords.refusal(field, name, password.clone()).await?;
        let errors = [model::user_name(name).err(), refusal];
        let errors: Vec<_> = errors.into_iter().flatten().collect();
        if !errors.is_empty() {
            return Err(StoreError::Invalid(errors).into());
        }
        Ok(self.passwords.hash(password).await?)
    }

    async fn note_time(&self, id: UserId) {
        if let Err(error) = in_time(self.store.users().logged_in(id)).await {
            tracing::warn!(user = id.0, %error, "the login could not be noted");
        }
    }
}
