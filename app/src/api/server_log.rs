//! The program's own log, for admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{LogFilter, ServerLogPage, ServerLogWish};

#[server(endpoint = "load_server_log", protocol = Wire)]
pub async fn load_server_log(wish: ServerLogWish) -> Result<ServerLogPage, ApiError> {
    super::port::admin()?.server_log(wish).await
}

/// Writes other lines from now on, until the program is started again.
#[server(endpoint = "change_log_filter", protocol = Wire)]
pub async fn change_log_filter(filter: String) -> Result<LogFilter, ApiError> {
    super::port::admin()?.change_log_filter(filter).await
}
