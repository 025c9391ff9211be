//! Who is calling: by session or by token. Asked for every request, so both are answered from memory.

use super::{Program, account_error};
use crate::accounts::{Holder, SessionKey};
use app::api::ApiError;
use engine::Secret;
use model::{BindingId, Role, Scope, Timestamp, User};
use std::{fmt, sync::Arc};
use tower_sessions::Session;

/// What a caller proved itself with.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    Session(SessionKey),
    Token(Arc<Secret<String>>),
    /// What somebody says at Telegram, which is looked at anew each time.
    Chat(BindingId),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credential::Session(_) => "Session",
            Credential::Token(_) => "Token",
            Credential::Chat(_) => "Chat",
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
        let found = self.accounts.bearer(token).await.map_err(account_error)?;
        let Some((user, scope)) = found else { return Ok(Caller::Nobody) };
        let credential = Credential::Token(Arc::new(Secret::new(token.to_owned())));
        Ok(Caller::Known { user, credential, scope, password_at: None })
    }

    /// Whether a socket's credential still opens what it opened.
    pub(super) async fn is_still_valid(&self, credential: &Credential) -> bool {
        match credential {
            Credential::Session(key) => self.accounts.sessions().is_live(*key),
            Credential::Token(token) => is_not_refused(&self.caller_by_token(token.expose()).await),
            Credential::Chat(_) => false,
        }
    }

    /// The same of a socket for admins. A session that opened one ends when its account becomes a viewer's; a token
    /// goes on, and is an admin's no more.
    pub(super) async fn is_still_admin(&self, credential: &Credential) -> bool {
        match credential {
            Credential::Token(token) => is_not_demoted(&self.caller_by_token(token.expose()).await),
            credential => self.is_still_valid(credential).await,
        }
    }
}

fn is_not_demoted(answer: &Result<Caller, ApiError>) -> bool {
    answer.as_ref().map_or(true, |caller| caller.role() == Some(Role::Admin))
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
        assert!(is_not_demoted(&Err(ApiError::Unavailable)));
        assert!(!is_not_demoted(&Ok(Caller::Nobody)));
    }
}
