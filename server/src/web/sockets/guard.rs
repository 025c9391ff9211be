//! One open socket, watched over: who holds it must stay who they are, be there, and not talk too much.
//!
//! A socket is served by waiting for its next [`Sign`] beside whatever else it is fed from, and minding it. Waiting may
//! be given up at any time; minding is finished.

use super::limit::{Limit, Rate};
use crate::backend::Viewer;
use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use std::{
    pin::pin,
    time::{Duration, Instant},
};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval, timeout},
};

/// How long the first message may take.
const HELLO: Duration = Duration::from_secs(10);
/// How long one message may take to leave, where nothing else is said.
const SENDING: Duration = Duration::from_secs(10);
/// How long telling somebody to leave may take: what is on its way to whoever lost the right to it ends then.
const FAREWELL: Duration = Duration::from_millis(500);
/// After so long without a word to say, a sign of life: pages take a minute of silence for a lost line.
const QUIET: Duration = Duration::from_secs(20);
/// Between two pings; a browser that answers none of three is gone.
const PING: Duration = Duration::from_secs(25);
const SILENCE_MAX: Duration = Duration::from_secs(75);
/// Between two looks at the session, besides those at every change of accounts.
const RECHECK: Duration = Duration::from_secs(60);

/// Why a socket ends. Nobody but the browser needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nobody is there any more, or nobody whom it is worth telling.
    Gone,
    /// The browser is told why.
    Bye(&'static str),
}

impl End {
    pub const REFUSED: Self = Self::Bye("the ticket was refused");
    pub const SESSION: Self = Self::Bye("the session ended");
    pub const TOO_MUCH: Self = Self::Bye("too many messages");
}

/// What there is to mind.
pub enum Sign {
    Said(Option<Result<Message, axum::Error>>),
    /// Nothing was sent for a while.
    Quiet,
    Ping,
    /// Accounts may have changed, or it is time to look all the same.
    Recheck,
    /// Nobody would tell any more whether they changed.
    Unguarded,
}

/// A socket whose holder is who they were when they knocked.
pub struct Guarded {
    socket: WebSocket,
    viewer: Viewer,
    /// Who is no admin any more has no business here.
    is_for_admins: bool,
    accounts: watch::Receiver<u64>,
    /// What is said after a while without a word, if anything is.
    alive: Option<Bytes>,
    limit: Limit,
    /// How long one message may take to leave.
    patience: Duration,
    heard_at: Instant,
    quiet: Interval,
    ping: Interval,
    recheck: Interval,
}

impl Guarded {
    pub(super) fn new(socket: WebSocket, viewer: Viewer) -> Self {
        let now = Instant::now();
        Self {
            accounts: viewer.account_changes(),
            socket,
            viewer,
            is_for_admins: false,
            alive: None,
            limit: Limit::new(Rate::WORDS, now),
            patience: SENDING,
            heard_at: now,
            quiet: patient(QUIET),
            ping: patient(PING),
            recheck: patient(RECHECK),
        }
    }

    /// The same, which says this after a while without a word.
    pub fn with_sign_of_life(self, alive: Bytes) -> Self {
        Self { alive: Some(alive), ..self }
    }

    /// The same, for admins: it ends with their rights, also where the account goes on.
    pub fn for_admins(self) -> Self {
        Self { is_for_admins: true, ..self }
    }

    /// The same, which may be told so much, and which takes so long for a message of ours.
    pub fn with_rate(self, rate: Rate, patience: Duration) -> Self {
        Self { limit: Limit::new(rate, Instant::now()), patience, ..self }
    }

    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The first message, which is to show a ticket.
    pub async fn first(&mut self) -> Result<Bytes, End> {
        match timeout(HELLO, self.socket.recv()).await {
            Ok(Some(Ok(Message::Binary(first)))) => Ok(first),
            Ok(_) => Err(End::Gone),
            Err(_) => Err(End::Bye("no ticket came")),
        }
    }

    /// The next thing to be minded.
    pub async fn sign(&mut self) -> Sign {
        self.sign_if(true).await
    }

    /// The same. Without `hears` the browser's words wait where they are, and its silence is no sign.
    pub async fn sign_if(&mut self, hears: bool) -> Sign {
        tokio::select! {
            message = self.socket.recv(), if hears => Sign::Said(message),
            _ = self.quiet.tick() => Sign::Quiet,
            _ = self.ping.tick() => {
                if !hears {
                    self.heard_at = Instant::now();
                }
                Sign::Ping
            }
            _ = self.recheck.tick() => Sign::Recheck,
            changed = self.accounts.changed() => {
                if changed.is_ok() { Sign::Recheck } else { Sign::Unguarded }
            }
        }
    }

    /// What the browser said, if this is what there was to mind.
    pub async fn mind(&mut self, sign: Sign) -> Result<Option<Bytes>, End> {
        match sign {
            Sign::Said(message) => return self.hear(message),
            Sign::Quiet => {
                if let Some(alive) = self.alive.clone() {
                    self.send(alive).await?;
                }
            }
            Sign::Ping if self.heard_at.elapsed() > SILENCE_MAX => return Err(End::Gone),
            Sign::Ping => self.deliver(Message::Ping(Bytes::new())).await?,
            Sign::Recheck => self.recheck().await?,
            Sign::Unguarded => return Err(End::Gone),
        }
        Ok(None)
    }

    /// Looks whether the holder still may.
    pub async fn recheck(&mut self) -> Result<(), End> {
        if is_allowed(&self.viewer, self.is_for_admins).await { Ok(()) } else { Err(End::SESSION) }
    }

    pub async fn send(&mut self, bytes: Bytes) -> Result<(), End> {
        self.quiet.reset();
        self.deliver(Message::Binary(bytes)).await
    }

    /// The last word.
    pub async fn leave(mut self, word: Bytes) {
        // Best effort: whoever is told to leave may be gone already.
        let farewell = async {
            self.socket.send(Message::Binary(word)).await?;
            self.socket.send(Message::Close(None)).await
        };
        let _ = timeout(FAREWELL, farewell).await;
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<Option<Bytes>, End> {
        let Some(Ok(message)) = message else { return Err(End::Gone) };
        self.heard_at = Instant::now();
        // Pings cost as much as words: they are answered.
        let said = if let Message::Binary(said) = message { Some(said) } else { None };
        if !self.limit.admits(said.as_ref().map_or(0, Bytes::len), self.heard_at) {
            return Err(End::TOO_MUCH);
        }
        Ok(said)
    }

    /// Whoever reads slowly may lose the right to read meanwhile.
    async fn deliver(&mut self, message: Message) -> Result<(), End> {
        let Self { socket, viewer, is_for_admins, accounts, patience, .. } = self;
        let mut sending = pin!(timeout(*patience, socket.send(message)));
        loop {
            tokio::select! {
                sent = &mut sending => return if let Ok(Ok(())) = sent { Ok(()) } else { Err(End::Gone) },
                changed = accounts.changed() => {
                    if changed.is_err() || !is_allowed(viewer, *is_for_admins).await {
                        return Err(End::SESSION);
                    }
                }
            }
        }
    }
}

async fn is_allowed(viewer: &Viewer, is_for_admins: bool) -> bool {
    if is_for_admins { viewer.is_still_admin().await } else { viewer.is_still_valid().await }
}

/// Ticks from one period on; a late tick is not made up for.
fn patient(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.reset();
    interval
}
