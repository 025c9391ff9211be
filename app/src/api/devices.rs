//! The fleet: seen by viewers, changed by admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::*;

#[server(endpoint = "load_overview", protocol = Wire)]
pub async fn load_overview(limit: u32) -> Result<Overview, ApiError> {
    super::port::viewer()?.overview(limit).await
}

#[server(endpoint = "load_device_page", protocol = Wire)]
pub async fn load_device_page(id: DeviceId) -> Result<DevicePage, ApiError> {
    super::port::viewer()?.device_page(id).await
}

/// The device of this name, for pages whose address names it.
#[server(endpoint = "find_device", protocol = Wire)]
pub async fn find_device(name: String) -> Result<Device, ApiError> {
    super::port::viewer()?.find_device(&name).await
}

#[server(endpoint = "load_devices", protocol = Wire)]
pub async fn load_devices() -> Result<Vec<Device>, ApiError> {
    super::port::viewer()?.devices().await
}

#[server(endpoint = "load_check_forms", protocol = Wire)]
pub async fn load_check_forms() -> Result<Vec<CheckForm>, ApiError> {
    super::port::viewer()?.check_forms().await
}

#[server(endpoint = "create_device", protocol = Wire)]
pub async fn create_device(draft: DeviceDraft) -> Result<Device, ApiError> {
    super::port::admin()?.create_device(draft).await
}

#[server(endpoint = "update_device", protocol = Wire)]
pub async fn update_device(id: DeviceId, draft: DeviceDraft) -> Result<Device, ApiError> {
    super::port::admin()?.update_device(id, draft).await
}

#[server(endpoint = "set_device_enabled", protocol = Wire)]
pub async fn set_device_enabled(id: DeviceId, enabled: bool) -> Result<(), ApiError> {
    super::port::admin()?.set_device_enabled(id, enabled).await
}

#[server(endpoint = "remove_device", protocol = Wire)]
pub async fn remove_device(id: DeviceId) -> Result<(), ApiError> {
    super::port::admin()?.remove_device(id).await
}

/// Runs the checks of one device, or of all, at once.
#[server(endpoint = "check_now", protocol = Wire)]
pub async fn check_now(id: Option<DeviceId>) -> Result<(), ApiError> {
    super::port::admin()?.check_now(id).await
}

#[server(endpoint = "reload", protocol = Wire)]
pub async fn reload() -> Result<u32, ApiError> {
    super::port::admin()?.reload().await
}

/// Tries a RouterOS login and reports feature by feature.
#[server(endpoint = "probe_routeros", protocol = Wire)]
pub async fn probe_routeros(
    id: Option<DeviceId>,
    address: String,
    login: NewCredential,
) -> Result<ProbeReport, ApiError> {
    super::port::admin()?.probe_routeros(id, address, login).await
}

#[server(endpoint = "pin_certificate", protocol = Wire)]
pub async fn pin_certificate(id: DeviceId, fingerprint: String) -> Result<(), ApiError> {
    super::port::sure_admin()?.pin_certificate(id, fingerprint).await
}

/// Accepts another SSH host key than before.
#[server(endpoint = "pin_host_key", protocol = Wire)]
pub async fn pin_host_key(id: DeviceId, algorithm: String, fingerprint: String) -> Result<(), ApiError> {
    super::port::sure_admin()?.pin_host_key(id, SshHostKey { algorithm, fingerprint }).await
}
