//! The logs of routers: seen by everybody; whether one is read is for admins to say.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{DeviceId, LogPage, LogWish};

#[server(endpoint = "load_logs", protocol = Wire)]
pub async fn load_logs(wish: LogWish) -> Result<LogPage, ApiError> {
    super::port::viewer()?.logs(wish).await
}

#[server(endpoint = "set_log_read", protocol = Wire)]
pub async fn set_log_read(id: DeviceId, is_on: bool) -> Result<(), ApiError> {
    super::port::admin()?.set_log_read(id, is_on).await
}
