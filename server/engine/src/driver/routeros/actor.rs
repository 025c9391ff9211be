//! The task behind a session: owns the connection, hands out tags, tells every waiting caller what happened.
//!
//! It connects when a command arrives and there is no connection, never by itself. Deadlines of commands
//! belong to their callers: a caller that no longer waits is noticed, and its command cancelled.

use super::backoff::Backoff;
use super::cause::{AskError, Disconnect};
use super::command::Command;
use super::connect::{self, Link};
use super::exchange::Exchange;
use super::habit::Habit;
use super::session::{Answer, Endpoint, Shared};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Rung for whoever listens to a menu.
pub type Bell = Arc<dyn Fn() + Send + Sync>;

/// One command on its way.
pub(super) struct Request {
    pub command: Command,
    /// `None` when nobody waits (any more).
    pub answered: Option<oneshot::Sender<Result<Answer, AskError>>>,
    /// It goes on, and its rows are no answer: each rings.
    pub bell: Option<Bell>,
    /// It begins only while nothing else runs, so that whatever is asked after it finds a place.
    pub is_modest: bool,
    /// Told when it is sent.
    pub begun: Option<oneshot::Sender<()>>,
    /// It was sent once already, into a session that the router had just closed.
    pub was_retried: bool,
}

impl Request {
    /// Nobody waits for what it answers, and it does not wait for others.
    pub fn new(command: Command) -> Self {
        Self { command, answered: None, bell: None, is_modest: false, begun: None, was_retried: false }
    }

    /// Its caller left before it was sent.
    pub fn is_abandoned(&self) -> bool {
        self.answered.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    pub fn answer(&mut self, answer: Result<Answer, AskError>) {
        if let Some(answered) = self.answered.take() {
            // A caller that left needs no answer.
            let _ = answered.send(answer);
        }
    }
}

pub(super) struct Actor {
    endpoint: Arc<Endpoint>,
    shared: Arc<Shared>,
    /// The certificate to accept: the pinned one, else the first one seen.
    pin: Option<String>,
    backoff: Backoff,
    /// Commands to send first on the next connection.
    carried: Vec<Request>,
    habit: Habit,
    /// The last session ended idle, and whether the router is still there is not known yet.
    was_closed_idle: bool,
}

impl Actor {
    pub fn new(endpoint: Arc<Endpoint>, shared: Arc<Shared>) -> Self {
        Self {
            pin: endpoint.login.pinned.clone().or_else(|| shared.first_seen()),
            endpoint,
            shared,
            backoff: Backoff::default(),
            carried: Vec::new(),
            habit: Habit::default(),
            was_closed_idle: false,
        }
    }

    /// Runs until the last handle is gone or the program stops.
    pub async fn run(mut self, mut requests: mpsc::Receiver<Request>, stop: CancellationToken) {
        let work = self.serve(&mut requests);
        tokio::select! {
            () = work => {}
            () = stop.cancelled() => {}
        }
    }

    async fn serve(&mut self, requests: &mut mpsc::Receiver<Request>) {
        loop {
            self.carried.retain(|request| !request.is_abandoned());
            if self.carried.is_empty() {
                match requests.recv().await {
                    Some(request) if request.is_abandoned() => continue,
                    Some(request) => self.carried.push(request),
                    None => return,
                }
            }
            match self.open().await {
                Ok(link) => {
                    let mut exchange =
                        Exchange::new(link, std::mem::take(&mut self.carried), self.habit.keep_alive());
                    let begun = Instant::now();
                    let ended = exchange.run(requests).await;
                    self.shared.set_open(false);
                    let Some(why) = ended else { return };
                    self.backoff.session_ended(begun.elapsed(), &why, Instant::now());
                    self.ended(exchange, why);
                }
                Err(why) => {
                    // Whoever queued meanwhile wanted the same connection: it gets the same cause.
                    self.carried.extend(std::iter::from_fn(|| requests.try_recv().ok()));
                    for mut request in self.carried.drain(..) {
                        request.answer(Err(why.clone().into()));
                    }
                }
            }
        }
    }

    async fn open(&mut self) -> Result<Link, Disconnect> {
        if self.shared.take_hurry() {
            self.backoff.hurry();
        }
        if let Some(why) = self.backoff.instead(Instant::now()) {
            return Err(why);
        }
        match connect::open(&self.endpoint, &mut self.pin, &self.shared).await {
            Ok(link) => {
                self.shared.set_open(true);
                self.backoff.got_in();
                self.was_closed_idle = false;
                Ok(link)
            }
            Err(why) => {
                let why = self.backoff.attempt_failed(why, Instant::now());
                self.attempt_failed(&why);
                Err(why)
            }
        }
    }

    fn attempt_failed(&mut self, why: &Disconnect) {
        tracing::debug!(host = self.endpoint.host, %why, "no session");
        let mut history = self.shared.history.lock();
        if std::mem::take(&mut self.was_closed_idle) {
            history.idle_close_was_a_loss();
        }
        history.attempt_failed(self.shared.now(), why.clone());
    }

    fn ended(&mut self, exchange: Exchange, why: Disconnect) {
        if why.is_loss_of_a_session() {
            tracing::info!(host = self.endpoint.host, %why, "session lost");
        } else {
            tracing::debug!(host = self.endpoint.host, %why, "session ended");
        }
        self.was_closed_idle = why == Disconnect::IdleClosed;
        if self.was_closed_idle {
            self.habit.closed_after(exchange.idle());
        }
        self.shared.history.lock().session_ended(self.shared.now(), why.clone());
        self.carried = exchange.into_carried(why);
    }
}
