//! Who may come in: logins, sessions, tokens, and the rules about accounts that no interface may bypass.
//!
//! Whatever takes a right away (password, role, admission, removal) ends the person's sessions with it.

mod browser;
pub mod imported;
mod notes;
mod password;
mod rules;
mod sessions;
mod setup;
#[cfg(test)]
mod tests;
mod throttle;
pub mod token;

pub use password::Passwords;
pub use sessions::{SESSION_USER, SessionKey, Sessions};
pub use setup::SetupCode;

use crate::{
    store::{Account, Store, StoreError, in_time},
    vault::Vault,
};
use engine::{Clock, Duty, Secret};
use model::{Role, Scope, Token, TokenId, User, UserId};
use notes::{Note, Notes, Waiting};
use password::{Busy, Verdict};
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

/// A login as it came in.
pub struct LogIn {
    pub name: String,
    pub password: Secret<String>,
    pub from: IpAddr,
    /// What [`LoggedIn::known_browser`] gave this browser at an earlier login.
    pub known_browser: Option<String>,
}

pub struct LoggedIn {
    pub user: User,
    /// For a long-lived cookie: this browser's guesses are counted apart from strangers'.
    pub known_browser: Option<String>,
    /// What the password may be stored as for this login to stand: as it was judged, or hashed anew by it.
    hashes: Vec<String>,
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

    /// Judges a name and a password, in the same time whether or not there is such an account.
    pub async fn log_in(&self, asked: LogIn) -> Result<LoggedIn> {
        let known = asked.known_browser.as_deref();
        let known = known.and_then(|known| browser::recognise(&self.vault, known, &asked.name));
        let buckets = match known {
            // Somebody else's guesses must not keep the owner out.
            Some(browser) => vec![Bucket::Browser(browser)],
            None => vec![Bucket::account(&asked.name), Bucket::network(asked.from)],
        };
        let attempt = self.attempt(&buckets)?;
        // A name that nobody can have is not looked up: not every database takes every character.
        let named = async {
            let is_possible = model::user_name(&asked.name).is_ok();
            if is_possible { in_time(self.store.users().named(&asked.name)).await } else { Ok(None) }
        };
        let account = match named.await {
            Ok(account) => account,
            Err(error) => {
                attempt.void();
                return Err(error.into());
            }
        };
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let verdict = match self.judge(&asked, hash).await {
            Ok(verdict) => verdict,
            Err(error) => {
                attempt.void();
                return Err(error);
            }
        };
        let Some(account) = account.filter(|account| account.user.enabled && verdict != Verdict::Wrong)
        else {
            attempt.failed();
            return Err(AccountError::WrongLogin);
        };
        attempt.succeeded();
        let anew = self.note_login(&account, verdict, asked.password).await;
        let known_browser = browser::introduce(&self.vault, &account.user.name).ok();
        let hashes = [account.password_hash].into_iter().chain(anew).collect();
        Ok(LoggedIn { user: account.user, known_browser, hashes })
    }

    /// Whether the login still stands, to be asked once its session exists: what was changed while the
    /// password was being judged found no session to end.
    pub async fn confirm(&self, done: &LoggedIn) -> Result<()> {
        let now = match in_time(self.store.users().one(done.user.id)).await {
            Err(StoreError::NotFound) => return Err(AccountError::WrongLogin),
            account => account?,
        };
        let is_same = (now.user.role, now.user.enabled) == (done.user.role, done.user.enabled)
            && done.hashes.contains(&now.password_hash);
        if is_same { Ok(()) } else { Err(AccountError::WrongLogin) }
    }

    /// Changes the own password; every other session of the account ends.
    pub async fn change_password(
        &self,
        id: UserId,
        old: Secret<String>,
        new: Secret<String>,
        keep: Option<SessionKey>,
    ) -> Result<()> {
        let account = self.store.users().one(id).await?;
        // A stolen session must not become a place to guess the password from.
        let attempt = self.attempt(&[Bucket::Browser(format!("change of {id}"))])?;
        match self.passwords.verify(old, Some(account.password_hash.clone())).await {
            Ok(Verdict::Wrong) => {
                attempt.failed();
                return Err(AccountError::WrongLogin);
            }
            Ok(Verdict::Right | Verdict::Outdated) => attempt.succeeded(),
            Err(busy) => {
                attempt.void();
                return Err(busy.into());
            }
        }
        let hash = self.hash("new_password", &account.user.name, new).await?;
        let kept = keep.map(|key| key.to_string());
        let users = self.store.users();
        if !users.change_password(id, &account.password_hash, hash, kept.as_deref()).await? {
            return Err(AccountError::WrongLogin);
        }
        self.sessions.forget_of(id, keep);
        Ok(())
    }

    /// Sets somebody's password, as an admin; all sessions of the account end.
    pub async fn set_password(&self, id: UserId, new: Secret<String>) -> Result<()> {
        let account = self.store.users().one(id).await?;
        let hash = self.hash("new_password", &account.user.name, new).await?;
        self.store.users().set_password(id, hash, None).await?;
        self.sessions.forget_of(id, None);
        Ok(())
    }

    pub async fn create_user(&self, name: &str, role: Role, password: Secret<String>) -> Result<User> {
        let hash = self.hash("password", name, password).await?;
        Ok(self.store.users().create(name, role, hash).await?)
    }

    pub async fn update_user(&self, id: UserId, role: Role, enabled: bool) -> Result<User> {
        let user = self.store.users().update(id, role, enabled).await?;
        self.sessions.forget_outdated(&user);
        self.holders.forget();
        Ok(user)
    }

    pub async fn remove_user(&self, id: UserId) -> Result<()> {
        self.store.users().remove(id).await?;
        self.sessions.forget_of(id, None);
        self.holders.forget();
        Ok(())
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
        self.store.tokens().remove(user, id).await?;
        self.holders.forget();
        Ok(())
    }

    /// The enabled account behind `Authorization: Bearer …`, and what the token lets it do.
    pub async fn bearer(&self, token: &str) -> Result<Option<(User, Scope)>> {
        let Some(used) = self.holders.find(&self.store, token, self.clock.now()).await? else {
            return Ok(None);
        };
        if used.is_news {
            self.notes.leave(Note::Used(used.token.id));
        }
        Ok(Some((used.user, used.token.scope)))
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

    fn attempt<'a>(&'a self, buckets: &[Bucket]) -> Result<throttle::Attempt<'a>> {
        let attempt = self.throttle.enter(buckets, &*self.clock);
        attempt.map_err(|wait| AccountError::TooMany { retry_after_s: wait.as_secs().max(1) })
    }

    /// Judges a login, in the same time as that of everybody else.
    async fn judge(&self, asked: &LogIn, hash: Option<String>) -> Result<Verdict> {
        let others = match model::user_name(&asked.name) {
            Ok(()) => in_time(self.store.users().hashes_beginning(imported::MARK)).await?,
            // Nobody's, as everybody knows.
            Err(_) => Vec::new(),
        };
        let cover = others.iter().filter_map(|hash| imported::cost(hash)).max();
        Ok(self.passwords.verify_login(asked.password.clone(), hash, cover).await?)
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

    /// What a login leaves behind; the new hash, where there had to be one. None of it is worth refusing a
    /// right password for.
    async fn note_login(
        &self,
        account: &Account,
        verdict: Verdict,
        password: Secret<String>,
    ) -> Option<String> {
        let id = account.user.id;
        let mut anew = None;
        if verdict == Verdict::Outdated
            && let Ok(hash) = self.passwords.hash(password).await
        {
            anew = Some(hash.clone());
            if let Err(error) = in_time(self.store.users().rehash(id, &account.password_hash, hash)).await {
                tracing::warn!(user = id.0, %error, "the password could not be hashed anew");
            }
        }
        self.note_time(id).await;
        anew
    }

    async fn note_time(&self, id: UserId) {
        if let Err(error) = in_time(self.store.users().logged_in(id)).await {
            tracing::warn!(user = id.0, %error, "the login could not be noted");
        }
    }
}
