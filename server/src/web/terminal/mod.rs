//! `/ws/ssh/{device}`: a terminal on a device, for an admin who showed a ticket for it.
//!
//! Not one byte reaches a device before everything that is asked of the visitor holds. What a device sends is handed on
//! as it is, to a page that draws it; nothing here looks into it.

mod desk;
mod limit;
mod page;
mod relay;
mod session;
mod typing;

use super::{AppState, csrf, error::Failure};
use crate::{backend::Door, store::acting};
use app::api::ApiError;
use axum::{
    Extension,
    extract::{Path, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use model::DeviceId;
use page::Page;
use session::Session;
use std::sync::Arc;

/// Longest message a page may send.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// What the socket itself holds of each direction: terminals are many, and what they say is small or split anyway.
const BUFFER_BYTES: usize = 16 * 1024;
/// When to try again, for an account that has all its terminals open.
const SEAT_WAIT_S: u64 = 30;

/// Opens the socket for a page of ours, or for a program with a token; the ticket is its first message.
pub async fn open(
    Extension(door): Extension<Arc<Door>>,
    State(state): State<AppState>,
    Path(device): Path<i64>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Browsers let any site open a socket here and send our cookie along.
    if !csrf::is_ours(&headers) && !csrf::is_exempt(&headers) {
        let why = "this socket opens for pages of this server only";
        return Failure::new(StatusCode::FORBIDDEN, "cross_site", why).into_response();
    }
    let admin = match door.as_admin().and_then(|admin| admin.for_terminal()) {
        Ok(admin) => admin,
        Err(error) => return Failure::from(error).into_response(),
    };
    let Some(seat) = admin.take_terminal_seat() else {
        return Failure::from(ApiError::TooMany { retry_after_s: SEAT_WAIT_S }).into_response();
    };
    let (actor, language) = (Arc::new(door.actor()), door.language().to_owned());
    let (tasks, stop) = (state.sockets.tasks.clone(), state.sockets.stop.clone());
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES);
    upgrade.on_upgrade(move |socket| {
        tasks.track_future(acting(actor, async move {
            let _seat = seat;
            let page = Page::new(socket, admin, stop);
            Session::new(page, DeviceId(device), language).serve().await;
        }))
    })
}
