//! Who is calling: by session or by token. Asked for every request, so both are answered from memory.

use super::{Program, account_error};
use crate::accounts::{Holder, SessionKey};
use app::api::ApiError;
use engine::Secret;
use model::{Role, Scope, Timestamp, User};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tower_sessions::Session;

/// For so long a token is believed without asking the database: a removed one ends within it.
const TOKEN_BELIEVED: Duration = Duration::from_secs(1);
/// Most tokens believed at once.
const TOKENS_MAX: usize = 1000;

/// What a caller proved itself with.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    Session(SessionKey),
    Token(Arc<Secret<String>>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credential::Session(_) => "Session",
            Credential::Token(_) => "Token",
        })
    }
}

/// Who is calling.
#[derive(Clone, Debug)]
pub enum Caller {
    Nobody,
    Known {
        user: Arc<User>,
        credential: Credential,
        scope: Scope,
        /// When the password was last given; a program has none to give.
        password_at: Option<Timestamp>,
    },
}

impl Caller {
    /// What the caller may do: the account's role, and no more than the token's scope.
    pub fn role(&self) -> Option<Role> {
        match self {
            Caller::Nobody => None,
            Caller::Known { scope: Scope::Read, .. } => Some(Role::Viewer),
            Caller::Known { user, .. } => Some(user.role),
        }
    }

    pub(super) fn user(&self) -> Option<&User> {
        match self {
            Caller::Nobody => None,
            Caller::Known { user, .. } => Some(user),
        }
    }
}

/// Tokens seen in the last moment, by their hash.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<[u8; 32], Believed>>);

struct Believed {
    since: Instant,
    user: Arc<User>,
    scope: Scope,
}

impl Tokens {
    fn recall(&self, hash: &[u8; 32]) -> Option<(Arc<User>, Scope)> {
        let known = self.0.lock();
        let token = known.get(hash)?;
        (token.since.elapsed() < TOKEN_BELIEVED).then(|| (token.user.clone(), token.scope))
    }

    fn remember(&self, hash: [u8; 32], user: Arc<User>, scope: Scope) {
        let mut known = self.0.lock();
        if known.len() >= TOKENS_MAX {
            known.clear();
        }
        known.insert(hash, Believed { since: Instant::now(), user, scope });
    }

    /// Whoever comes next is looked up again.
    pub fn forget(&self) {
        self.0.lock().clear();
    }
}

impl Program {
    /// Who holds this session; notes that it was used.
    pub async fn caller_by_session(&self, session: &Session) -> Result<Caller, ApiError> {
        let Some(id) = session.id() else { return Ok(Caller::Nobody) };
        match self.accounts.sessions().holder(&id).await.map_err(super::api_error)? {
            None => {
                // Makes the session forget an id that names nothing, and the browser its cookie.
                let _ = session.get_value(crate::accounts::SESSION_USER).await;
                Ok(Caller::Nobody)
            }
            Some(Holder { user, password_at }) => {
                // Saving an unchanged session only moves its end, and that once a minute.
                session.save().await.map_err(super::session_error)?;
                let credential = Credential::Session(SessionKey::of(&id));
                let password_at = Some(password_at);
                Ok(Caller::Known { user: Arc::new(user), credential, scope: Scope::Write, password_at })
            }
        }
    }

    /// Who holds this token.
    pub async fn caller_by_token(&self, token: &str) -> Result<Caller, ApiError> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let (user, scope) = match self.tokens.recall(&hash) {
            Some(known) => known,
            None => {
                let found = self.accounts.bearer(token).await.map_err(account_error)?;
                let Some((user, scope)) = found else { return Ok(Caller::Nobody) };
                let user = Arc::new(user);
                self.tokens.remember(hash, user.clone(), scope);
                (user, scope)
            }
        };
        let credential = Credential::Token(Arc::new(Secret::new(token.to_owned())));
        Ok(Caller::Known { user, credential, scope, password_at: None })
    }

    /// Whether a socket's credential still opens what it opened.
    pub(super) async fn is_still_valid(&self, credential: &Credential) -> bool {
        match credential {
            Credential::Session(key) => self.accounts.sessions().is_live(*key),
            Credential::Token(token) => is_not_refused(&self.caller_by_token(token.expose()).await),
        }
    }
}

/// A database that does not answer takes no right away; only a clear answer does.
fn is_not_refused(answer: &Result<Caller, ApiError>) -> bool {
    !matches!(answer, Ok(Caller::Nobody))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_outlives_a_database_that_does_not_answer_but_not_its_token() {
        assert!(is_not_refused(&Err(ApiError::Unavailable)));
        assert!(!is_not_refused(&Ok(Caller::Nobody)));
    }
}
