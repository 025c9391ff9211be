//! Logging in: a name and a password, and a code where the account has a second factor.

use super::{AccountError, Accounts, Result, browser, imported, password::Verdict, throttle::Bucket};
use crate::store::{Account, StoreError, in_time};
use engine::Secret;
use model::{User, UserId};
use std::net::IpAddr;

/// A login as it came in.
pub struct LogIn {
    pub name: String,
    pub password: Secret<String>,
    pub from: IpAddr,
    /// What [`LoggedIn::known_browser`] gave this browser at an earlier login.
    pub known_browser: Option<String>,
}

/// How far a right password leads.
pub enum Entry {
    In(LoggedIn),
    /// A code is due: this word brings it back to [`Accounts::enter_code`].
    Half(Secret<String>),
}

pub struct LoggedIn {
    pub user: User,
    /// For a long-lived cookie: this browser's guesses are counted apart from strangers'.
    pub known_browser: Option<String>,
    /// What the password may be stored as for this login to stand: as it was judged, or hashed anew by it.
    hashes: Vec<String>,
}

impl Accounts {
    /// Judges a name and a password, in the same time whether or not there is such an account.
    pub async fn log_in(&self, asked: LogIn) -> Result<Entry> {
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
        if account.totp.is_none() {
            attempt.succeeded();
            let done = self.proved(account, verdict, asked.password).await;
            self.note_time(done.user.id).await;
            return Ok(Entry::In(done));
        }
        // Whoever knows the password must not be able to make the guesses of codes forgotten by it.
        attempt.void();
        let done = self.proved(account, verdict, asked.password).await;
        let word = self.halves.begin(done, buckets, self.clock.now());
        word.map(Entry::Half).ok_or(AccountError::TooMany { retry_after_s: 1 })
    }

    /// Whose code is due from whoever brings this word.
    pub fn half_in(&self, word: &str) -> Option<User> {
        self.halves.find(word, self.clock.now()).map(|(user, _)| user)
    }

    /// The second half of a login: the code, counted where the password was counted.
    pub async fn enter_code(&self, word: &str, code: &str) -> Result<LoggedIn> {
        let (user, buckets) = self.halves.find(word, self.clock.now()).ok_or(AccountError::Late)?;
        self.try_code(user.id, code, &buckets).await?;
        let done = self.halves.end(word).ok_or(AccountError::Late)?;
        self.note_time(user.id).await;
        Ok(done)
    }

    /// Gives a login up that waits for its code.
    pub fn give_up(&self, word: &str) {
        drop(self.halves.end(word));
    }

    /// Whether the login still stands, to be asked once its session exists: what was changed while the
    /// password was being judged found no session to end.
    pub async fn confirm(&self, done: &LoggedIn) -> Result<()> {
        let now = match in_time(self.store.users().one(done.user.id)).await {
            Err(StoreError::NotFound) => return Err(AccountError::WrongLogin),
            account => account?,
        };
        let rights = |user: &User| (user.role, user.enabled, user.has_second_factor);
        let is_same = rights(&now.user) == rights(&done.user) && done.hashes.contains(&now.password_hash);
        if is_same { Ok(()) } else { Err(AccountError::WrongLogin) }
    }

    /// Judges a login, in the same time as that of everybody else.
    async fn judge(&self, asked: &LogIn, hash: Option<String>) -> Result<Verdict> {
        let others = match model::user_name(&asked.name) {
            Ok(()) => in_time(self.store.users().hash_heads(imported::MARK, imported::HEAD_CHARS)).await?,
            // Nobody's, as everybody knows.
            Err(_) => Vec::new(),
        };
        let cover = others.iter().filter_map(|head| imported::head_cost(head)).max();
        Ok(self.passwords.verify_login(asked.password.clone(), hash, cover).await?)
    }

    /// What a right password leaves behind. None of it is worth refusing it for.
    async fn proved(&self, account: Account, verdict: Verdict, password: Secret<String>) -> LoggedIn {
        let Account { user, password_hash, .. } = account;
        let anew = match verdict {
            Verdict::Outdated => self.hash_anew(user.id, &password_hash, password).await,
            Verdict::Right | Verdict::Wrong => None,
        };
        let hashes = [password_hash].into_iter().chain(anew).collect();
        let known_browser = browser::introduce(&self.vault, &user.name).ok();
        LoggedIn { user, known_browser, hashes }
    }

    /// Puts today's kind of hash in the place of an old one; gives what a right password is stored as now.
    async fn hash_anew(&self, id: UserId, old: &str, password: Secret<String>) -> Option<String> {
        let users = self.store.users();
        let hash = self.passwords.hash(password.clone()).await.ok()?;
        match in_time(users.rehash(id, old, hash.clone())).await {
            Ok(true) => Some(hash),
            // Another login of the same moment was first, or the password is another one by now.
            Ok(false) => {
                let now = in_time(users.one(id)).await.ok()?.password_hash;
                let verdict = self.passwords.verify(password, Some(now.clone())).await.ok()?;
                (verdict == Verdict::Right).then_some(now)
            }
            Err(error) => {
                tracing::warn!(user = id.0, %error, "the password could not be hashed anew");
                Some(hash)
            }
        }
    }
}
