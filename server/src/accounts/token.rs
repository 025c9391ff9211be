//! API tokens: 256 random bits behind `rw_`, shown once, stored as their SHA-256.

use super::sessions::hex;
use crate::store::{Result, Shown, Store, StoreError, in_time};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Secret;
use model::{Scope, Timestamp, Token, TokenId, User, UserId};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};
use tokio::time::Instant;
use zeroize::Zeroizing;

const MARK: &str = "rw_";
const RANDOM_BYTES: usize = 32;
/// Of the token, in lists: enough to tell tokens apart, 24 bits of 256.
const PREFIX_CHARS: usize = 7;
/// `last_used_at` is for people: it is not worth a write for every request.
const USED_MS: i64 = 60_000;
/// How long an answer of the database holds: what another process takes away ends within a second, except while the
/// database does not answer.
const FRESH_MS: i64 = 1_000;
/// How long the last one holds then, by the machine's clock: those who watch are to see an outage, and not to be shut
/// out by it. What is taken away in this process ends at once all the same, even when the database does not say that
/// it was.
const UNCONFIRMED_MS: i64 = 3_600_000;
/// How long until a database that did not answer is asked again, which takes seconds.
const RETRY_MS: i64 = 5_000;
/// Tokens remembered at most, about 500 bytes each.
const HOLDERS_MAX: usize = 4096;

/// Creates a token and gives its only copy.
pub async fn create(
    store: &Store,
    user: UserId,
    name: &str,
    scope: Scope,
) -> Result<(Token, Secret<String>)> {
    let mut random = Zeroizing::new([0; RANDOM_BYTES]);
    getrandom::fill(&mut *random).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let token = Secret::new(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(*random)));
    let prefix = token.expose().get(..PREFIX_CHARS).unwrap_or(MARK);
    let row = store
        .tokens()
        .create(user, name, scope, Shown { prefix, hash: &hex(&Sha256::digest(token.expose())) })
        .await?;
    Ok((row, token))
}

type Hash = [u8; 32];

/// Who holds which token: a program that asks often costs the database one question a second, and one that asks while
/// the database is away is told what was known last.
#[derive(Default)]
pub struct Holders(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    /// By the token's hash.
    known: HashMap<Hash, Holder>,
    /// Grows with every ending, so that a row read before it is not remembered after it.
    endings: u64,
}

struct Holder {
    user: Arc<User>,
    token: Token,
    asked_at: Timestamp,
    /// When the database last answered.
    confirmed_at: Timestamp,
}

/// A token that was used.
pub struct Use {
    pub user: Arc<User>,
    pub id: TokenId,
    pub scope: Scope,
    /// The first use for a while, which is worth a note.
    pub is_news: bool,
}

impl Holders {
    /// The enabled account that holds `token`, which is used at `now`.
    ///
    /// Looking up by hash gives nothing away by its timing: nobody can steer a SHA-256.
    pub async fn find(&self, store: &Store, token: &str, now: Timestamp) -> Result<Option<Use>> {
        if !token.starts_with(MARK) {
            return Ok(None);
        }
        let hash: Hash = Sha256::digest(token).into();
        let endings = match self.0.lock().recall(&hash, now) {
            Ok(used) => return Ok(Some(used)),
            Err(endings) => endings,
        };
        let asked = Instant::now();
        let found = match in_time(store.tokens().holder(&hex(&hash))).await {
            Ok(found) => found,
            Err(error) => {
                let waited_ms = i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX);
                let now = Timestamp(now.0.saturating_add(waited_ms));
                return self.0.lock().last_known(&hash, now).map(Some).ok_or(error);
            }
        };
        let Some((user, token)) = found.filter(|(user, _)| user.enabled) else {
            self.0.lock().refuse(&hash);
            return Ok(None);
        };
        let mut holder = Holder { user: Arc::new(user), token, asked_at: now, confirmed_at: now };
        let used = holder.note_use(now);
        self.0.lock().remember(hash, holder, endings);
        Ok(Some(used))
    }

    /// Of these nothing is known from now on, whatever became of the change: it may have been made and its answer
    /// lost with the database.
    pub fn doubt(&self, is_ending: impl Fn(UserId, TokenId) -> bool) {
        let mut memory = self.0.lock();
        memory.endings += 1;
        memory.known.retain(|_, holder| !is_ending(holder.user.id, holder.token.id));
    }

    /// Looks afresh from now on: accounts or tokens have changed.
    pub fn forget(&self) {
        let mut memory = self.0.lock();
        memory.endings += 1;
        memory.known.clear();
    }
}

impl Memory {
    /// What is still known, or how many endings there had been when it was not.
    fn recall(&mut self, hash: &Hash, now: Timestamp) -> std::result::Result<Use, u64> {
        let known = self.known.get_mut(hash).filter(|holder| holder.is_fresh(now));
        known.map(|holder| holder.note_use(now)).ok_or(self.endings)
    }

    /// What the database said before it failed, if that is not long ago.
    fn last_known(&mut self, hash: &Hash, now: Timestamp) -> Option<Use> {
        let is_recent =
            |holder: &&mut Holder| (0..UNCONFIRMED_MS).contains(&now.since_ms(holder.confirmed_at));
        let known = self.known.get_mut(hash).filter(is_recent)?;
        known.asked_at = now;
        Some(known.note_use(now))
    }

    /// A no ends what is known, and what is still being read from before it; of a token that is not known it says
    /// nothing, or anybody's guesses would keep all others from being remembered.
    fn refuse(&mut self, hash: &Hash) {
        if self.known.remove(hash).is_some() {
            self.endings += 1;
        }
    }

    fn remember(&mut self, hash: Hash, holder: Holder, endings: u64) {
        if self.endings != endings {
            return;
        }
        if self.known.len() >= HOLDERS_MAX {
            self.known.clear();
        }
        self.known.insert(hash, holder);
    }
}

impl Holder {
    /// A clock that was put back to before the answer makes it stale.
    fn is_fresh(&self, now: Timestamp) -> bool {
        let fresh_ms = if self.asked_at == self.confirmed_at { FRESH_MS } else { RETRY_MS };
        (0..fresh_ms).contains(&now.since_ms(self.asked_at))
    }

    fn note_use(&mut self, now: Timestamp) -> Use {
        let is_news = self.token.last_used_at.is_none_or(|used| now.since_ms(used) >= USED_MS);
        let used = Use { user: self.user.clone(), id: self.token.id, scope: self.token.scope, is_news };
        if is_news {
            self.token.last_used_at = Some(now);
        }
        used
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Temp;
    use model::Role;

    async fn held() -> (Temp, UserId, Secret<String>) {
        let temp = Store::open_temp().await;
        let anna = temp.users().create("anna", Role::Admin, String::new()).await.unwrap();
        let (_, token) = create(&temp, anna.id, "prometheus", Scope::Read).await.unwrap();
        (temp, anna.id, token)
    }

    #[tokio::test]
    async fn what_was_said_last_holds_for_an_hour_while_the_database_is_away() {
        let (temp, _, token) = held().await;
        let (holders, began) = (Holders::default(), Timestamp(1_000_000));
        let at = |ms: i64| holders.find(&temp, token.expose(), Timestamp(began.0 + ms));
        assert!(at(0).await.unwrap().is_some());
        temp.close().await.unwrap();
        assert!(at(FRESH_MS).await.unwrap().is_some(), "asked in vain");
        let asked_at = || holders.0.lock().known.values().next().unwrap().asked_at;
        let asked = asked_at();
        assert!(at(FRESH_MS + RETRY_MS - 1).await.unwrap().is_some(), "not asked again so soon");
        assert_eq!(asked_at(), asked);
        assert!(at(UNCONFIRMED_MS - 1_000).await.unwrap().is_some());
        assert!(at(UNCONFIRMED_MS + RETRY_MS).await.is_err());
        holders.forget();
        assert!(at(UNCONFIRMED_MS - 1_000).await.is_err(), "what this process took away is gone");
    }

    #[tokio::test]
    async fn a_no_is_not_forgotten_when_the_database_goes_away_behind_it() {
        let (temp, anna, token) = held().await;
        let (holders, began) = (Holders::default(), Timestamp(1_000_000));
        let at = |ms: i64| holders.find(&temp, token.expose(), Timestamp(began.0 + ms));
        let id = at(0).await.unwrap().unwrap().id;
        temp.tokens().remove(anna, id).await.unwrap();
        assert!(at(FRESH_MS).await.unwrap().is_none());
        temp.close().await.unwrap();
        assert!(at(2 * FRESH_MS).await.is_err());
    }

    #[tokio::test]
    async fn a_row_that_was_read_before_a_no_is_not_remembered_after_it() {
        let (temp, anna, token) = held().await;
        let (holders, began) = (Holders::default(), Timestamp(1_000_000));
        let at = |ms: i64| holders.find(&temp, token.expose(), Timestamp(began.0 + ms));
        let id = at(0).await.unwrap().unwrap().id;
        let hash: Hash = Sha256::digest(token.expose()).into();
        let now = Timestamp(began.0 + FRESH_MS);
        let endings = holders.0.lock().recall(&hash, now).err().unwrap();
        let (user, row) = temp.tokens().holder(&hex(&hash)).await.unwrap().unwrap();
        temp.tokens().remove(anna, id).await.unwrap();
        assert!(at(FRESH_MS).await.unwrap().is_none());
        let holder = Holder { user: Arc::new(user), token: row, asked_at: now, confirmed_at: now };
        holders.0.lock().remember(hash, holder, endings);
        temp.close().await.unwrap();
        assert!(at(FRESH_MS).await.is_err());
    }

    #[tokio::test]
    async fn an_ending_whose_answer_was_lost_ends_what_is_known_of_that_token_alone() {
        let (temp, anna, token) = held().await;
        let (_, other) = create(&temp, anna, "grafana", Scope::Read).await.unwrap();
        let (holders, now) = (Holders::default(), Timestamp(1_000_000));
        let find = |token: &Secret<String>, ms: i64| {
            let token = token.expose().clone();
            let holders = &holders;
            let store = &temp;
            async move { holders.find(store, &token, Timestamp(now.0 + ms)).await }
        };
        let id = find(&token, 0).await.unwrap().unwrap().id;
        find(&other, 0).await.unwrap().unwrap();
        temp.close().await.unwrap();
        holders.doubt(|user, ended| (user, ended) == (anna, id));
        assert!(find(&token, FRESH_MS).await.is_err());
        assert!(find(&other, FRESH_MS).await.unwrap().is_some());
    }
}
