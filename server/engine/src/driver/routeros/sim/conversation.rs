//! One client's connection to a simulated router: login, commands, running commands, faults.
//!
//! Whatever a client sends, the worst that happens is that the router hangs up.

use super::codec::take_sentence;
use super::columns::Columns;
use super::device::{Change, Cut, Device};
use super::fault::{Behaviour, Fault};
use super::login::Door;
use super::sentence::{Asked, Reply};
use socket2::SockRef;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::server::TlsStream;

/// A client that does not read for this long is hung up on.
const WRITE_MAX: Duration = Duration::from_secs(30);
/// What may arrive without making a sentence.
const INBOX_BYTES_MAX: usize = 256 * 1024;
/// Commands of one client that may run on.
const RUNNING_MAX: usize = 16;
/// "Never", for timers that are not set.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

pub(super) trait Pipe: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Pipe for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Pipe for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A command that goes on until it is cancelled.
struct Running {
    tag: Option<String>,
    what: What,
}

enum What {
    Listen {
        menu: String,
    },
    Monitor {
        interfaces: String,
        every: Duration,
        next: Instant,
    },
    /// Nothing will ever be said about it.
    Swallowed,
}

/// How the router goes on after a sentence; `Err` ends the connection.
type Step = Result<(), Cut>;

pub(super) struct Conversation<P> {
    device: Arc<Device>,
    pipe: P,
    door: Door,
    inbox: Vec<u8>,
    running: Vec<Running>,
    changes: Option<broadcast::Receiver<Change>>,
}

impl<P: Pipe> Conversation<P> {
    pub fn new(device: Arc<Device>, pipe: P) -> Self {
        let from = pipe.tcp().peer_addr().map_or_else(|_| "unknown".into(), |peer| peer.ip().to_string());
        let door = Door::new(device.clone(), from);
        Self { device, pipe, door, inbox: Vec::new(), running: Vec::new(), changes: None }
    }

    /// Talks until either side has enough.
    pub async fn run(mut self) {
        Device::count(&self.device.connections);
        let cut = self.device.cut_signal();
        let how = tokio::select! {
            how = self.converse() => how,
            () = cut.cancelled() => self.device.how_cut(),
        };
        match how {
            Cut::Reset => {
                let _ = SockRef::from(self.pipe.tcp()).set_linger(Some(Duration::ZERO));
            }
            Cut::Close => {
                let _ = timeout(WRITE_MAX, self.pipe.shutdown()).await;
            }
            Cut::Mute => while self.pipe.read(&mut [0; 1024]).await.is_ok_and(|length| length > 0) {},
        }
    }

    async fn converse(&mut self) -> Cut {
        loop {
            if let Err(how) = self.turn().await {
                return how;
            }
        }
    }

    async fn turn(&mut self) -> Step {
        while let Some(words) = take_sentence(&mut self.inbox).map_err(|_| Cut::Close)? {
            if !words.is_empty() {
                self.hear(&Asked::read(&words)).await?;
            }
        }
        if self.inbox.len() > INBOX_BYTES_MAX {
            return Err(Cut::Close);
        }
        let idle = self.device.behaviour().closes_idle_after.unwrap_or(NEVER);
        let tick = self.next_tick();
        self.inbox.reserve(1024);
        tokio::select! {
            read = self.pipe.read_buf(&mut self.inbox) => match read {
                Ok(0) | Err(_) => Err(Cut::Close),
                Ok(_) => Ok(()),
            },
            change = changed(&mut self.changes) => self.tell(change).await,
            () = sleep_until(tick) => self.measure().await,
            () = sleep(idle) => Err(Cut::Close),
        }
    }

    async fn hear(&mut self, asked: &Asked) -> Step {
        let behaviour = self.device.behaviour();
        if behaviour.never_answers {
            return Ok(());
        }
        sleep(behaviour.delay).await;
        if asked.command == "/login" || !self.door.is_open() {
            let (bytes, is_over) = self.door.knock(asked);
            self.say(&bytes).await?;
            return if is_over { Err(Cut::Close) } else { Ok(()) };
        }
        Device::count(&self.device.commands);
        match asked.command.as_str() {
            "/cancel" => self.cancel(asked, &behaviour).await,
            "/quit" => {
                let mut reply = Reply::to(None, false);
                reply.fatal("session terminated on request");
                self.say(&reply.bytes).await?;
                Err(Cut::Close)
            }
            _ => match self.device.next_fault() {
                Some(fault) => self.misbehave(asked, fault).await,
                None => self.obey(asked, &behaviour).await,
            },
        }
    }

    async fn obey(&mut self, asked: &Asked, behaviour: &Behaviour) -> Step {
        let bytes = self.answer(asked, behaviour);
        self.say(&bytes).await
    }

    /// The whole reply, or its beginning for a command that runs on.
    fn answer(&mut self, asked: &Asked, behaviour: &Behaviour) -> Vec<u8> {
        let what = match asked.menu_and_verb() {
            (menu, "listen") => Some(What::Listen { menu: menu.into() }),
            ("/interface", "monitor-traffic") if asked.attribute("once").is_none() => Some(What::Monitor {
                interfaces: asked.attribute("interface").unwrap_or_default().into(),
                every: Duration::from_secs(
                    asked.attribute("interval").and_then(|s| s.parse().ok()).unwrap_or(1),
                ),
                next: Instant::now(),
            }),
            _ => None,
        };
        let mut reply = Reply::to(asked.tag.as_deref(), behaviour.is_latin1);
        let policies = self.door.policies();
        match super::verbs::execute(&self.device, policies, asked, behaviour, &mut reply) {
            // Checked like any other command, then left running.
            super::verbs::Outcome::MayRunOn if self.running.len() < RUNNING_MAX => {
                if matches!(what, Some(What::Listen { .. })) {
                    self.changes.get_or_insert_with(|| self.device.changes());
                }
                self.running.extend(what.map(|what| Running { tag: asked.tag.clone(), what }));
            }
            super::verbs::Outcome::MayRunOn => reply.trap(None, "too many commands before login"),
            super::verbs::Outcome::Finished => {}
        }
        reply.bytes
    }

    async fn cancel(&mut self, asked: &Asked, behaviour: &Behaviour) -> Step {
        if behaviour.ignores_cancel {
            return Ok(());
        }
        let wanted = asked.attribute("tag");
        let mut bytes = Vec::new();
        self.running.retain(|running| {
            let is_meant = wanted.is_none() || running.tag.as_deref() == wanted;
            if is_meant {
                let mut reply = Reply::to(running.tag.as_deref(), false);
                reply.trap(Some(2), "interrupted");
                bytes.append(&mut reply.bytes);
            }
            !is_meant
        });
        let mut reply = Reply::to(asked.tag.as_deref(), false);
        reply.done();
        bytes.append(&mut reply.bytes);
        self.say(&bytes).await
    }

    async fn misbehave(&mut self, asked: &Asked, fault: Fault) -> Step {
        let mut reply = Reply::to(asked.tag.as_deref(), false);
        match fault {
            Fault::Say(bytes) => self.say(&bytes).await,
            Fault::SayAndClose(bytes) => {
                self.say(&bytes).await?;
                Err(Cut::Close)
            }
            Fault::HalfSentence => {
                let bytes = self.answer(asked, &Behaviour::default());
                self.say(&bytes[..bytes.len() / 2]).await
            }
            Fault::Fatal(reason) => {
                reply.fatal(&reason);
                self.say(&reply.bytes).await?;
                Err(Cut::Close)
            }
            Fault::Empty => {
                reply.empty();
                reply.done();
                self.say(&reply.bytes).await
            }
            Fault::EndlessRows { bytes_per_row } => loop {
                reply.bytes.clear();
                reply.row(&filler(bytes_per_row));
                self.say(&reply.bytes).await?;
            },
            Fault::ManyRows { rows, bytes_per_row } => {
                for _ in 0..rows {
                    reply.bytes.clear();
                    reply.row(&filler(bytes_per_row));
                    self.say(&reply.bytes).await?;
                }
                reply.bytes.clear();
                reply.done();
                self.say(&reply.bytes).await
            }
            _ => {
                self.running.push(Running { tag: asked.tag.clone(), what: What::Swallowed });
                Ok(())
            }
        }
    }

    /// Passes a change on to those who listen to its menu.
    async fn tell(&mut self, change: Change) -> Step {
        let is_latin1 = self.device.behaviour().is_latin1;
        let mut bytes = Vec::new();
        for running in &self.running {
            if matches!(&running.what, What::Listen { menu } if *menu == change.menu) {
                let mut reply = Reply::to(running.tag.as_deref(), is_latin1);
                reply.row(&change.row);
                bytes.append(&mut reply.bytes);
            }
        }
        self.say(&bytes).await
    }

    fn next_tick(&self) -> Instant {
        let ticks = self.running.iter().filter_map(|running| match running.what {
            What::Monitor { next, .. } => Some(next),
            _ => None,
        });
        ticks.min().unwrap_or_else(|| Instant::now() + NEVER)
    }

    async fn measure(&mut self) -> Step {
        let (now, mut bytes) = (Instant::now(), Vec::new());
        for running in &mut self.running {
            let What::Monitor { interfaces, every, next } = &mut running.what else { continue };
            if *next > now {
                continue;
            }
            *next = now + (*every).max(Duration::from_millis(100));
            let mut reply = Reply::to(running.tag.as_deref(), false);
            for row in interfaces.split(',').filter_map(|name| self.device.monitor_traffic(name)) {
                reply.row(&row);
            }
            bytes.append(&mut reply.bytes);
        }
        self.say(&bytes).await
    }

    async fn say(&mut self, bytes: &[u8]) -> Step {
        let pause = self.device.behaviour().byte_pause;
        let writing = async {
            if pause.is_zero() {
                self.pipe.write_all(bytes).await?;
                return self.pipe.flush().await;
            }
            for byte in bytes {
                self.pipe.write_all(&[*byte]).await?;
                self.pipe.flush().await?;
                sleep(pause).await;
            }
            Ok(())
        };
        match timeout(WRITE_MAX, writing).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Cut::Close),
        }
    }
}

/// A row of about this size.
fn filler(bytes: usize) -> Columns {
    Columns::new().with(".id", "*1").with("comment", "x".repeat(bytes))
}

async fn changed(changes: &mut Option<broadcast::Receiver<Change>>) -> Change {
    loop {
        let Some(receiver) = changes else { return std::future::pending().await };
        match receiver.recv().await {
            Ok(change) => return change,
            // Who listens too slowly misses something, as on a real router.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => *changes = None,
        }
    }
}
