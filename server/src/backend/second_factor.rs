//! The second factor of one's own account.

use super::{Program, Sure, Viewer, account_error, wrong_password};
use crate::accounts::AccountError;
use app::api::ApiError;
use engine::Secret;
use model::{Act, SecondFactor, SecondFactorOffer, User};
use std::sync::Arc;

impl Viewer {
    pub(super) async fn own_factor(&self) -> Result<Option<SecondFactor>, ApiError> {
        self.person()?;
        self.program.accounts.second_factor(self.user.id).await.map_err(account_error)
    }

    pub(super) async fn drop_factor(&self, password: String, code: String) -> Result<(), ApiError> {
        let (this, user) = (self.person()?, self.user.clone());
        let password = Secret::new(password);
        let drop = async move |program: Arc<Program>| {
            let dropped = program.accounts.drop_second_factor(&user, password, &code, this).await;
            program.note_refusal(&user, &dropped).await;
            dropped.map_err(|error| wrong_password("password", error))
        };
        self.program.change_accounts(drop).await
    }
}

impl Program {
    /// Writes down a wrong password or code of somebody who is logged in.
    pub(super) async fn note_refusal<T>(&self, user: &User, answer: &Result<T, AccountError>) {
        if let Err(AccountError::WrongLogin | AccountError::WrongCode) = answer {
            self.write_down(Act::LoginRefused, &user.name).await;
        }
    }
}

impl Sure<Viewer> {
    pub(super) fn offer_factor(&self) -> Result<SecondFactorOffer, ApiError> {
        self.person()?;
        self.program.accounts.offer_second_factor(&self.user).map_err(account_error)
    }

    pub(super) async fn accept_factor(&self, sealed: String, code: String) -> Result<Vec<String>, ApiError> {
        let (this, user) = (self.person()?, self.user.clone());
        let accept = async move |program: Arc<Program>| {
            let accepted = program.accounts.accept_second_factor(&user, sealed, &code, this).await;
            program.note_refusal(&user, &accepted).await;
            accepted.map_err(account_error)
        };
        self.program.change_accounts(accept).await
    }

    pub(super) async fn renew_codes(&self) -> Result<Vec<String>, ApiError> {
        self.person()?;
        self.program.accounts.renew_recovery_codes(self.user.id).await.map_err(account_error)
    }
}
