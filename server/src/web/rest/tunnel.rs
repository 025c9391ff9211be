//! One tunnel, as the tunnel monitor's clients know it.

use super::Named;
use crate::web::{
    Viewer,
    error::{ErrorBody, Failure},
};
use axum::Json;
use model::{CheckKind, CheckLive, CheckStatus, Row, State};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Tunnel {
    name: String,
    host: String,
    port: u16,
    /// Whether it is up.
    pub overall: bool,
    tcp: Probe,
    ping: Probe,
    /// When it was last asked.
    timestamp: Option<String>,
}

/// How one way of asking went.
#[derive(Serialize, ToSchema)]
pub struct Probe {
    /// TCP: `online`, `offline` or `unknown`; ping: `success`, `failed` or `unknown`.
    status: &'static str,
    /// Milliseconds; `null` when it did not answer.
    time: Option<f64>,
}

/// A tunnel with what only its own page shows.
#[derive(Serialize, ToSchema)]
pub struct TunnelDetail {
    #[serde(flatten)]
    tunnel: Tunnel,
    description: Option<String>,
    location: Option<String>,
    /// `up`, `degraded`, `down`, `unknown` or `paused`.
    state: &'static str,
    since: String,
    last_error: Option<String>,
}

impl Tunnel {
    /// `None` for a device without a TCP check.
    pub fn of(row: &Row) -> Option<Self> {
        let find = |kind| row.live.checks.iter().find(|check: &&CheckLive| check.kind == kind);
        let tcp = find(CheckKind::Tcp)?;
        let is_paused = row.live.state == State::Paused;
        Some(Self {
            name: row.name.clone(),
            host: row.address.clone(),
            port: tcp.port?,
            overall: row.live.state.is_overall_up(),
            tcp: Probe::of(Some(tcp), is_paused, ["online", "offline"]),
            ping: Probe::of(find(CheckKind::Icmp), is_paused, ["success", "failed"]),
            timestamp: row.live.checked_at.map(super::rfc3339),
        })
    }
}

impl Probe {
    fn of(check: Option<&CheckLive>, is_paused: bool, [yes, no]: [&'static str; 2]) -> Self {
        let unknown = Self { status: "unknown", time: None };
        let Some(check) = check.filter(|_| !is_paused) else { return unknown };
        match check.status {
            // A failure that is not confirmed yet is no news to anybody.
            CheckStatus::Ok | CheckStatus::Failing => {
                Self { status: yes, time: check.time_ms.map(super::tidy_ms) }
            }
            CheckStatus::Failed | CheckStatus::NeverAnswered => Self { status: no, time: None },
            CheckStatus::Pending | CheckStatus::Unknown => unknown,
        }
    }
}

/// One tunnel by name.
#[utoipa::path(get, path = "/api/tunnel/{name}", tag = "Tunnels", params(("name" = String, Path)), responses(
    (status = 200, body = TunnelDetail),
    (status = 404, description = "No tunnel has this name", body = ErrorBody),
))]
pub async fn show(Viewer(viewer): Viewer, Named(name): Named) -> Result<Json<TunnelDetail>, Failure> {
    let device = viewer.device_named(&name)?;
    let row = viewer.row(device.id)?;
    let tunnel = Tunnel::of(&row).ok_or_else(Failure::not_found)?;
    let last_error = row.live.checks.iter().find_map(|check| check.why.clone()).or(row.live.cause);
    Ok(Json(TunnelDetail {
        tunnel,
        description: device.description.clone(),
        location: device.location.clone(),
        state: row.live.state.word(),
        since: super::rfc3339(row.live.since),
        last_error,
    }))
}
