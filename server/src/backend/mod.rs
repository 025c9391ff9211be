//! What callers may do, done: implements `app::api::port`, mirroring `app/src/api` file for file.
//!
//! The services are private to this folder. Everybody else holds a [`Viewer`] or an [`Admin`], got from a
//! [`Door`] against proof, and can do what these offer. To add something: a method in its area's file.

mod account;
mod audit;
mod bindings;
mod callers;
mod channels;
mod commands;
mod devices;
mod door;
mod footing;
mod health;
mod history;
mod live;
mod logs;
mod metrics;
mod own_log;
mod past;
mod plan;
mod port;
mod preferences;
mod push;
mod quiets;
mod recordings;
mod replay;
mod rules;
mod seats;
mod second_factor;
mod sessions;
mod sla;
mod suggest;
mod summary;
mod sure;
mod terminal;
mod tickets;
mod unmeasured;
mod users;
mod vitals;
mod workers;

pub use callers::{Caller, Credential};
pub use door::{Admin, Door, Viewer};
pub use footing::Footing;
pub use health::Health;
pub use history::{Report, Series};
pub use metrics::Metrics;
pub use preferences::Preferences;
pub use seats::Seat;
pub use sure::Sure;
pub use terminal::{TerminalRules, TerminalTarget};
pub use tickets::Purpose;
pub use vitals::{FreeBytes, Vitals};

use crate::{
    accounts::{AccountError, Accounts},
    commands::Commands,
    config::PublicUrl,
    history::Recorder,
    logs::LogDesk,
    own_log::OwnLog,
    recordings::Recordings,
    store::{DISK_FULL, Store, StoreError, acting, acting_now},
    vault::Vault,
};
use app::api::ApiError;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engine::{Clock, Duty, EngineHandle, Fleet, Workers, notify::Tools};
use model::{DeviceId, FieldError};
use parking_lot::Mutex;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tickets::Tickets;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::task::TaskTracker;
use tower_sessions::{Expiry, Session, session::Id};

/// Everything behind the door.
pub struct Program {
    store: Store,
    vault: Arc<Vault>,
    fleet: Arc<Fleet>,
    engine: EngineHandle,
    clock: Arc<dyn Clock>,
    accounts: Accounts,
    history: Recorder,
    recordings: Recordings,
    logs: LogDesk,
    /// What channels are made with.
    notify: Tools,
    /// What links in messages begin with.
    home: Option<PublicUrl>,
    /// Rung when there is something new in the outbox.
    bell: Arc<Notify>,
    /// Rung when maintenance windows or silences were changed.
    quiets_changed: Arc<Notify>,
    workers: Vec<Workers>,
    vitals: Vitals,
    own_log: OwnLog,
    commands: Commands,
    session_idle: time::Duration,
    session_length: time::Duration,
    tickets: Tickets,
    seats: seats::Seats,
    terminal_seats: seats::Seats,
    terminal: TerminalRules,
    refusals: audit::Refusals,
    looks: recordings::Looks,
    checking: audit::Checking,
    /// Turns of those who read history.
    readers: Semaphore,
    /// Grows with every change of accounts, sessions and tokens.
    account_changes: watch::Sender<u64>,
    /// Grows with every change of devices: of what is stored, whatever the engine knows.
    device_changes: watch::Sender<u64>,
    needs_setup: AtomicBool,
    /// Held from the change of a device, or the reading of it, until the engine knows: two at once could
    /// leave the engine with the older of two settings.
    changing: Arc<tokio::sync::Mutex<()>>,
    /// Devices that the engine is still to be told of.
    noted: Mutex<BTreeSet<DeviceId>>,
    /// The engine is still to be told of everything: a change was given up, and nobody knows how far it got.
    is_fleet_doubtful: AtomicBool,
    tasks: TaskTracker,
}

/// What the program is made of.
pub struct Parts {
    pub store: Store,
    pub vault: Arc<Vault>,
    pub fleet: Arc<Fleet>,
    pub engine: EngineHandle,
    pub clock: Arc<dyn Clock>,
    pub accounts: Accounts,
    pub history: Recorder,
    pub recordings: Recordings,
    pub logs: LogDesk,
    pub notify: Tools,
    pub home: Option<PublicUrl>,
    pub bell: Arc<Notify>,
    pub quiets_changed: Arc<Notify>,
    /// Besides the engine's: for whoever asks whether all is well.
    pub workers: Vec<Workers>,
    pub vitals: Vitals,
    pub own_log: OwnLog,
    pub commands: Commands,
    /// How long a session lives without a visit, and at all.
    pub session_idle: time::Duration,
    pub session_length: time::Duration,
    pub terminal: TerminalRules,
    /// Where changes run that must not end halfway.
    pub tasks: TaskTracker,
}

impl Program {
    pub async fn new(parts: Parts) -> Result<Arc<Self>, AccountError> {
        let needs_setup = parts.accounts.needs_setup().await?;
        Ok(Arc::new(Self {
            store: parts.store,
            vault: parts.vault,
            fleet: parts.fleet,
            engine: parts.engine,
            clock: parts.clock,
            accounts: parts.accounts,
            history: parts.history,
            recordings: parts.recordings,
            logs: parts.logs,
            notify: parts.notify,
            home: parts.home,
            bell: parts.bell,
            quiets_changed: parts.quiets_changed,
            workers: parts.workers,
            vitals: parts.vitals,
            own_log: parts.own_log,
            commands: parts.commands,
            session_idle: parts.session_idle,
            session_length: parts.session_length,
            tickets: Tickets::default(),
            seats: seats::Seats::of(seats::SEATS_EACH_MAX),
            terminal_seats: seats::Seats::of(terminal::TERMINALS_EACH_MAX),
            terminal: parts.terminal,
            refusals: audit::Refusals::default(),
            looks: recordings::Looks::default(),
            checking: audit::Checking::default(),
            readers: Semaphore::new(history::READERS_MAX),
            account_changes: watch::Sender::new(0),
            device_changes: watch::Sender::new(0),
            needs_setup: AtomicBool::new(needs_setup),
            changing: Arc::default(),
            noted: Mutex::default(),
            is_fleet_doubtful: AtomicBool::new(false),
            tasks: parts.tasks,
        }))
    }

    /// No admin exists yet.
    pub fn needs_setup(&self) -> bool {
        self.needs_setup.load(Ordering::Acquire)
    }

    /// The session of a cookie's id; loaded only when something is asked of it.
    pub fn session(&self, id: Option<Id>) -> Session {
        let store = Arc::new(self.accounts.sessions().clone());
        Session::new(id, store, Some(Expiry::OnInactivity(self.session_idle)))
    }

    /// How long a browser keeps a session's cookie. That the session ends sooner is decided here, not there.
    pub fn cookie_age_s(&self) -> i64 {
        self.session_length.whole_seconds()
    }

    /// Another process changed accounts or devices: looks at everything again.
    pub async fn look_again(&self) -> Result<(), AccountError> {
        self.accounts.reload().await?;
        self.needs_setup.store(self.accounts.needs_setup().await?, Ordering::Release);
        self.accounts_changed();
        self.load_fleet().await?;
        Ok(())
    }

    /// Sessions past their time end now.
    pub async fn sweep_sessions(&self) -> Result<(), StoreError> {
        self.accounts.sessions().sweep().await
    }

    /// Does `work` to its end, even when whoever asked for it has left: between the database and the memory
    /// of it there is no place to stop.
    async fn finish<T, E, F>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let work = work(self.clone());
        let task = match acting_now() {
            Some(actor) => self.tasks.spawn(acting(actor, work)),
            None => self.tasks.spawn(work),
        };
        // A panic in it is in the log.
        task.await.unwrap_or_else(|_| Err(ApiError::Internal.into()))
    }

    /// As [`Program::finish`], of accounts and their sessions. Open sockets look again whatever came of it: it may have
    /// been made and its answer lost.
    async fn change_accounts<T, F>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>> + Send + 'static,
    {
        let change = async move |program: Arc<Self>| {
            let done = work(program.clone()).await;
            program.accounts_changed();
            done
        };
        self.finish(change).await
    }

    /// Writes down who was seen, until told to stop.
    pub async fn write_notes(&self, duty: &Duty) {
        self.accounts.write_notes(duty).await;
    }

    /// Tokens are looked up again, and sockets ask whether they may stay.
    fn accounts_changed(&self) {
        self.account_changes.send_modify(|count| *count += 1);
    }
}

/// 256 random bits as a word. `None` when the system has no randomness.
fn random_word() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// What the browser is told of a failure of the store.
fn api_error(error: StoreError) -> ApiError {
    match error {
        StoreError::Conflict(error) => ApiError::Conflict(error),
        StoreError::Invalid(errors) => ApiError::Invalid(errors),
        StoreError::NotFound => ApiError::NotFound,
        StoreError::Changed { by, at } => ApiError::Changed { by, at },
        StoreError::LastAdmin => ApiError::Conflict(FieldError::new(
            "role",
            "error_last_admin",
            "the last admin cannot be removed, demoted or disabled",
        )),
        StoreError::Unavailable(why) => {
            tracing::error!(why, "the database failed a request");
            ApiError::Unavailable
        }
        StoreError::Full(why) => {
            tracing::error!(why, "the disk is full: a request failed");
            ApiError::DiskFull
        }
        error => {
            tracing::error!(%error, "a request failed");
            ApiError::Internal
        }
    }
}

/// What the browser is told when accounts refuse something.
fn account_error(error: AccountError) -> ApiError {
    match error {
        AccountError::WrongLogin => {
            FieldError::new("password", "error_login_wrong", "the name or the password is wrong").into()
        }
        AccountError::WrongCode => FieldError::new("code", "error_code_wrong", error.to_string()).into(),
        AccountError::Late => FieldError::new("code", "error_code_late", error.to_string()).into(),
        AccountError::WrongSetupCode => FieldError::new("code", "error_setup_code", error.to_string()).into(),
        AccountError::TooMany { retry_after_s } => ApiError::TooMany { retry_after_s },
        AccountError::Store(error) => api_error(error),
    }
}

/// The same for somebody who is logged in and typed the own password into `field`.
fn wrong_password(field: &str, error: AccountError) -> ApiError {
    match error {
        AccountError::WrongLogin => {
            FieldError::new(field, "error_password_wrong", "is not the current password").into()
        }
        error => account_error(error),
    }
}

/// What the browser is told when its session cannot be kept.
fn session_error(error: tower_sessions::session::Error) -> ApiError {
    tracing::error!(%error, "a session could not be kept");
    // Only words come through the session layer.
    if error.to_string().contains(DISK_FULL) { ApiError::DiskFull } else { ApiError::Unavailable }
}
