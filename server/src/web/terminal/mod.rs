//! `/ws/ssh/{device}`: a terminal on a device, for an admin who showed a ticket for it.
//!
//! Not one byte reaches a device before everything that is asked of the visitor holds. What a device sends is handed on
//! as it is, to a page that draws it; nothing here looks into it.

mod desk;
mod hold;
mod outlet;
mod page;
mod relay;
mod session;
mod typing;

use super::{
    Admin, AppState,
    error::Failure,
    sockets::{Knock, Rate},
};
use crate::{
    backend::Door,
    store::{acting, acting_now},
};
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use model::DeviceId;
use page::Page;
use session::Session;
use std::{sync::Arc, time::Duration};

/// What the socket itself holds of each direction: terminals are many, and what they say is small or split anyway.
const BUFFER_BYTES: usize = 4 * 1024;
/// How much may be typed: whole scripts of 8 MiB at once, half a megabyte a second of them, and never more than a line
/// that somebody floods. A message counts as 256 bytes besides its own.
pub const TYPING: Rate =
    Rate { each: Duration::from_micros(488), nanos_a_byte: 1_907, at_once: Duration::from_secs(16) };

/// Opens the socket for a page of ours, or for a program with a token; the ticket is its first message.
pub async fn open(
    Admin(admin): Admin,
    Extension(door): Extension<Arc<Door>>,
    State(state): State<AppState>,
    Path(device): Path<i64>,
    knock: Knock,
) -> Response {
    let admin = match admin.for_terminal() {
        Ok(admin) => admin,
        Err(error) => return Failure::from(error).into_response(),
    };
    let (actor, language) = (acting_now(), door.language().to_owned());
    let (seat, stop) = (admin.take_terminal_seat(), state.sockets.stop.clone());
    knock.with_buffers(BUFFER_BYTES).seated(seat, &state.sockets, move |line| async move {
        let page = Page::new(line, admin, stop);
        // Moved from hand to hand it would be held as often.
        let serving = Box::pin(Session::new(page, DeviceId(device), language).serve());
        match actor {
            Some(actor) => acting(actor, serving).await,
            None => serving.await,
        }
    })
}
