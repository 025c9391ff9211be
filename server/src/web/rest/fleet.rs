//! What is asked of the fleet as a whole.

use super::alerts::BriefAlert;
use crate::{
    backend::Credential,
    web::{
        Admin, Viewer,
        error::{ErrorBody, Failure},
    },
};
use axum::{Json, http::StatusCode};
use model::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Alerts in the summary.
const RECENT_MAX: u64 = 10;

#[derive(Serialize, ToSchema)]
pub struct Refreshed {
    success: bool,
    /// Whether every check has answered; the others go on.
    done: bool,
}

/// Runs all checks now; answers when done, or after 15 seconds.
#[utoipa::path(post, path = "/api/refresh", tag = "Tunnels", responses((status = 200, body = Refreshed)))]
pub async fn refresh(Admin(admin): Admin) -> Result<Json<Refreshed>, Failure> {
    Ok(Json(Refreshed { success: true, done: admin.ask_now(None).await? }))
}

/// The same, for old clients; with a token only, for a link must not set anything off.
#[utoipa::path(get, path = "/api/refresh", tag = "Tunnels", responses(
    (status = 200, body = Refreshed),
    (status = 405, description = "A session must use POST", body = ErrorBody),
))]
pub async fn refresh_by_get(admin: Admin) -> Result<Json<Refreshed>, Failure> {
    if let Credential::Session(_) = admin.0.credential() {
        let why = "use POST, or send a token";
        let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", why);
        return Err(Failure { allow: Some("POST".to_owned()), ..failure });
    }
    refresh(admin).await
}

#[derive(Serialize, ToSchema)]
pub struct SummaryBody {
    success: bool,
    summary: Summary,
}

#[derive(Serialize, ToSchema)]
pub struct Summary {
    total_devices: u32,
    up_devices: u32,
    down_devices: u32,
    /// `null`: nothing counts WiFi clients yet.
    total_wifi_clients: Option<u32>,
    /// Over the WAN interfaces that are measured; `null` when none is.
    avg_bandwidth_mbps: Option<f64>,
    /// Those that are open before those that are over, and of each the newest first; at most 10.
    recent_alerts: Vec<BriefAlert>,
}

/// The fleet in a few numbers.
#[utoipa::path(get, path = "/api/dashboard/summary", tag = "Devices", responses((status = 200, body = SummaryBody)))]
pub async fn summary(Viewer(viewer): Viewer) -> Result<Json<SummaryBody>, Failure> {
    let counts = viewer.counts();
    let recent = viewer.recent_incidents(RECENT_MAX).await?;
    Ok(Json(SummaryBody {
        success: true,
        summary: Summary {
            total_devices: counts.total(),
            up_devices: counts.up + counts.degraded,
            down_devices: counts.down,
            total_wifi_clients: None,
            avg_bandwidth_mbps: average_mbps(&viewer.rows()),
            recent_alerts: recent.into_iter().map(BriefAlert::from).collect(),
        },
    }))
}

fn average_mbps(rows: &[Row]) -> Option<f64> {
    let routers = rows.iter().filter_map(|row| row.live.router.as_ref());
    let rates: Vec<f64> =
        routers.filter_map(|router| Some(mbps(router.rx_bps?) + mbps(router.tx_bps?))).collect();
    let count = u32::try_from(rates.len()).ok().filter(|count| *count > 0)?;
    Some((rates.iter().sum::<f64>() / f64::from(count) * 1000.0).round() / 1000.0)
}

#[allow(clippy::cast_precision_loss)] // A rate is far below 2^52.
fn mbps(bps: u64) -> f64 {
    bps as f64 / 1_000_000.0
}

#[derive(Serialize, ToSchema)]
pub struct Reloaded {
    success: bool,
    total: u32,
}

/// Reads the fleet from the database again, without a restart.
#[utoipa::path(post, path = "/admin/reload-routers", tag = "Devices", responses((status = 200, body = Reloaded)))]
pub async fn reload(Admin(admin): Admin) -> Result<Json<Reloaded>, Failure> {
    Ok(Json(Reloaded { success: true, total: admin.load_again().await? }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketWish {
    /// `live`; `logs` for the program's own log; `ssh` for a terminal; or `watch:` and a recording's number, to watch it
    /// while it goes on.
    #[schema(example = "live")]
    purpose: String,
    /// Which device's terminal, by number.
    device: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct Ticket {
    success: bool,
    /// Good for 30 seconds, once, and only for who asked.
    ticket: String,
}

/// A one-time ticket for a WebSocket: its first message is `{"hello":{"ticket":…}}`.
#[utoipa::path(post, path = "/ws-token", tag = "Sockets", request_body = TicketWish, responses(
    (status = 200, body = Ticket),
    (status = 400, description = "There is no such socket", body = ErrorBody),
))]
pub async fn socket_ticket(
    Viewer(viewer): Viewer,
    super::Body(wish): super::Body<TicketWish>,
) -> Result<Json<Ticket>, Failure> {
    let purpose = match wish.device {
        Some(device) => format!("{}:{device}", wish.purpose),
        None => wish.purpose,
    };
    Ok(Json(Ticket { success: true, ticket: viewer.issue_ticket(&purpose)? }))
}
