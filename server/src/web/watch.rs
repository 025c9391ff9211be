//! `/ws/watch/{id}`: a terminal as another admin uses it, for as long as both may. Nothing that is said here reaches
//! the device.
//!
//! Each socket comes for what it shows itself: one that is slow costs nothing, and misses nothing.

use super::{
    Admin, AppState,
    error::Failure,
    sockets::{End, Guarded, Knock},
};
use crate::{
    backend::{self, Purpose, Sure},
    recordings::{Seen, Watcher},
    store::{acting, acting_now},
};
use app::api::wire;
use axum::{
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use model::{FromWatcher, RecordingEnd, RecordingId, ToWatcher};

/// Opens the socket for a page of ours, or for a program with a token.
pub async fn open(
    Admin(admin): Admin,
    State(state): State<AppState>,
    Path(id): Path<String>,
    knock: Knock,
) -> Response {
    let Ok(id) = id.parse() else { return Failure::not_found().into_response() };
    let admin = match admin.for_terminal() {
        Ok(admin) => admin,
        Err(error) => return Failure::from(error).into_response(),
    };
    let actor = acting_now();
    knock.open(&state.sockets, move |line| async move {
        let watching = Watching::new(line, admin, id).run();
        match actor {
            Some(actor) => acting(actor, watching).await,
            None => watching.await,
        }
    })
}

/// Somebody who looks on.
struct Watching {
    line: Guarded,
    admin: Sure<backend::Admin>,
    id: RecordingId,
}

impl Watching {
    fn new(line: Guarded, admin: Sure<backend::Admin>, id: RecordingId) -> Self {
        Self { line: line.for_admins().with_sign_of_life(bytes(&ToWatcher::Alive)), admin, id }
    }

    async fn run(mut self) {
        let end = match self.greet().await {
            Ok(Some(watcher)) => self.follow(watcher).await,
            Ok(None) => Ok(None),
            Err(end) => Err(end),
        };
        match end {
            Ok(end) => self.line.leave(bytes(&ToWatcher::Over { end })).await,
            Err(End::Bye(why)) => self.line.leave(bytes(&ToWatcher::Bye { why: why.to_owned() })).await,
            Err(End::Gone) => {}
        }
    }

    /// The ticket first; nothing when the session is over already.
    async fn greet(&mut self) -> Result<Option<Watcher>, End> {
        let from = match wire::decode(&self.line.first().await?) {
            Some(FromWatcher::Hello { ticket, from })
                if self.line.viewer().redeem(&ticket, Purpose::Watch(self.id)) =>
            {
                from
            }
            _ => return Err(End::REFUSED),
        };
        // What ended while nobody was listening for it yet.
        self.line.recheck().await?;
        let watcher = self.admin.watch(self.id, from).await;
        watcher.map_err(|_| End::Bye("the database does not answer"))
    }

    /// Until the session is over; why it is.
    async fn follow(&mut self, mut watcher: Watcher) -> Result<Option<RecordingEnd>, End> {
        loop {
            tokio::select! {
                seen = watcher.next() => match seen {
                    Ok(Seen::Events { events, next }) => {
                        self.line.send(bytes(&ToWatcher::Events { events, next })).await?;
                    }
                    Ok(Seen::Over(end)) => return Ok(end),
                    Err(_) => return Err(End::Bye("the recording cannot be read")),
                },
                sign = self.line.sign() => {
                    // After the ticket there is nothing to say.
                    if self.line.mind(sign).await?.is_some() {
                        return Err(End::Gone);
                    }
                }
            }
        }
    }
}

fn bytes(word: &ToWatcher) -> Bytes {
    wire::encode(word).into()
}
