//! Setting up, logging in and out, and one's own account.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{Scope, Token, TokenId};

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
    let backend = super::port::backend()?;
    backend.log_in(name, password).await?;
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

/// Keeps this browser's language and theme.
#[server(endpoint = "set_preferences", protocol = Wire)]
pub async fn set_preferences(language: String, theme: String) -> Result<(), ApiError> {
    super::port::backend()?.set_preferences(language, theme).await
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
    super::port::viewer()?.create_token(name, scope).await
}

#[server(endpoint = "remove_token", protocol = Wire)]
pub async fn remove_token(id: TokenId) -> Result<(), ApiError> {
    super::port::viewer()?.remove_token(id).await
}
