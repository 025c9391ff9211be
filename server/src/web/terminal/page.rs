//! The page at the other end of a terminal's socket: what it says, what it is told, and whether it still may.

use super::limit::Limit;
use crate::backend::{Admin, Sure};
use app::api::wire;
use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use model::{FromTerminal, TERMINAL_ANSWER, TERMINAL_BYTES, TERMINAL_WORD, TerminalEnd, ToTerminal};
use std::{pin::pin, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long one message may take to leave.
const SENDING: Duration = Duration::from_secs(30);
/// How long saying why it ends may take.
const FAREWELL: Duration = Duration::from_millis(500);
/// Between two pings; a page that answers none of three is gone.
const PING: Duration = Duration::from_secs(25);
const SILENCE_MAX: Duration = Duration::from_secs(75);
/// Between two looks at the session, besides those at every change of accounts.
const RECHECK: Duration = Duration::from_secs(60);

/// Why a terminal ends.
#[derive(Debug)]
pub enum End {
    /// The page is gone: there is nobody to tell.
    Gone,
    Told(TerminalEnd),
}

/// What a page said; passwords among it.
pub enum Heard {
    Bytes(Bytes),
    /// What the screen says to the device, and nobody typed.
    Answer(Bytes),
    Word(FromTerminal),
}

/// Something happened at the page's end; [`Page::take`] sees to it.
pub enum Event {
    Said(Option<Result<Message, axum::Error>>),
    Ping,
    Recheck,
    /// Nobody will say any more when accounts change.
    Unguarded,
    Stop,
}

pub struct Page {
    socket: WebSocket,
    admin: Sure<Admin>,
    accounts: watch::Receiver<u64>,
    stop: CancellationToken,
    limit: Limit,
    ping: Interval,
    recheck: Interval,
    heard_at: Instant,
}

impl Page {
    pub fn new(socket: WebSocket, admin: Sure<Admin>, stop: CancellationToken) -> Self {
        let accounts = admin.viewer().account_changes();
        let limit = Limit::new(std::time::Instant::now());
        let (ping, recheck) = (patient(PING), patient(RECHECK));
        Self { socket, admin, accounts, stop, limit, ping, recheck, heard_at: Instant::now() }
    }

    pub fn admin(&self) -> &Sure<Admin> {
        &self.admin
    }

    /// What happens next. Loses nothing when dropped half-way. Without `hears` the page's words wait where they are.
    pub async fn event(&mut self, hears: bool) -> Event {
        tokio::select! {
            said = self.socket.recv(), if hears => Event::Said(said),
            _ = self.ping.tick() => {
                if !hears {
                    self.heard_at = Instant::now();
                }
                Event::Ping
            }
            _ = self.recheck.tick() => Event::Recheck,
            changed = self.accounts.changed() => if changed.is_ok() { Event::Recheck } else { Event::Unguarded },
            () = self.stop.cancelled() => Event::Stop,
        }
    }

    /// Sees to what happened; what the page said, if it was that.
    pub async fn take(&mut self, event: Event) -> Result<Option<Heard>, End> {
        match event {
            Event::Said(said) => self.hear(said),
            Event::Ping if self.heard_at.elapsed() > SILENCE_MAX => Err(End::Gone),
            Event::Ping => self.deliver(Message::Ping(Bytes::new())).await.map(|()| None),
            Event::Recheck => self.recheck().await.map(|()| None),
            Event::Unguarded => Err(End::Gone),
            Event::Stop => Err(End::Told(TerminalEnd::Stopping)),
        }
    }

    fn hear(&mut self, said: Option<Result<Message, axum::Error>>) -> Result<Option<Heard>, End> {
        let Some(Ok(message)) = said else { return Err(End::Gone) };
        self.heard_at = Instant::now();
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Close(_) => return Err(End::Gone),
            // Pings cost as much as words: they are answered.
            Message::Text(_) | Message::Ping(_) | Message::Pong(_) => Bytes::new(),
        };
        if !self.limit.admits(bytes.len(), std::time::Instant::now()) {
            let why = "more was sent than a terminal takes".to_owned();
            return Err(End::Told(TerminalEnd::Lost { why }));
        }
        match bytes.split_first() {
            None => Ok(None),
            Some((&TERMINAL_BYTES, _)) => Ok(Some(Heard::Bytes(bytes.slice(1..)))),
            Some((&TERMINAL_ANSWER, _)) => Ok(Some(Heard::Answer(bytes.slice(1..)))),
            Some((&TERMINAL_WORD, word)) => match wire::decode(word) {
                Some(word) => Ok(Some(Heard::Word(word))),
                None => Err(End::Gone),
            },
            // Words of another version.
            Some(_) => Err(End::Gone),
        }
    }

    /// Ends what nobody has a right to any more.
    pub async fn recheck(&mut self) -> Result<(), End> {
        if self.admin.is_still_admin().await { Ok(()) } else { Err(End::Told(TerminalEnd::NotAllowed)) }
    }

    pub async fn say(&mut self, word: &ToTerminal) -> Result<(), End> {
        self.deliver(message(TERMINAL_WORD, &wire::encode(word))).await
    }

    pub async fn draw(&mut self, bytes: &[u8]) -> Result<(), End> {
        self.deliver(message(TERMINAL_BYTES, bytes)).await
    }

    /// Best effort: who is told to leave may be gone already.
    pub async fn leave(mut self, end: &TerminalEnd) {
        let word = message(TERMINAL_WORD, &wire::encode(&ToTerminal::Ended(end.clone())));
        let farewell = async {
            self.socket.send(word).await?;
            self.socket.send(Message::Close(None)).await
        };
        let _ = timeout(FAREWELL, farewell).await;
    }

    /// Whoever reads slowly may lose the right to read meanwhile.
    async fn deliver(&mut self, message: Message) -> Result<(), End> {
        let Self { socket, admin, accounts, stop, .. } = self;
        let mut sending = pin!(timeout(SENDING, socket.send(message)));
        loop {
            tokio::select! {
                sent = &mut sending => return if let Ok(Ok(())) = sent { Ok(()) } else { Err(End::Gone) },
                () = stop.cancelled() => return Err(End::Told(TerminalEnd::Stopping)),
                changed = accounts.changed() => {
                    if changed.is_err() || !admin.is_still_admin().await {
                        return Err(End::Told(TerminalEnd::NotAllowed));
                    }
                }
            }
        }
    }
}

fn message(kind: u8, rest: &[u8]) -> Message {
    let mut bytes = Vec::with_capacity(rest.len() + 1);
    bytes.push(kind);
    bytes.extend_from_slice(rest);
    Message::Binary(bytes.into())
}

/// Ticks from one period on; a late tick is not made up for.
fn patient(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.reset();
    interval
}
