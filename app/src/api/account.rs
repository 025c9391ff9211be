//! Setting up, logging in and out, and one's own account.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{OwnSession, Scope, SecondFactor, SecondFactorOffer, SessionName, Token, TokenId};

/// Creates the first admin.
#[server(endpoint = "set_up", protocol = Wire)]
pub async fn set_up(code: String, name: String, password: String) -> Result<(), ApiError> {
    let backend = super::port::backend()?;
    backend.set_up(code, name, password).await?;
    backend.redirect("/");
    Ok(())
}

#[server(endpoint = "log_in", protocol = Wire)]
pub async fn log_in(name: String, password: String) -> Result<(), ApiError> {
    use super::port::Next;
    let backend = super::port::backend()?;
    let path = match backend.log_in(name, password).await? {
        Next::Inside => "/",
        Next::Code => "/login",
    };
    backend.redirect(path);
    Ok(())
}

/// The second half of a login.
#[server(endpoint = "enter_code", protocol = Wire)]
pub async fn enter_code(code: String) -> Result<(), ApiError> {
    let backend = super::port::backend()?;
    backend.enter_code(code).await?;
    backend.redirect("/");
    Ok(())
}

#[server(endpoint = "log_out", protocol = Wire)]
pub async fn log_out() -> Result<(), ApiError> {
    let backend = super::port::backend()?;
    backend.log_out().await?;
    backend.redirect("/login");
    Ok(())
}

/// A one-time ticket for a WebSocket.
#[server(endpoint = "ticket", protocol = Wire)]
pub async fn ticket(purpose: String) -> Result<String, ApiError> {
    super::port::viewer()?.ticket(purpose).await
}

#[server(endpoint = "change_password", protocol = Wire)]
pub async fn change_password(old: String, new: String) -> Result<(), ApiError> {
    super::port::viewer()?.change_password(old, new).await
}

#[server(endpoint = "load_tokens", protocol = Wire)]
pub async fn load_tokens() -> Result<Vec<Token>, ApiError> {
    super::port::viewer()?.tokens().await
}

#[server(endpoint = "create_token", protocol = Wire)]
pub async fn create_token(name: String, scope: Scope) -> Result<String, ApiError> {
    super::port::sure_viewer()?.create_token(name, scope).await
}

#[server(endpoint = "remove_token", protocol = Wire)]
pub async fn remove_token(id: TokenId) -> Result<(), ApiError> {
    super::port::viewer()?.remove_token(id).await
}

#[server(endpoint = "load_sessions", protocol = Wire)]
pub async fn load_sessions() -> Result<Vec<OwnSession>, ApiError> {
    super::port::viewer()?.sessions().await
}

#[server(endpoint = "end_session", protocol = Wire)]
pub async fn end_session(name: SessionName) -> Result<(), ApiError> {
    super::port::viewer()?.end_session(name).await
}

#[server(endpoint = "end_other_sessions", protocol = Wire)]
pub async fn end_other_sessions() -> Result<(), ApiError> {
    super::port::viewer()?.end_other_sessions().await
}

/// Gives the password again, for what wants it.
#[server(endpoint = "confirm_password", protocol = Wire)]
pub async fn confirm_password(password: String) -> Result<(), ApiError> {
    super::port::viewer()?.confirm_password(password).await
}

#[server(endpoint = "load_second_factor", protocol = Wire)]
pub async fn load_second_factor() -> Result<Option<SecondFactor>, ApiError> {
    super::port::viewer()?.second_factor().await
}

#[server(endpoint = "offer_second_factor", protocol = Wire)]
pub async fn offer_second_factor() -> Result<SecondFactorOffer, ApiError> {
    super::port::sure_viewer()?.offer_second_factor().await
}

#[server(endpoint = "accept_second_factor", protocol = Wire)]
pub async fn accept_second_factor(sealed: String, code: String) -> Result<Vec<String>, ApiError> {
    super::port::sure_viewer()?.accept_second_factor(sealed, code).await
}

#[server(endpoint = "drop_second_factor", protocol = Wire)]
pub async fn drop_second_factor(password: String, code: String) -> Result<(), ApiError> {
    super::port::viewer()?.drop_second_factor(password, code).await
}

#[server(endpoint = "renew_recovery_codes", protocol = Wire)]
pub async fn renew_recovery_codes() -> Result<Vec<String>, ApiError> {
    super::port::sure_viewer()?.renew_recovery_codes().await
}
