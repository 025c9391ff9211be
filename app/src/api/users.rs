//! Accounts, for admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{Role, User, UserId};

#[server(endpoint = "load_users", protocol = Wire)]
pub async fn load_users() -> Result<Vec<User>, ApiError> {
    super::port::admin()?.users().await
}

#[server(endpoint = "create_user", protocol = Wire)]
pub async fn create_user(name: String, role: Role, password: String) -> Result<User, ApiError> {
    super::port::sure_admin()?.create_user(name, role, password).await
}

#[server(endpoint = "update_user", protocol = Wire)]
pub async fn update_user(id: UserId, role: Role, enabled: bool) -> Result<(), ApiError> {
    super::port::sure_admin()?.update_user(id, role, enabled).await
}

#[server(endpoint = "set_user_password", protocol = Wire)]
pub async fn set_user_password(id: UserId, password: String) -> Result<(), ApiError> {
    super::port::sure_admin()?.set_user_password(id, password).await
}

#[server(endpoint = "remove_user", protocol = Wire)]
pub async fn remove_user(id: UserId) -> Result<(), ApiError> {
    super::port::sure_admin()?.remove_user(id).await
}

#[server(endpoint = "take_second_factor", protocol = Wire)]
pub async fn take_second_factor(id: UserId) -> Result<(), ApiError> {
    super::port::sure_admin()?.take_second_factor(id).await
}
