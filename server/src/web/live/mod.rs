//! `/ws/live`: the fleet as it is, and every change of it, for as long as the visitor may look.

mod encode;
mod limit;
mod socket;

pub use encode::Encoder;

use super::{AppState, Viewer, csrf, error::Failure};
use axum::{
    extract::{State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use socket::Socket;

/// Longest message either side may send; ours are cut into parts far below it.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Opens the socket for a page of ours, or for a program with a token.
pub async fn open(
    Viewer(viewer): Viewer,
    State(state): State<AppState>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Browsers let any site open a socket here and send our cookie along.
    if !csrf::has_own_origin(&headers) && !csrf::is_exempt(&headers) {
        let why = "this socket opens for pages of this server only";
        return Failure::new(StatusCode::FORBIDDEN, "cross_site", why).into_response();
    }
    let (encoder, stop, tasks) = (state.encoder.clone(), state.stop.clone(), state.tasks.clone());
    upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| tasks.track_future(Socket::new(socket, viewer, encoder, stop).run()))
}
