//! The door of one request: who is asking, and the handles they may have.

use super::{Caller, Credential, Preferences, Program};
use crate::{
    accounts::Arrival,
    store::{Actor, Via},
    web::{Visit, bearer, cookie},
};
use app::api::ApiError;
use axum::http::{HeaderMap, HeaderValue, header};
use model::{Role, Timestamp, User, Visitor};
use std::sync::Arc;
use tower_sessions::Session;

/// One request's way in. Anybody has one; what lies behind it needs proof.
pub struct Door {
    pub(super) program: Arc<Program>,
    pub(super) visit: Visit,
    pub(super) session: Session,
    caller: Caller,
    preferences: Preferences,
    /// What an earlier login gave this browser to be recognised by.
    pub(super) known_browser: Option<String>,
    /// What brings a login back that waits for its code.
    pub(super) half: Option<String>,
    /// The mark of this browser, if it was told by push.
    pub(super) told_browser: Option<String>,
    agent: Option<HeaderValue>,
}

/// The handle of an account. Only a [`Door`] makes one.
#[derive(Clone)]
pub struct Viewer {
    pub(super) program: Arc<Program>,
    pub(super) user: Arc<User>,
    pub(super) credential: Credential,
    /// When the password was last given; a program has none to give.
    pub(super) password_at: Option<Timestamp>,
    /// What it may do: the account's role, and no more than a token's scope.
    pub(super) role: Role,
    /// It came over plain HTTP from another machine.
    pub(super) is_exposed: bool,
}

/// The handle of an admin's account. Only a [`Door`] makes one.
#[derive(Clone)]
pub struct Admin(pub(super) Viewer);

impl Door {
    /// Looks at session or token once, for the whole request.
    pub async fn open(
        program: Arc<Program>,
        visit: Visit,
        session: Session,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let caller = match bearer(headers) {
            Some(token) => program.caller_by_token(token).await?,
            None => program.caller_by_session(&session).await?,
        };
        let preferences = Preferences::read(headers);
        let kept = |name| cookie(headers, name).map(str::to_owned);
        Ok(Self {
            program,
            visit,
            session,
            caller,
            preferences,
            known_browser: kept(super::account::KNOWN_BROWSER),
            half: kept(super::account::HALF_IN),
            told_browser: kept(super::push::TOLD_BROWSER),
            agent: headers.get(header::USER_AGENT).cloned(),
        })
    }

    /// In whose name this request changes things.
    pub fn actor(&self) -> Actor {
        let (user, name) = match self.caller.user() {
            Some(user) => (Some(user.id), user.name.clone()),
            None => (None, "somebody".to_owned()),
        };
        let via = match self.caller {
            Caller::Known { credential: Credential::Token(_), .. } => Via::Token,
            _ => Via::Browser,
        };
        Actor { user, name, via, address: Some(self.visit.ip) }
    }

    /// What this request may do.
    pub fn role(&self) -> Option<Role> {
        self.caller.role()
    }

    /// No admin exists yet.
    pub fn needs_setup(&self) -> bool {
        self.program.needs_setup()
    }

    /// What a page must know before it knows anything else.
    pub(super) fn look(&self) -> Visitor {
        Visitor {
            user: self.caller.user().cloned(),
            is_code_due: self
                .half
                .as_deref()
                .is_some_and(|half| self.program.accounts.half_in(half).is_some()),
            needs_setup: self.program.needs_setup(),
            is_exposed: self.visit.is_exposed(),
            language: self.preferences.language.clone(),
            theme: self.preferences.theme.clone(),
            screen_px: self.preferences.screen_px,
            columns: self.preferences.columns,
        }
    }

    /// The language in which this browser is spoken to.
    pub fn language(&self) -> &str {
        &self.preferences.language
    }

    /// Where this request came in from.
    pub(super) fn arrival(&self) -> Arrival {
        let agent = self.agent.as_ref().and_then(|agent| agent.to_str().ok()).map(str::to_owned);
        Arrival { agent, from: self.visit.ip }
    }

    /// The handle of any account.
    pub fn as_viewer(&self) -> Result<Viewer, ApiError> {
        match &self.caller {
            Caller::Nobody => Err(ApiError::Unauthenticated),
            Caller::Known { user, credential, password_at, .. } => Ok(Viewer {
                program: self.program.clone(),
                user: user.clone(),
                credential: credential.clone(),
                password_at: *password_at,
                role: self.caller.role().unwrap_or(Role::Viewer),
                is_exposed: self.visit.is_exposed(),
            }),
        }
    }

    /// The handle of an admin's account.
    pub fn as_admin(&self) -> Result<Admin, ApiError> {
        let viewer = self.as_viewer()?;
        if self.caller.role() == Some(Role::Admin) { Ok(Admin(viewer)) } else { Err(ApiError::Forbidden) }
    }
}

impl Viewer {
    /// What proved this handle.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }
}

impl Admin {
    /// An admin sees what a viewer sees.
    pub fn viewer(&self) -> &Viewer {
        &self.0
    }

    /// What proved this handle.
    pub fn credential(&self) -> &Credential {
        &self.0.credential
    }
}
