//! `/ws/live`: the fleet as it is, and every change of it, for as long as the visitor may look.

mod feed;
mod headlines;
mod limit;
mod socket;

pub use feed::Feed;
pub use headlines::tell as tell_headlines;

use super::{AppState, Viewer, csrf, error::Failure};
use app::api::ApiError;
use axum::{
    extract::{State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use socket::Socket;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Longest message a browser may send. What we send is bounded where it is made: rows and changes go in parts,
/// and of a device's interfaces only so many are kept.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// When to try again, for an account that has all its sockets open.
const SEAT_WAIT_S: u64 = 30;

/// What open sockets live by.
#[derive(Clone)]
pub struct Sockets {
    pub feed: Feed,
    /// Where they are waited for when the server stops.
    pub tasks: TaskTracker,
    /// Cancelled when the server stops: they end.
    pub stop: CancellationToken,
}

/// Opens the socket for a page of ours, or for a program with a token.
pub async fn open(
    Viewer(viewer): Viewer,
    State(state): State<AppState>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Browsers let any site open a socket here and send our cookie along.
    if !csrf::is_ours(&headers) && !csrf::is_exempt(&headers) {
        let why = "this socket opens for pages of this server only";
        return Failure::new(StatusCode::FORBIDDEN, "cross_site", why).into_response();
    }
    let Some(seat) = viewer.take_seat() else {
        return Failure::from(ApiError::TooMany { retry_after_s: SEAT_WAIT_S }).into_response();
    };
    let Sockets { feed, tasks, stop } = state.sockets.clone();
    upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| {
        tasks.track_future(async move {
            let _seat = seat;
            Socket::new(socket, viewer, feed, stop).run().await;
        })
    })
}
