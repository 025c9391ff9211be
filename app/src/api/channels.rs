//! Where people are told, for admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{Channel, ChannelDraft, ChannelId, ChannelPage};

#[server(endpoint = "load_channels", protocol = Wire)]
pub async fn load_channels() -> Result<ChannelPage, ApiError> {
    super::port::admin()?.channel_page().await
}

#[server(endpoint = "create_channel", protocol = Wire)]
pub async fn create_channel(draft: ChannelDraft) -> Result<Channel, ApiError> {
    super::port::sure_admin()?.create_channel(draft).await
}

/// What a form of this channel shows, as one number: see [`super::wire::version`].
pub fn shown(channel: &Channel) -> u64 {
    let Channel { name, enabled, language, severity, settings, secrets, .. } = channel;
    super::wire::version(&(name, enabled, language, severity, settings, secrets))
}

/// `seen` is what was [`shown`] when the change was made.
#[server(endpoint = "update_channel", protocol = Wire)]
pub async fn update_channel(
    id: ChannelId,
    draft: ChannelDraft,
    seen: Option<u64>,
) -> Result<Channel, ApiError> {
    super::port::sure_admin()?.update_channel(id, draft, seen).await
}

#[server(endpoint = "remove_channel", protocol = Wire)]
pub async fn remove_channel(id: ChannelId) -> Result<(), ApiError> {
    super::port::sure_admin()?.remove_channel(id).await
}

/// Sends a test; why it was not accepted, if it was not.
#[server(endpoint = "test_channel", protocol = Wire)]
pub async fn test_channel(id: ChannelId) -> Result<Option<String>, ApiError> {
    super::port::admin()?.try_channel(id).await
}
