//! Accounts, for admins who are logged in themselves: a token that leaks must not open accounts.

use super::{Admin, Program, Sure, account_error, api_error};
use app::api::ApiError;
use engine::Secret;
use model::{FieldError, Role, User, UserId};
use std::sync::Arc;

impl Admin {
    pub async fn list_users(&self) -> Result<Vec<User>, ApiError> {
        self.0.person()?;
        self.0.program.store.users().list().await.map_err(api_error)
    }
}

impl Sure<Admin> {
    pub async fn add_user(&self, name: &str, role: Role, password: String) -> Result<User, ApiError> {
        self.viewer().person()?;
        let password = Secret::new(password);
        self.viewer().program.accounts.create_user(name, role, password).await.map_err(account_error)
    }

    pub async fn change_user(&self, id: UserId, role: Role, enabled: bool) -> Result<(), ApiError> {
        self.viewer().person()?;
        let change = async move |program: Arc<Program>| {
            program.accounts.update_user(id, role, enabled).await.map(drop).map_err(account_error)
        };
        self.viewer().program.change_accounts(change).await
    }

    pub async fn reset_password(&self, id: UserId, password: String) -> Result<(), ApiError> {
        self.viewer().person()?;
        let password = Secret::new(password);
        let change = async move |program: Arc<Program>| {
            program.accounts.set_password(id, password).await.map_err(account_error)
        };
        self.viewer().program.change_accounts(change).await
    }

    pub async fn delete_user(&self, id: UserId) -> Result<(), ApiError> {
        self.viewer().person()?;
        let change =
            async move |program: Arc<Program>| program.accounts.remove_user(id).await.map_err(account_error);
        self.viewer().program.change_accounts(change).await
    }

    /// Somebody else's: one's own is not to be had without a code.
    pub async fn take_factor(&self, id: UserId) -> Result<(), ApiError> {
        self.viewer().person()?;
        if id == self.viewer().user.id {
            let why = "your own is switched off with your password and a code";
            return Err(FieldError::new("id", "error_second_factor_own", why).into());
        }
        let take = async move |program: Arc<Program>| {
            program.accounts.take_second_factor(id).await.map_err(account_error)
        };
        self.viewer().program.change_accounts(take).await
    }
}
