//! Recordings of terminals, for admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{RecordedPart, Recording, RecordingId, RecordingPage, RecordingWish};

#[server(endpoint = "load_recordings", protocol = Wire)]
pub async fn load_recordings(wish: RecordingWish, offset: u64) -> Result<RecordingPage, ApiError> {
    super::port::admin()?.recordings(wish, offset).await
}

#[server(endpoint = "load_recording", protocol = Wire)]
pub async fn load_recording(id: RecordingId) -> Result<Recording, ApiError> {
    super::port::admin()?.recording(id).await
}

/// A part of what it holds: it wants a password that was given not long ago.
#[server(endpoint = "load_recorded", protocol = Wire)]
pub async fn load_recorded(id: RecordingId, from: u32) -> Result<RecordedPart, ApiError> {
    super::port::sure_admin()?.recorded(id, from).await
}

#[server(endpoint = "remove_recording", protocol = Wire)]
pub async fn remove_recording(id: RecordingId) -> Result<(), ApiError> {
    super::port::sure_admin()?.remove_recording(id).await
}
