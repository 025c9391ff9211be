//! The handle to one router: ask, and the session behind it is opened, kept and reopened as needed.
//!
//! All callers of one router share one connection. A handle does no I/O itself: an actor does (`actor`).

use super::actor::{Actor, Bell, Request};
use super::cause::{AskError, Disconnect, Stage};
use super::command::Command;
use super::history::{Ended, History};
use super::row::Row;
use crate::driver::resolve::Resolver;
use crate::{Clock, Login};
use parking_lot::Mutex;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Commands that may wait for their turn; a router with more callers than this is asked too often.
const WAITING_MAX: usize = 32;

/// Where a router is, and how to get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// An address or a host name; resolved at every connect.
    pub host: String,
    pub login: Login,
}

impl Endpoint {
    pub fn port(&self) -> u16 {
        model::routeros_port(self.login.port, self.login.tls)
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
            let answer = self.send(Request::new(command)).await?;
            answer.await.unwrap_or(Err(Disconnect::Stopped.into()))
        };
        timeout(within, exchange).await.unwrap_or_else(|_| Err(self.timed_out(within)))
    }

    /// The same for what can wait, and may take long: it never begins in the last place for commands. Waits for its turn
    /// for `turn` at most; `within` is for the reply. Also says how long that took.
    pub async fn ask_modestly(
        &self,
        command: Command,
        turn: Duration,
        within: Duration,
    ) -> Result<(Answer, Duration), AskError> {
        let (begun, has_begun) = oneshot::channel();
        let beginning = async {
            let request = Request { is_modest: true, begun: Some(begun), ..Request::new(command) };
            let answer = self.send(request).await?;
            // One that was never sent is answered why.
            let _ = has_begun.await;
            Ok::<_, AskError>(answer)
        };
        let beginning = timeout(turn, beginning).await;
        let answer = beginning.unwrap_or(Err(AskError::NoTurn { after: turn }))?;
        let begun_at = Instant::now();
        let answer = timeout(within, answer).await.map_err(|_| self.timed_out(within))?;
        let answer = answer.unwrap_or(Err(Disconnect::Stopped.into()))?;
        Ok((answer, begun_at.elapsed()))
    }

    /// Sends a command that goes on, such as `listen`: every row rings `bell`, and what it says is thrown away. Returns
    /// why it ended; dropping the future cancels it on the router. It takes one of the few places for commands, never the
    /// last one; while it goes on, nothing that is asked modestly begins.
    pub async fn listen(&self, command: Command, bell: Bell) -> AskError {
        let request = Request { bell: Some(bell), is_modest: true, ..Request::new(command) };
        match self.send(request).await {
            Ok(answer) => match answer.await {
                Ok(Err(error)) => error,
                // It goes on, or it is no listening.
                Ok(Ok(_)) => AskError::Trap { category: None, message: "the router ended it".into() },
                Err(_) => Disconnect::Stopped.into(),
            },
            Err(error) => error,
        }
    }

    /// Sessions that were logged in and got lost, since this handle was made.
    pub fn losses(&self) -> u64 {
        self.0.shared.history.lock().losses()
    }

    /// How sessions ended and attempts failed lately, oldest first.
    pub fn endings(&self) -> Vec<Ended> {
        self.0.shared.history.lock().list()
    }

    /// Logged in, as far as is known: a command opens no connection.
    pub fn is_open(&self) -> bool {
        self.0.shared.is_open.load(Ordering::Relaxed)
    }

    /// As whom it logs in.
    pub fn login_name(&self) -> &str {
        &self.0.endpoint.login.username
    }

    /// From where it connected last, as far as this machine knows: a router behind translation sees another address.
    pub fn our_address(&self) -> Option<IpAddr> {
        *self.0.shared.our_address.lock()
    }

    /// The next command tries to log in even where a refusal is being waited out.
    pub fn hurry(&self) {
        self.0.shared.is_hurried.store(true, Ordering::Relaxed);
    }

    /// The certificate accepted because none was pinned (SHA-256, lower-case hex).
    pub fn first_seen_certificate(&self) -> Option<String> {
        self.0.shared.first_seen()
    }

    async fn send(
        &self,
        mut request: Request,
    ) -> Result<oneshot::Receiver<Result<Answer, AskError>>, AskError> {
        if !request.command.is_sendable() {
            return Err(AskError::Unsendable);
        }
        let (answered, answer) = oneshot::channel();
        request.answered = Some(answered);
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

/// What the actor tells its handles.
pub(super) struct Shared {
    clock: Arc<dyn Clock>,
    pub resolver: Resolver,
    stage: AtomicU8,
    is_open: AtomicBool,
    is_hurried: AtomicBool,
    first_seen: Mutex<Option<String>>,
    our_address: Mutex<Option<IpAddr>>,
    pub history: Mutex<History>,
}

impl Shared {
    fn new(runtime: &Runtime) -> Self {
        Self {
            clock: runtime.clock.clone(),
            resolver: runtime.resolver.clone(),
            stage: AtomicU8::new(Stage::Connect as u8),
            is_open: AtomicBool::new(false),
            is_hurried: AtomicBool::new(false),
            first_seen: Mutex::new(None),
            our_address: Mutex::new(None),
            history: Mutex::default(),
        }
    }

    pub fn now(&self) -> model::Timestamp {
        self.clock.now()
    }

    pub fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    pub fn set_open(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::Relaxed);
    }

    /// Whether somebody is in a hurry; said once.
    pub fn take_hurry(&self) -> bool {
        self.is_hurried.swap(false, Ordering::Relaxed)
    }

    pub fn connected_from(&self, address: Option<IpAddr>) {
        *self.our_address.lock() = address;
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
