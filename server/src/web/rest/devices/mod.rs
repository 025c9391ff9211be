//! Devices for other people's programs: list, show, create, change, remove.

mod input;
mod output;
mod ssh;

use super::{Asked, Body, Named};
use crate::web::{
    Admin, Viewer,
    error::{ErrorBody, Failure},
};
use axum::{Json, http::StatusCode};
use input::{DeviceChange, NewDevice};
use model::{Device, DeviceId, DeviceKind, State};
pub use output::DeviceRef;
use output::{DeviceBody, DeviceDetail};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most devices in one answer.
const LIMIT_MAX: usize = 1000;
const LIMIT_DEFAULT: usize = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `router`, `switch`, `wifi_ap`, `server`, `firewall` or `tunnel`.
    r#type: Option<String>,
    /// `up`, `degraded`, `down`, `unknown` or `paused`.
    state: Option<String>,
    /// 1 to 1000; 100 when absent.
    limit: Option<usize>,
    offset: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct DeviceList {
    success: bool,
    devices: Vec<DeviceBody>,
    /// How many the filter found, on all pages.
    total: usize,
}

/// Devices by name.
#[utoipa::path(get, path = "/api/devices", tag = "Devices", params(Filter), responses(
    (status = 200, body = DeviceList),
    (status = 400, description = "An unknown word in the filter", body = ErrorBody),
))]
pub async fn list(Viewer(viewer): Viewer, Asked(filter): Asked<Filter>) -> Result<Json<DeviceList>, Failure> {
    let kind = known(filter.r#type, "type", DeviceKind::from_word)?;
    let state = known(filter.state, "state", State::from_word)?;
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit: must be 1 to {LIMIT_MAX}")));
    }
    let mut found: Vec<_> = viewer
        .all_devices()
        .into_iter()
        .filter(|device| kind.is_none_or(|kind| device.kind == kind))
        .filter_map(|device| Some((viewer.row(device.id).ok()?, device)))
        .filter(|(row, _)| state.is_none_or(|state| row.live.state == state))
        .collect();
    let total = found.len();
    let page = found.drain(..).skip(filter.offset.unwrap_or(0)).take(limit);
    let devices = page.map(|(row, device)| DeviceBody::new(&device, &row)).collect();
    Ok(Json(DeviceList { success: true, devices, total }))
}

/// One device, with its state and what it tells about itself.
#[utoipa::path(get, path = "/api/devices/{id}", tag = "Devices", params(("id" = i64, Path)), responses(
    (status = 200, body = DeviceDetail),
    (status = 404, description = "There is no such device", body = ErrorBody),
))]
pub async fn show(Viewer(viewer): Viewer, Named(id): Named) -> Result<Json<DeviceDetail>, Failure> {
    detail(&viewer, number(&id)?).map(Json)
}

/// Adds a device, and begins to watch it.
#[utoipa::path(post, path = "/api/devices", tag = "Devices", request_body = NewDevice, responses(
    (status = 201, body = DeviceDetail),
    (status = 400, description = "A value was refused; the message names the field", body = ErrorBody),
    (status = 409, description = "The name is taken", body = ErrorBody),
))]
pub async fn create(
    Admin(admin): Admin,
    Body(new): Body<NewDevice>,
) -> Result<(StatusCode, Json<DeviceDetail>), Failure> {
    let device = admin.add_device(new.draft()?).await?;
    Ok((StatusCode::CREATED, Json(detail_of(admin.viewer(), &device)?)))
}

/// Changes a device. What is left out stays; `null` empties. Of a `routeros` login that is sent, only the password stays
/// when it is left out.
#[utoipa::path(put, path = "/api/devices/{id}", tag = "Devices", params(("id" = i64, Path)),
    request_body = DeviceChange, responses(
    (status = 200, body = DeviceDetail),
    (status = 400, description = "A value was refused; the message names the field", body = ErrorBody),
    (status = 404, description = "There is no such device", body = ErrorBody),
    (status = 409, description = "The name is taken", body = ErrorBody),
))]
pub async fn update(
    Admin(admin): Admin,
    Named(id): Named,
    Body(change): Body<DeviceChange>,
) -> Result<Json<DeviceDetail>, Failure> {
    let id = number(&id)?;
    let device = admin.revise_device(id, move |stored| change.draft(stored)).await?;
    detail_of(admin.viewer(), &device).map(Json)
}

#[derive(Serialize, ToSchema)]
pub struct Removed {
    success: bool,
}

/// Removes a device with its checks, credentials and history.
#[utoipa::path(delete, path = "/api/devices/{id}", tag = "Devices", params(("id" = i64, Path)), responses(
    (status = 200, body = Removed),
    (status = 404, description = "There is no such device", body = ErrorBody),
))]
pub async fn remove(Admin(admin): Admin, Named(id): Named) -> Result<Json<Removed>, Failure> {
    admin.delete_device(number(&id)?).await?;
    Ok(Json(Removed { success: true }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostKeyInput {
    /// As in SSH: `ssh-ed25519`.
    algorithm: String,
    /// As OpenSSH writes it: `SHA256:` and 43 characters.
    fingerprint: String,
}

/// Accepts another SSH host key than before; the audit log keeps both.
#[utoipa::path(post, path = "/api/devices/{id}/host-key", tag = "Devices", params(("id" = i64, Path)),
    request_body = HostKeyInput, responses(
    (status = 200, body = DeviceDetail),
    (status = 400, description = "A value was refused; the message names the field", body = ErrorBody),
    (status = 404, description = "There is no such device", body = ErrorBody),
))]
pub async fn accept_host_key(
    Admin(admin): Admin,
    Named(id): Named,
    Body(key): Body<HostKeyInput>,
) -> Result<Json<DeviceDetail>, Failure> {
    let (id, HostKeyInput { algorithm, fingerprint }) = (number(&id)?, key);
    admin.sure()?.accept_host_key(id, model::SshHostKey { algorithm, fingerprint }).await?;
    detail(admin.viewer(), id).map(Json)
}

fn detail(viewer: &crate::backend::Viewer, id: DeviceId) -> Result<DeviceDetail, Failure> {
    detail_of(viewer, &*viewer.device(id)?)
}

/// A device as it is stored, with what is known of its state.
fn detail_of(viewer: &crate::backend::Viewer, device: &Device) -> Result<DeviceDetail, Failure> {
    let row = viewer.row(device.id)?;
    Ok(DeviceDetail::new(device, &row, viewer.facts(device.id).as_deref()))
}

/// What is no number names no device.
fn number(id: &str) -> Result<DeviceId, Failure> {
    id.parse().map_err(|_| Failure::not_found())
}

fn known<T>(
    word: Option<String>,
    field: &str,
    from_word: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let Some(word) = word else { return Ok(None) };
    let unknown = || Failure::bad_request(format!("{field}: {word:?} is not known"));
    from_word(&word).map(Some).ok_or_else(unknown)
}
