//! Maintenance windows and silences: seen by everybody, changed by admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{Quiet, QuietDraft, QuietId, QuietPage, QuietWish};

/// Those in force and to come, and those that are over from `offset` on.
#[server(endpoint = "load_quiets", protocol = Wire)]
pub async fn load_quiets(offset: u64) -> Result<QuietPage, ApiError> {
    super::port::viewer()?.quiets(offset).await
}

#[server(endpoint = "create_quiet", protocol = Wire)]
pub async fn create_quiet(draft: QuietDraft) -> Result<Quiet, ApiError> {
    super::port::admin()?.create_quiet(draft).await
}

/// `seen` is the [`super::wire::version`] of the draft that the change was made from.
#[server(endpoint = "update_quiet", protocol = Wire)]
pub async fn update_quiet(id: QuietId, draft: QuietDraft, seen: Option<u64>) -> Result<Quiet, ApiError> {
    super::port::admin()?.update_quiet(id, draft, seen).await
}

/// Ends it for good, or only what runs of it.
#[server(endpoint = "end_quiet", protocol = Wire)]
pub async fn end_quiet(id: QuietId, only_current: bool) -> Result<Quiet, ApiError> {
    super::port::admin()?.end_quiet(id, only_current).await
}

/// One that begins now.
#[server(endpoint = "quiet_now", protocol = Wire)]
pub async fn quiet_now(wish: QuietWish) -> Result<Quiet, ApiError> {
    super::port::admin()?.quiet_now(wish).await
}
