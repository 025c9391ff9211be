//! API tokens: 256 random bits behind `rw_`, shown once, stored as their SHA-256.

use crate::store::{Result, Shown, Store, StoreError, in_time};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::Secret;
use model::{Scope, Timestamp, Token, User, UserId};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const MARK: &str = "rw_";
const RANDOM_BYTES: usize = 32;
/// Of the token, in lists: enough to tell tokens apart, 24 bits of 256.
const PREFIX_CHARS: usize = 7;
/// `last_used_at` is for people: it is not worth a write for every request.
const USED_MS: i64 = 60_000;

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
    let row = store.tokens().create(user, name, scope, Shown { prefix, hash: &hash(token.expose()) }).await?;
    Ok((row, token))
}

/// The enabled account that holds `token`, and what is known of the token.
///
/// Looking up by hash gives nothing away by its timing: nobody can steer a SHA-256.
pub async fn holder(store: &Store, token: &str) -> Result<Option<(User, Token)>> {
    if !token.starts_with(MARK) {
        return Ok(None);
    }
    let found = in_time(store.tokens().holder(&hash(token))).await?;
    Ok(found.filter(|(user, _)| user.enabled))
}

/// Whether a use at `now` is worth a note.
pub fn is_news(token: &Token, now: Timestamp) -> bool {
    token.last_used_at.is_none_or(|used| now.since_ms(used) >= USED_MS)
}

fn hash(token: &str) -> String {
    super::sessions::hex(&Sha256::digest(token))
}
