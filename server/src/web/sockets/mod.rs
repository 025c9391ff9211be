//! What every WebSocket has in common: who may open one, how it is kept, and what ends it.
//!
//! To add a socket: a handler that takes a [`Knock`] (and `Admin` before it, where only admins may), a purpose of
//! tickets, and a row in the table of policies. What must say its own last word when the server stops takes its seat
//! itself and is [`Knock::seated`].

mod guard;
mod limit;

pub use guard::{End, Guarded, Sign};
pub use limit::Rate;

use super::{AppState, Feed, Viewer, csrf, error::Failure};
use crate::backend::{self, Seat};
use app::api::ApiError;
use axum::{
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Longest message a browser may send. What we send is bounded where it is made.
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

/// Somebody with an account who wants a socket, from a page of ours or as a program with a token. What it opens does
/// nothing before a ticket was shown.
pub struct Knock {
    viewer: backend::Viewer,
    upgrade: WebSocketUpgrade,
}

impl FromRequestParts<AppState> for Knock {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let viewer = Viewer::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?.0;
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        let upgrade = upgrade.map_err(IntoResponse::into_response)?;
        // Browsers let any site open a socket here and send our cookie along.
        if !csrf::is_ours(&parts.headers) && !csrf::is_exempt(&parts.headers) {
            let why = "this socket opens for pages of this server only";
            return Err(Failure::new(StatusCode::FORBIDDEN, "cross_site", why).into_response());
        }
        Ok(Self { viewer, upgrade })
    }
}

impl Knock {
    /// Opens the socket, if there is a seat for it, and serves it to its end, or until the server stops: nobody waits then
    /// for a slow browser.
    pub fn open<F>(self, sockets: &Sockets, serve: impl FnOnce(Guarded) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (seat, stop) = (self.viewer.take_seat(), sockets.stop.clone());
        self.seated(seat, sockets, move |line| async move {
            stop.run_until_cancelled(serve(line)).await;
        })
    }

    /// Opens the socket in this seat, if there was one, and serves it to its end, whatever happens.
    pub fn seated<F>(
        self,
        seat: Option<Seat>,
        sockets: &Sockets,
        serve: impl FnOnce(Guarded) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(seat) = seat else {
            return Failure::from(ApiError::TooMany { retry_after_s: SEAT_WAIT_S }).into_response();
        };
        let Self { viewer, upgrade } = self;
        let tasks = sockets.tasks.clone();
        let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX);
        upgrade.on_upgrade(move |socket| {
            tasks.track_future(async move {
                let _seat = seat;
                serve(Guarded::new(socket, viewer)).await;
            })
        })
    }

    /// The same, of which the socket itself holds no more than this of each direction.
    pub fn with_buffers(self, bytes: usize) -> Self {
        let upgrade = self.upgrade.read_buffer_size(bytes).write_buffer_size(bytes);
        Self { upgrade, ..self }
    }
}
