//! The program's own workers, for admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::Worker;

#[server(endpoint = "load_workers", protocol = Wire)]
pub async fn load_workers() -> Result<Vec<Worker>, ApiError> {
    super::port::admin()?.workers().await
}
