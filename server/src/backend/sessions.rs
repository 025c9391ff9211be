//! One's own sessions, and the password given again in one of them.

use super::{Program, Viewer, account_error, wrong_password};
use app::api::ApiError;
use engine::Secret;
use model::{OwnSession, SessionName};
use std::sync::Arc;

impl Viewer {
    pub(super) async fn own_sessions(&self) -> Result<Vec<OwnSession>, ApiError> {
        let this = self.person()?;
        self.program.accounts.sessions().list(&self.user, this).await.map_err(account_error)
    }

    pub(super) async fn end_own_session(&self, name: SessionName) -> Result<(), ApiError> {
        self.person()?;
        let user = self.user.clone();
        let end = async move |program: Arc<Program>| {
            program.accounts.sessions().end(&user, &name).await.map_err(account_error)
        };
        self.program.change_accounts(end).await
    }

    pub(super) async fn end_own_others(&self) -> Result<(), ApiError> {
        let (this, user) = (self.person()?, self.user.clone());
        let end = async move |program: Arc<Program>| {
            program.accounts.sessions().end_others(&user, this).await.map_err(account_error)
        };
        self.program.change_accounts(end).await
    }

    /// Takes the password again, for the acts that want it.
    pub(super) async fn give_password(&self, password: String) -> Result<(), ApiError> {
        let (this, user, password) = (self.person()?, self.user.clone(), Secret::new(password));
        let give = async move |program: Arc<Program>| {
            let given = program.accounts.confirm_password(user.id, password, this).await;
            program.note_refusal(&user, &given).await;
            given.map_err(|error| wrong_password("password", error))
        };
        self.program.finish(give).await
    }
}
