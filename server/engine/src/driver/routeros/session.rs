//! The handle to one router: ask, and the session behind it is opened, kept and reopened as needed.
//!
//! All callers of one router share one connection. A handle does no I/O itself: an actor does (`actor`).

use super::actor::{Actor, Request, Sink};
use super::cause::{AskError, Disconnect, Stage};
use super::command::Command;
use super::history::{Ended, History};
use super::row::Row;
use crate::check::Tools;
use crate::driver::resolve::Resolver;
use crate::{Clock, Login};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Commands that may wait for their turn; a router with more callers than this is asked too often.
const WAITING_MAX: usize = 32;
/// Rows of a running command that may wait for their reader.
const UNREAD_ROWS_MAX: usize = 64;

const API_PORT: u16 = 8728;
const API_SSL_PORT: u16 = 8729;

/// Where a router is, and how to get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// An address or a host name; resolved at every connect.
    pub host: String,
    pub login: Login,
}

impl Endpoint {
    pub fn port(&self) -> u16 {
        self.login.port.unwrap_or(if self.login.tls { API_SSL_PORT } else { API_PORT })
    }
}

/// What a session needs of the program around it.
#[derive(Clone)]
pub struct Runtime {
    pub clock: Arc<dyn Clock>,
    pub resolver: Resolver,
    /// Owns the session's task.
    pub tracker: TaskTracker,
    pub stop: CancellationToken,
}

impl From<&Tools> for Runtime {
    fn from(tools: &Tools) -> Self {
        tools.runtime()
    }
}

/// All that a router answered to one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub rows: Vec<Row>,
    /// What `!done` carried: the id of what was added, or a count.
    pub ret: Option<String>,
    /// What the reply cost on the wire.
    pub bytes: u64,
}

/// A session with one router. Clones share it; it ends when the last one goes.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    endpoint: Arc<Endpoint>,
    runtime: Runtime,
    shared: Arc<Shared>,
    requests: Mutex<Option<mpsc::Sender<Request>>>,
}

impl Session {
    /// Starts nothing: the first command connects.
    pub fn new(endpoint: Endpoint, runtime: Runtime) -> Self {
        let shared = Arc::new(Shared::new(&runtime));
        let requests = Mutex::new(None);
        Self(Arc::new(Inner { endpoint: Arc::new(endpoint), runtime, shared, requests }))
    }

    /// Sends a command and collects its reply. `within` covers everything: waiting for a turn, connecting,
    /// logging in, the reply. Dropping the future, or the deadline, cancels the command on the router.
    pub async fn ask(&self, command: Command, within: Duration) -> Result<Answer, AskError> {
        let exchange = async {
            let answer = self.send(command, Sink::Keep).await?;
            answer.await.unwrap_or(Err(Disconnect::Stopped.into()))
        };
        timeout(within, exchange).await.unwrap_or_else(|_| Err(self.timed_out(within)))
    }

    /// Sends a command whose rows are taken one by one; a reader that pauses makes the router pause.
    pub async fn stream(&self, command: Command, within: Duration) -> Result<Rows, AskError> {
        self.rows(command, Sink::Pass, within).await
    }

    /// Sends a command without an end, such as `/log/listen`; dropping the rows cancels it.
    /// A reader that falls behind loses it: the session is not held up for events.
    pub async fn listen(&self, command: Command, within: Duration) -> Result<Rows, AskError> {
        self.rows(command, Sink::Follow, within).await
    }

    /// Sessions that were logged in and got lost, since this handle was made.
    pub fn losses(&self) -> u64 {
        self.0.shared.history.lock().losses()
    }

    /// How sessions ended and attempts failed lately, oldest first.
    pub fn endings(&self) -> Vec<Ended> {
        self.0.shared.history.lock().list()
    }

    /// Logins that the router accepted; each leaves a line in its log.
    pub fn logins(&self) -> u64 {
        self.0.shared.logins.load(Ordering::Relaxed)
    }

    /// The certificate accepted because none was pinned (SHA-256, lower-case hex).
    pub fn first_seen_certificate(&self) -> Option<String> {
        self.0.shared.first_seen()
    }

    async fn rows(
        &self,
        command: Command,
        sink: fn(mpsc::Sender<Row>) -> Sink,
        within: Duration,
    ) -> Result<Rows, AskError> {
        let (sender, rows) = mpsc::channel(UNREAD_ROWS_MAX);
        let sending = timeout(within, self.send(command, sink(sender)));
        let answer = sending.await.unwrap_or_else(|_| Err(self.timed_out(within)))?;
        Ok(Rows { rows, answer, session: self.clone() })
    }

    async fn send(
        &self,
        command: Command,
        sink: Sink,
    ) -> Result<oneshot::Receiver<Result<Answer, AskError>>, AskError> {
        if !command.is_sendable() {
            return Err(AskError::Unsendable);
        }
        let (answered, answer) = oneshot::channel();
        let request = Request { command, sink, answered: Some(answered), was_retried: false };
        self.actor().send(request).await.map_err(|_| Disconnect::Stopped)?;
        Ok(answer)
    }

    #[cfg(test)]
    pub(super) fn task_size(&self) -> usize {
        let actor = Actor::new(self.0.endpoint.clone(), self.0.shared.clone());
        let (_, receiver) = mpsc::channel(1);
        size_of_val(&actor.run(receiver, self.0.runtime.stop.clone()))
    }

    /// The way to the actor, which is started at first use (and again should it ever have died).
    fn actor(&self) -> mpsc::Sender<Request> {
        let mut requests = self.0.requests.lock();
        if let Some(sender) = requests.as_ref().filter(|sender| !sender.is_closed()) {
            return sender.clone();
        }
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let actor = Actor::new(self.0.endpoint.clone(), self.0.shared.clone());
        self.0.runtime.tracker.spawn(actor.run(receiver, self.0.runtime.stop.clone()));
        requests.insert(sender).clone()
    }

    fn timed_out(&self, after: Duration) -> AskError {
        AskError::Timeout { stage: self.0.shared.stage(), after }
    }
}

/// The rows of a running command. Dropping it cancels the command on the router.
pub struct Rows {
    rows: mpsc::Receiver<Row>,
    answer: oneshot::Receiver<Result<Answer, AskError>>,
    /// Keeps the session open while there is something to hear.
    session: Session,
}

impl Rows {
    /// The next row; `None` when the router said that there are no more.
    pub async fn next(&mut self, within: Duration) -> Result<Option<Row>, AskError> {
        let next = async {
            match self.rows.recv().await {
                Some(row) => Ok(Some(row)),
                None => (&mut self.answer).await.unwrap_or(Err(Disconnect::Stopped.into())).map(|_| None),
            }
        };
        timeout(within, next).await.unwrap_or_else(|_| Err(self.session.timed_out(within)))
    }
}

/// What the actor tells its handles.
pub(super) struct Shared {
    clock: Arc<dyn Clock>,
    pub resolver: Resolver,
    stage: AtomicU8,
    logins: AtomicU64,
    first_seen: Mutex<Option<String>>,
    pub history: Mutex<History>,
}

impl Shared {
    fn new(runtime: &Runtime) -> Self {
        Self {
            clock: runtime.clock.clone(),
            resolver: runtime.resolver.clone(),
            stage: AtomicU8::new(Stage::Connect as u8),
            logins: AtomicU64::new(0),
            first_seen: Mutex::new(None),
            history: Mutex::default(),
        }
    }

    pub fn now(&self) -> model::Timestamp {
        self.clock.now()
    }

    pub fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    pub fn logged_in(&self) {
        self.logins.fetch_add(1, Ordering::Relaxed);
    }

    pub fn saw_certificate(&self, fingerprint: &str) {
        *self.first_seen.lock() = Some(fingerprint.into());
    }

    pub fn first_seen(&self) -> Option<String> {
        self.first_seen.lock().clone()
    }

    fn stage(&self) -> Stage {
        Stage::ALL[usize::from(self.stage.load(Ordering::Relaxed)) % Stage::ALL.len()]
    }
}
