//! One open socket: hello, snapshot, changes; and, while a device page is open, its facts and rates.

use super::{
    feed::{Feed, News, bytes},
    limit::Limit,
};
use crate::backend::Viewer;
use app::api::wire;
use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket},
};
use engine::Rate;
use model::{DeviceId, FromBrowser, FromServer};
use std::{
    future,
    pin::pin,
    time::{Duration, Instant},
};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc, watch,
    },
    time::{Interval, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long the first message may take.
const HELLO: Duration = Duration::from_secs(10);
/// How long one message may take to leave.
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
const SESSION_ENDED: &str = "the session ended";

/// Why a socket ends. Nobody but the browser needs to know.
enum End {
    Gone,
    Bye(&'static str),
}

/// A socket and what it is fed from.
pub struct Socket {
    socket: WebSocket,
    viewer: Viewer,
    feed: Feed,
    stop: CancellationToken,
    /// From the first snapshot on: nothing is put together for whoever shows no ticket.
    news: Option<broadcast::Receiver<News>>,
    /// While a device is watched.
    facts: Option<broadcast::Receiver<DeviceId>>,
    accounts: watch::Receiver<u64>,
    watched: Option<DeviceId>,
    /// The interface that was asked for; none is the WAN, whichever that is.
    interface: Option<String>,
    rates: Option<mpsc::Receiver<Rate>>,
    limit: Limit,
    heard_at: Instant,
    /// Ticks when nothing has been said for a while.
    quiet: Interval,
}

impl Socket {
    pub fn new(socket: WebSocket, viewer: Viewer, feed: Feed, stop: CancellationToken) -> Self {
        let now = Instant::now();
        Self {
            news: None,
            facts: None,
            accounts: viewer.account_changes(),
            socket,
            viewer,
            feed,
            stop,
            watched: None,
            interface: None,
            rates: None,
            limit: Limit::new(now),
            heard_at: now,
            quiet: patient(QUIET),
        }
    }

    /// Serves the socket to its end, or until the server stops: nobody waits then for a slow browser.
    pub async fn run(self) {
        let stop = self.stop.clone();
        stop.run_until_cancelled(self.serve()).await;
    }

    async fn serve(mut self) {
        let end = match self.greet().await {
            Ok(()) => self.feed().await,
            Err(end) => end,
        };
        if let End::Bye(why) = end {
            // Best effort: whoever is told to leave may be gone already.
            let farewell = async {
                self.socket.send(Message::Binary(bytes(&FromServer::Bye { why: why.to_owned() }))).await?;
                self.socket.send(Message::Close(None)).await
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let first = timeout(HELLO, self.socket.recv()).await.map_err(|_| End::Bye("no ticket came"))?;
        let Some(Ok(Message::Binary(first))) = first else { return Err(End::Gone) };
        match wire::decode(&first) {
            Some(FromBrowser::Hello { ticket }) if self.viewer.redeem(&ticket) => self.snapshot().await?,
            _ => return Err(End::Bye("the ticket was refused")),
        }
        // What ended while nobody was listening for it yet.
        self.recheck().await
    }

    /// The whole fleet, in parts; what changes from now on follows without a gap.
    async fn snapshot(&mut self) -> Result<(), End> {
        // Followed first: what changes while the rows are read is told again, and dropped there.
        self.news = Some(self.feed.follow());
        // Held as it travels while a slow browser takes it: a tenth of what the rows themselves take.
        let parts = self.feed.whole(&self.viewer);
        for part in &*parts {
            self.send(part.clone()).await?;
        }
        Ok(())
    }

    async fn feed(&mut self) -> End {
        let (mut ping, mut recheck) = (patient(PING), patient(RECHECK));
        loop {
            let turn = tokio::select! {
                news = heard(&mut self.news) => self.tell(news).await,
                facts = heard(&mut self.facts) => self.tell_facts(facts.ok()).await,
                rate = next(&mut self.rates) => self.tell_rate(rate).await,
                message = self.socket.recv() => self.hear(message).await,
                _ = self.quiet.tick() => self.send(bytes(&FromServer::Alive)).await,
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

    async fn tell(&mut self, news: Result<News, RecvError>) -> Result<(), End> {
        match news {
            Ok(News::Changes(bytes) | News::Beside(bytes)) => self.send(bytes).await,
            // Too slow for the changes: the browser begins again with the whole.
            Ok(News::Gap) | Err(RecvError::Lagged(_)) => self.snapshot().await,
            Err(RecvError::Closed) => Err(End::Gone),
        }
    }

    /// The facts of the device whose page is open, when it is this one.
    async fn tell_facts(&mut self, id: Option<DeviceId>) -> Result<(), End> {
        let Some(id) = id.filter(|id| Some(*id) == self.watched) else { return Ok(()) };
        let Some(facts) = self.viewer.facts(id) else { return Ok(()) };
        // The WAN was not known before, or the router got another login: the wish still stands.
        if self.rates.is_none() {
            self.rates = self.viewer.rates(id, self.interface.clone()).await;
        }
        let (metrics, interfaces) = (Box::new(facts.metrics.clone()), facts.interfaces.clone());
        self.send(bytes(&FromServer::Facts { id, metrics, interfaces })).await
    }

    async fn tell_rate(&mut self, rate: Option<Rate>) -> Result<(), End> {
        let (Some(id), Some(rate)) = (self.watched, rate) else {
            self.rates = None;
            return Ok(());
        };
        let Rate { interface, rx_bps, tx_bps, at } = rate;
        self.send(bytes(&FromServer::Rate { id, interface, rx_bps, tx_bps, at })).await
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let Some(Ok(message)) = message else { return Err(End::Gone) };
        self.heard_at = Instant::now();
        if !self.limit.admits(self.heard_at) {
            return Err(End::Bye("too many messages"));
        }
        let Message::Binary(said) = message else { return Ok(()) };
        match wire::decode(&said) {
            Some(FromBrowser::Watch { id, interface }) => self.watch(id, interface).await,
            // A second hello, or words of another version.
            _ => Err(End::Gone),
        }
    }

    async fn watch(&mut self, id: Option<DeviceId>, interface: Option<String>) -> Result<(), End> {
        (self.watched, self.interface) = (id, interface);
        // The old one is let go first: a router is measured for one page at a time.
        self.rates = None;
        self.facts = id.map(|_| self.viewer.follow_facts());
        if let Some(id) = id {
            self.rates = self.viewer.rates(id, self.interface.clone()).await;
        }
        self.tell_facts(id).await
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.heard_at.elapsed() > SILENCE_MAX {
            return Err(End::Gone);
        }
        self.deliver(Message::Ping(Bytes::new())).await
    }

    async fn recheck(&mut self) -> Result<(), End> {
        if self.viewer.is_still_valid().await { Ok(()) } else { Err(End::Bye(SESSION_ENDED)) }
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), End> {
        self.quiet.reset();
        self.deliver(Message::Binary(bytes)).await
    }

    /// Whoever reads slowly may lose the right to read meanwhile.
    async fn deliver(&mut self, message: Message) -> Result<(), End> {
        let Self { socket, viewer, accounts, .. } = self;
        let mut sending = pin!(timeout(SENDING, socket.send(message)));
        loop {
            tokio::select! {
                sent = &mut sending => return if let Ok(Ok(())) = sent { Ok(()) } else { Err(End::Gone) },
                changed = accounts.changed() => {
                    if changed.is_err() || !viewer.is_still_valid().await {
                        return Err(End::Bye(SESSION_ENDED));
                    }
                }
            }
        }
    }
}

/// What is heard next, or never where nobody listens.
async fn heard<T: Clone>(source: &mut Option<broadcast::Receiver<T>>) -> Result<T, RecvError> {
    match source {
        Some(source) => source.recv().await,
        None => future::pending().await,
    }
}

/// The next rate, or never while none is measured.
async fn next(rates: &mut Option<mpsc::Receiver<Rate>>) -> Option<Rate> {
    match rates {
        Some(rates) => rates.recv().await,
        None => future::pending().await,
    }
}

/// Ticks from one period on; a late tick is not made up for.
fn patient(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.reset();
    interval
}
