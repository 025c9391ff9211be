//! `/api/status`, as the tunnel monitor's clients know it. Asked often, so it is written once per change.

use super::tunnel::Tunnel;
use crate::web::{AppState, Viewer};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderName, header},
};
use model::CheckKind;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Status {
    /// By name.
    tunnels: BTreeMap<String, Tunnel>,
    online_tunnels: usize,
    total_tunnels: usize,
    /// The last check of any tunnel; `null` before the first.
    last_update: Option<String>,
}

/// The answer as of a change of the fleet.
#[derive(Default)]
pub struct Cache(Mutex<Option<(u64, Bytes)>>);

/// Every tunnel: a device with a TCP check, of any kind.
#[utoipa::path(get, path = "/api/status", tag = "Tunnels", responses((status = 200, body = Status)))]
pub async fn show(viewer: Viewer, State(state): State<AppState>) -> ([(HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "application/json")], state.status.answer(&viewer.0))
}

impl Cache {
    fn answer(&self, viewer: &crate::backend::Viewer) -> Bytes {
        // Held while writing: a crowd that asks at once waits for one answer instead of writing many.
        let mut known = self.0.lock();
        let seq = viewer.seq();
        if let Some((of, bytes)) = &*known
            && *of == seq
        {
            return bytes.clone();
        }
        let bytes = Bytes::from(serde_json::to_vec(&status(viewer)).unwrap_or_default());
        *known = Some((seq, bytes.clone()));
        bytes
    }
}

fn status(viewer: &crate::backend::Viewer) -> Status {
    let rows = viewer.rows_asked_by(CheckKind::Tcp);
    let found = || rows.iter().filter_map(|row| Some((row, Tunnel::of(row)?)));
    let last = found().filter_map(|(row, _)| row.live.checked_at).max();
    let tunnels: BTreeMap<String, Tunnel> = found().map(|(row, tunnel)| (row.name.clone(), tunnel)).collect();
    Status {
        online_tunnels: tunnels.values().filter(|tunnel| tunnel.overall).count(),
        total_tunnels: tunnels.len(),
        last_update: last.map(super::rfc3339),
        tunnels,
    }
}
