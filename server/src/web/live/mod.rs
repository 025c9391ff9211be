//! `/ws/live`: the fleet as it is, and every change of it, for as long as the visitor may look.

mod feed;
mod headlines;
mod socket;

pub use feed::Feed;
pub use headlines::tell as tell_headlines;

use super::{AppState, sockets::Knock};
use axum::{extract::State, response::Response};
use socket::Socket;

/// Opens the socket for a page of ours, or for a program with a token.
pub async fn open(State(state): State<AppState>, knock: Knock) -> Response {
    let feed = state.sockets.feed.clone();
    knock.open(&state.sockets, move |line| Socket::new(line, feed).run())
}
