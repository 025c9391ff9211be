//! What became of the devices over time.

use super::{ApiError, wire::Wire};
use leptos::prelude::*;
use model::*;

#[server(endpoint = "load_history", protocol = Wire)]
pub async fn load_history(
    device: DeviceId,
    from: Timestamp,
    to: Timestamp,
    interface: Option<String>,
) -> Result<HistoryPage, ApiError> {
    super::port::viewer()?.history(device, from, to, interface).await
}

/// The last days of every device, or of one.
#[server(endpoint = "load_report", protocol = Wire)]
pub async fn load_report(days: u32, only: Option<DeviceId>) -> Result<Comparison, ApiError> {
    super::port::viewer()?.comparison(days, only).await
}
