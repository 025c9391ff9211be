//! Browsers that are told by push.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{ChannelId, PushPage, Severity};

#[server(endpoint = "load_push", protocol = Wire)]
pub async fn load_push() -> Result<PushPage, ApiError> {
    super::port::viewer()?.push_page().await
}

/// Tells this browser from now on, beginning with a test; why that was not accepted, if it was not. The browser's
/// service worker calls it too, when its subscription was renewed.
#[server(endpoint = "subscribe_push", protocol = Wire)]
pub async fn subscribe_push(
    endpoint: String,
    p256dh: String,
    auth: String,
) -> Result<Option<String>, ApiError> {
    super::port::backend()?.subscribe_push(model::PushSubscription { endpoint, p256dh, auth }).await
}

/// Changes what one of the own browsers is told, and in which language.
#[server(endpoint = "update_push", protocol = Wire)]
pub async fn update_push(id: ChannelId, severity: Severity, language: String) -> Result<(), ApiError> {
    super::port::viewer()?.update_push(id, severity, language).await
}

#[server(endpoint = "unsubscribe_push", protocol = Wire)]
pub async fn unsubscribe_push(id: ChannelId) -> Result<(), ApiError> {
    super::port::viewer()?.unsubscribe_push(id).await
}
