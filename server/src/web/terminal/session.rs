//! One terminal from its first message to its last: hello, connecting, signing in, and then [`super::relay`].

use super::{
    desk::{ANSWER_MAX, Asked, Desk},
    page::{End, Heard, Page},
    relay::{Relay, told},
};
use crate::backend::TerminalTarget;
use engine::{
    Secret,
    driver::ssh::{Connection, Size, SshError, SshLogin},
};
use model::{
    Act, Device, DeviceId, FromTerminal, LoginAsked, LoginAskedFor, SshHostKey, TerminalEnd,
    TerminalQuestion, TerminalStep, ToTerminal,
};
use std::{pin::pin, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

/// How long the first message may take.
const HELLO: Duration = Duration::from_secs(10);
/// How long somebody may compare a fingerprint.
const TRUST_MAX: Duration = Duration::from_secs(120);
/// How often somebody may try to sign in on one socket.
const TRIES_MAX: usize = 3;
/// A device that waited longer for somebody to sign in may have given up: it is connected to anew.
const WAITS_MAX: Duration = Duration::from_secs(20);

pub struct Session {
    pub(super) page: Page,
    id: DeviceId,
    language: String,
    pub(super) size: Size,
}

impl Session {
    pub fn new(page: Page, id: DeviceId, language: String) -> Self {
        Self { page, id, language, size: Size { columns: 80, rows: 24 } }
    }

    pub async fn serve(mut self) {
        let end = match self.greet().await {
            Ok(target) => self.run(target).await,
            Err(end) => end,
        };
        if let End::Told(end) = end {
            self.page.leave(&end).await;
        }
    }

    /// The ticket first: nothing else is looked at before it was found good.
    async fn greet(&mut self) -> Result<TerminalTarget, End> {
        let no_ticket = || End::Told(TerminalEnd::NoTicket);
        let until = Instant::now() + HELLO;
        let Some(Heard::Word(FromTerminal::Hello { ticket, columns, rows })) = self.first(until).await?
        else {
            return Err(no_ticket());
        };
        if !self.page.admin().redeem_terminal(&ticket, self.id) {
            return Err(no_ticket());
        }
        self.size = Size { columns, rows };
        // What ended while nobody was listening for it yet.
        self.page.recheck().await?;
        let unreadable = |_| End::Told(TerminalEnd::Lost { why: "what is stored cannot be read".to_owned() });
        let (target, footing) = self.page.admin().terminal(self.id).await.map_err(unreadable)?;
        self.page.stand_on(footing);
        Ok(target)
    }

    async fn first(&mut self, until: Instant) -> Result<Option<Heard>, End> {
        loop {
            let event = tokio::select! {
                event = self.page.event(true) => event,
                () = sleep_until(until) => return Ok(None),
            };
            if let Some(heard) = self.page.take(event).await? {
                return Ok(Some(heard));
            }
        }
    }

    async fn run(&mut self, mut target: TerminalTarget) -> End {
        let device = target.device.clone();
        // What this takes is not held for as long as the terminal is open.
        let opened = Box::pin(self.open(&mut target)).await;
        let (connection, username) = match opened {
            Ok(opened) => opened,
            Err(end) => {
                let why = told(&end);
                self.note(Act::TerminalFailed, &device, &why).await;
                return end;
            }
        };
        let place = format!("{username}@{}", place_of(&target));
        // What cannot be written down must not happen.
        if self.page.admin().note_terminal(Act::TerminalOpened, &device, &place).await.is_err() {
            return End::Told(TerminalEnd::Lost { why: "the audit log cannot be written".to_owned() });
        }
        let began = Instant::now();
        let end = self.relay(connection, &target).await;
        let detail = format!("{place}, after {} s: {}", began.elapsed().as_secs(), told(&end));
        self.note(Act::TerminalEnded, &device, &detail).await;
        end
    }

    /// From the terminal's first sign to its last.
    async fn relay(&mut self, connection: Connection, target: &TerminalTarget) -> End {
        let (size, banner) = (self.size, connection.banner());
        let shell = match self.attend(connection.shell(size)).await {
            Ok(Ok(shell)) => shell,
            Ok(Err(error)) => return End::Told(end_of(error, target)),
            Err(end) => return end,
        };
        // What nobody can look at later must not happen.
        let Some(recorder) = self.page.admin().record(&target.device, (size.columns, size.rows)).await else {
            return End::Told(TerminalEnd::Lost { why: "the recording cannot be begun".to_owned() });
        };
        let relay = Relay::new(self, shell, size, recorder);
        relay.run(&banner, |error| end_of(error, target)).await
    }

    async fn note(&mut self, act: Act, device: &Device, detail: &str) {
        if let Err(error) = self.page.admin().note_terminal(act, device, detail).await {
            tracing::error!(?error, device = device.id.0, "the end of a terminal could not be written down");
        }
    }

    /// Each by itself: whoever tries others may leave before the last.
    async fn note_refusal(&mut self, target: &TerminalTarget, username: &str, which: LoginAskedFor) {
        let of = if which == LoginAskedFor::StoredRefused { "stored" } else { "typed" };
        let detail = format!("the login was refused: {username}@{}, {of}", place_of(target));
        self.note(Act::TerminalFailed, &target.device, &detail).await;
    }

    /// A connection that somebody is signed in on, and as whom.
    async fn open(&mut self, target: &mut TerminalTarget) -> Result<(Connection, String), End> {
        let (mut login, mut asked) = (target.login.take(), 0);
        let access = target.device.ssh.as_ref().map(|access| access.username.clone());
        let mut ask = LoginAsked { username: access.unwrap_or_default(), why: LoginAskedFor::NoneStored };
        while login.is_some() || asked < TRIES_MAX {
            let mut connection = self.connect(target).await?;
            let (trying, refused) = match login.take() {
                Some(stored) => (stored, LoginAskedFor::StoredRefused),
                None => {
                    asked += 1;
                    let began = Instant::now();
                    let Some(typed) = self.ask_login(target, ask.clone()).await? else { continue };
                    if began.elapsed() > WAITS_MAX {
                        connection = self.connect(target).await?;
                    }
                    (typed, LoginAskedFor::TypedRefused)
                }
            };
            self.page.say(&ToTerminal::Step(TerminalStep::SigningIn)).await?;
            match self.sign_in(&mut connection, &trying).await? {
                Ok(()) => return Ok((connection, trying.username.clone())),
                // Somebody may know better than what is stored.
                Err(SshError::LoginRefused) => {
                    self.note_refusal(target, &trying.username, refused).await;
                    ask = LoginAsked { username: trying.username.clone(), why: refused };
                }
                Err(error) => return Err(End::Told(end_of(error, target))),
            }
        }
        Err(End::Told(TerminalEnd::LoginRefused))
    }

    async fn connect(&mut self, target: &mut TerminalTarget) -> Result<Connection, End> {
        loop {
            self.page.say(&ToTerminal::Step(TerminalStep::Connecting)).await?;
            let (admin, id, endpoint) = (self.page.admin().clone(), self.id, target.endpoint.clone());
            match self.attend(async move { admin.reach(id, &endpoint).await }).await? {
                Ok(connection) => return Ok(connection),
                // Nothing of ours was sent: it is asked for again once somebody has compared it.
                Err(SshError::HostKeyUnknown(key)) if target.endpoint.pinned.is_none() => {
                    self.trust(target, &key).await?;
                    if let Some(footing) = self.page.footing() {
                        footing.pin(key.clone());
                    }
                    target.endpoint.pinned = Some(key);
                }
                Err(error) => return Err(End::Told(unreached(error, target))),
            }
        }
    }

    async fn trust(&mut self, target: &TerminalTarget, key: &SshHostKey) -> Result<(), End> {
        let host = place_of(target);
        let SshHostKey { algorithm, fingerprint } = key.clone();
        self.page.say(&ToTerminal::HostKey { host, algorithm, fingerprint }).await?;
        let wanted = |word| match word {
            FromTerminal::Trust { fingerprint } => Some(fingerprint),
            _ => None,
        };
        let not_confirmed = || End::Told(TerminalEnd::HostKeyNotConfirmed);
        if self.wait_for(TRUST_MAX, wanted).await?.as_ref() != Some(&key.fingerprint) {
            return Err(not_confirmed());
        }
        match self.page.admin().accept_first_host_key(self.id, key.clone()).await {
            Ok(true) => Ok(()),
            // Somebody accepted another one meanwhile.
            Ok(false) => Err(not_confirmed()),
            Err(_) => Err(End::Told(TerminalEnd::Lost { why: "the host key could not be kept".to_owned() })),
        }
    }

    /// Asks for a login that is not stored, and will not be; nothing when nobody was named.
    async fn ask_login(
        &mut self,
        target: &TerminalTarget,
        login: LoginAsked,
    ) -> Result<Option<SshLogin>, End> {
        let [name, password] = app::told::terminal_login(&self.language);
        let question = |text, is_shown| TerminalQuestion { text, is_shown };
        let questions = vec![question(name, true), question(password, false)];
        let title = target.device.name.clone();
        self.page.say(&ToTerminal::Ask { title, questions, login: Some(login) }).await?;
        let wanted = |word| match word {
            FromTerminal::Answers(answers) => Some(answers),
            _ => None,
        };
        let answers = self.wait_for(ANSWER_MAX, wanted).await?.unwrap_or_default();
        let refused = || End::Told(TerminalEnd::LoginRefused);
        let [username, password] = <[String; 2]>::try_from(answers).map_err(|_| refused())?;
        if username.trim().is_empty() || username.len() > 256 {
            return Ok(None);
        }
        Ok(Some(SshLogin { username, password: Some(Secret::new(password)), private_key: None }))
    }

    /// Signs in, and lets the page answer what the device asks meanwhile.
    async fn sign_in(
        &mut self,
        connection: &mut Connection,
        login: &SshLogin,
    ) -> Result<Result<(), SshError>, End> {
        let (asks, mut asked) = mpsc::channel(1);
        let mut desk = Desk(asks);
        let mut signing = pin!(connection.sign_in(login, &mut desk));
        let mut waiting: Option<oneshot::Sender<Vec<Secret<String>>>> = None;
        loop {
            let event = tokio::select! {
                done = &mut signing => return Ok(done),
                Some(Asked { title, questions, answers }) = asked.recv() => {
                    self.page.say(&ToTerminal::Ask { title, questions, login: None }).await?;
                    waiting = Some(answers);
                    continue;
                }
                event = self.page.event(true) => event,
            };
            match self.heard(event).await? {
                Some(FromTerminal::Answers(answers)) => {
                    if let Some(waiting) = waiting.take() {
                        // Nobody waits any more when the device has ended it meanwhile.
                        let _ = waiting.send(answers.into_iter().map(Secret::new).collect());
                    }
                }
                _ => continue,
            }
        }
    }

    /// Does `work` while the page is listened to.
    async fn attend<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        let mut work = pin!(work);
        loop {
            let event = tokio::select! {
                done = &mut work => return Ok(done),
                event = self.page.event(true) => event,
            };
            self.heard(event).await?;
        }
    }

    /// Waits for a word of the page; `None` when it did not come in time.
    async fn wait_for<T>(
        &mut self,
        within: Duration,
        wanted: impl Fn(FromTerminal) -> Option<T>,
    ) -> Result<Option<T>, End> {
        let until = Instant::now() + within;
        loop {
            let event = tokio::select! {
                event = self.page.event(true) => event,
                () = sleep_until(until) => return Ok(None),
            };
            if let Some(found) = self.heard(event).await?.and_then(&wanted) {
                return Ok(Some(found));
            }
        }
    }

    /// What the page said before there is a terminal: its size is kept, and what is typed already goes nowhere.
    async fn heard(&mut self, event: super::page::Event) -> Result<Option<FromTerminal>, End> {
        match self.page.take(event).await? {
            Some(Heard::Word(FromTerminal::Resize { columns, rows })) => {
                self.size = Size { columns, rows };
                Ok(None)
            }
            Some(Heard::Word(FromTerminal::GiveUp)) => Err(End::GivenUp),
            Some(Heard::Word(word)) => Ok(Some(word)),
            Some(Heard::Bytes(_) | Heard::Answer(_)) | None => Ok(None),
        }
    }
}

/// What never came to stand names where it was looked for.
fn unreached(error: SshError, target: &TerminalTarget) -> TerminalEnd {
    match end_of(error, target) {
        TerminalEnd::Lost { why } => TerminalEnd::Unreached { host: place_of(target), why },
        end => end,
    }
}

fn place_of(target: &TerminalTarget) -> String {
    let (host, port) = (&target.endpoint.host, target.endpoint.port);
    // An address with colons of its own.
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn end_of(error: SshError, target: &TerminalTarget) -> TerminalEnd {
    match error {
        SshError::HostKeyChanged { pinned, seen } => {
            TerminalEnd::HostKeyChanged { host: place_of(target), pinned, seen }
        }
        SshError::NoCommonAlgorithm { needs } => TerminalEnd::NoCommonAlgorithm { needs },
        SshError::LoginRefused => TerminalEnd::LoginRefused,
        error => TerminalEnd::Lost { why: error.to_string() },
    }
}
