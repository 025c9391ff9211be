//! `/ws/watch/{id}`: a terminal as another admin uses it, for as long as both may. Nothing that is said here reaches
//! the device.

use super::{Admin, AppState, csrf, error::Failure};
use crate::{
    backend::{self, Sure},
    recordings::{Seen, Watcher},
    store::{acting, acting_now},
};
use app::api::{ApiError, wire};
use axum::{
    body::Bytes,
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use model::{FromWatcher, RecordedAt, RecordingId, ToWatcher};
use std::time::{Duration, Instant};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

/// Longest message a browser may send: a ticket and a place.
const MESSAGE_BYTES_MAX: usize = 1024;
/// When to try again, for an account that has all its sockets open.
const SEAT_WAIT_S: u64 = 30;
/// How long the first message may take.
const HELLO: Duration = Duration::from_secs(10);
/// How long one message may take to leave; who is slower is dropped.
const SENDING: Duration = Duration::from_secs(10);
const FAREWELL: Duration = Duration::from_millis(500);
/// Between two signs of life; a browser that answers none of three pings is gone.
const PING: Duration = Duration::from_secs(20);
const SILENCE_MAX: Duration = Duration::from_secs(65);
/// Between two looks at the session, besides those at every change of accounts.
const RECHECK: Duration = Duration::from_secs(60);

/// Why a socket ends. Nobody but the browser needs to know.
enum End {
    Gone,
    Said(ToWatcher),
}

fn bye(why: &str) -> End {
    End::Said(ToWatcher::Bye { why: why.to_owned() })
}

/// Opens the socket for a page of ours, or for a program with a token.
pub async fn open(
    Admin(admin): Admin,
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Browsers let any site open a socket here and send our cookie along.
    if !csrf::is_ours(&headers) && !csrf::is_exempt(&headers) {
        let why = "this socket opens for pages of this server only";
        return Failure::new(StatusCode::FORBIDDEN, "cross_site", why).into_response();
    }
    let Ok(id) = id.parse() else { return Failure::not_found().into_response() };
    let admin = match admin.sure() {
        Ok(admin) => admin,
        Err(error) => return Failure::from(error).into_response(),
    };
    let Some(seat) = admin.viewer().take_seat() else {
        return Failure::from(ApiError::TooMany { retry_after_s: SEAT_WAIT_S }).into_response();
    };
    let (tasks, stop) = (state.sockets.tasks.clone(), state.sockets.stop.clone());
    let actor = acting_now();
    upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| {
        tasks.track_future(async move {
            let _seat = seat;
            let watching = Watching::new(socket, admin, id).run();
            let watching = async {
                match actor {
                    Some(actor) => acting(actor, watching).await,
                    None => watching.await,
                }
            };
            stop.run_until_cancelled(watching).await;
        })
    })
}

struct Watching {
    socket: WebSocket,
    admin: Sure<backend::Admin>,
    id: RecordingId,
    accounts: watch::Receiver<u64>,
    heard_at: Instant,
}

impl Watching {
    fn new(socket: WebSocket, admin: Sure<backend::Admin>, id: RecordingId) -> Self {
        let accounts = admin.viewer().account_changes();
        Self { socket, admin, id, accounts, heard_at: Instant::now() }
    }

    async fn run(mut self) {
        let end = match self.greet().await {
            Ok(Some(watcher)) => self.follow(watcher).await,
            Ok(None) => End::Said(ToWatcher::Over),
            Err(end) => end,
        };
        if let End::Said(word) = end {
            // Best effort: whoever is told to leave may be gone already.
            let farewell = async {
                self.socket.send(message(&word)).await?;
                self.socket.send(Message::Close(None)).await
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
    }

    async fn greet(&mut self) -> Result<Option<Watcher>, End> {
        let first = timeout(HELLO, self.socket.recv()).await.map_err(|_| bye("no ticket came"))?;
        let Some(Ok(Message::Binary(first))) = first else { return Err(End::Gone) };
        let Some(FromWatcher::Hello { ticket, from }) = wire::decode(&first) else {
            return Err(bye("the ticket was refused"));
        };
        if !self.admin.may_watch(&ticket, self.id) {
            return Err(bye("the ticket was refused"));
        }
        // What ended while nobody was listening for it yet.
        self.recheck().await?;
        self.begin(from).await
    }

    async fn begin(&self, from: RecordedAt) -> Result<Option<Watcher>, End> {
        self.admin.watch(self.id, from).await.map_err(|_| bye("the database does not answer"))
    }

    async fn follow(&mut self, mut watcher: Watcher) -> End {
        let (mut ping, mut recheck) = (patient(PING), patient(RECHECK));
        loop {
            let turn = tokio::select! {
                seen = watcher.next() => match seen {
                    Ok(Seen::Events { events, next }) => self.say(&ToWatcher::Events { events, next }).await,
                    Ok(Seen::Over) => Err(End::Said(ToWatcher::Over)),
                    Err(_) => Err(bye("the recording cannot be read")),
                },
                heard = self.socket.recv() => self.hear(heard),
                _ = ping.tick() => self.ping().await,
                _ = recheck.tick() => self.recheck().await,
                changed = self.accounts.changed() => match changed {
                    Ok(()) => self.recheck().await,
                    Err(_) => Err(End::Gone),
                },
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    /// Nothing is to be said here after the ticket; answers to pings are the only sign of life.
    fn hear(&mut self, heard: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard_at = Instant::now();
        match heard {
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            _ => Err(End::Gone),
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.heard_at.elapsed() > SILENCE_MAX {
            return Err(End::Gone);
        }
        self.deliver(Message::Ping(Bytes::new())).await?;
        self.say(&ToWatcher::Alive).await
    }

    async fn recheck(&mut self) -> Result<(), End> {
        if self.admin.is_still_admin().await { Ok(()) } else { Err(bye("the session ended")) }
    }

    async fn say(&mut self, word: &ToWatcher) -> Result<(), End> {
        self.deliver(message(word)).await
    }

    /// Whoever reads slowly may lose the right to read meanwhile.
    async fn deliver(&mut self, message: Message) -> Result<(), End> {
        let Self { socket, admin, accounts, .. } = self;
        let mut sending = std::pin::pin!(timeout(SENDING, socket.send(message)));
        loop {
            tokio::select! {
                sent = &mut sending => return if let Ok(Ok(())) = sent { Ok(()) } else { Err(End::Gone) },
                changed = accounts.changed() => {
                    if changed.is_err() || !admin.is_still_admin().await {
                        return Err(bye("the session ended"));
                    }
                }
            }
        }
    }
}

fn message(word: &ToWatcher) -> Message {
    Message::Binary(Bytes::from(wire::encode(word)))
}

/// Ticks from one period on; a late tick is not made up for.
fn patient(period: Duration) -> tokio::time::Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.reset();
    interval
}
