//! Incidents: seen by everybody, acknowledged by admins.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::{Affected, AlertPage, DeviceId, Incident, IncidentId};

/// Incidents from `offset` on: those that are open first.
#[server(endpoint = "load_alerts", protocol = Wire)]
pub async fn load_alerts(only_open: bool, offset: u64) -> Result<AlertPage, ApiError> {
    super::port::viewer()?.alerts(only_open, offset).await
}

/// All devices that an incident affects; its page shows the first of them.
#[server(endpoint = "load_affected", protocol = Wire)]
pub async fn load_affected(id: IncidentId) -> Result<Vec<Affected>, ApiError> {
    super::port::viewer()?.affected(id).await
}

/// What is open of a device: what it is about, and what hides it or is down with it.
#[server(endpoint = "load_device_alerts", protocol = Wire)]
pub async fn load_device_alerts(id: DeviceId) -> Result<Vec<Incident>, ApiError> {
    super::port::viewer()?.device_alerts(id).await
}

/// Adds what somebody says of it.
#[server(endpoint = "add_note", protocol = Wire)]
pub async fn add_note(id: IncidentId, text: String) -> Result<Incident, ApiError> {
    super::port::admin()?.add_note(id, text).await
}

#[server(endpoint = "acknowledge", protocol = Wire)]
pub async fn acknowledge(id: IncidentId, note: Option<String>) -> Result<Incident, ApiError> {
    super::port::admin()?.see_to(id, note).await
}
