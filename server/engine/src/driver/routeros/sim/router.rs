//! A simulated router that listens: the listener, its connections, and the strings to pull.

use super::conversation::Conversation;
use super::device::{Cut, Device};
use super::fault::Fault;
use super::personality::Personality;
use super::tls::{self, Identity};
use super::{SimOptions, SimUser};
use crate::{Login, Secret};
use parking_lot::Mutex;
use socket2::{Domain, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 64;
const TLS_MAX: Duration = Duration::from_secs(10);

/// One simulated router. It disappears when dropped.
pub struct SimRouter {
    device: Arc<Device>,
    address: SocketAddr,
    port: Arc<Port>,
    _gone: DropGuard,
}

/// What the listener task shares with the handle.
struct Port {
    device: Arc<Device>,
    identity: Mutex<Option<Identity>>,
    /// While it listens; another one when it listens again.
    listening: Mutex<Listening>,
    gone: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Clone)]
struct Listening {
    stop: CancellationToken,
    /// Cancelled when the port is free again.
    over: CancellationToken,
}

impl Listening {
    fn until(gone: &CancellationToken) -> Self {
        Self { stop: gone.child_token(), over: CancellationToken::new() }
    }
}

impl SimRouter {
    /// A router with the usual users (`monitor`/`look-only`, `admin`/`admin`) on a plain port.
    pub async fn start(personality: Personality, listen: SocketAddr) -> io::Result<Self> {
        Self::start_with(personality, listen, SimOptions::default()).await
    }

    pub async fn start_with(
        personality: Personality,
        listen: SocketAddr,
        options: SimOptions,
    ) -> io::Result<Self> {
        let identity = if options.tls { Some(tls::identity()?) } else { None };
        Self::start_nth(0, personality, listen, Arc::new(options), identity)
    }

    /// The `index`-th router of a fleet; a fleet shares one certificate, which is slow to make.
    pub(super) fn start_nth(
        index: u32,
        personality: Personality,
        listen: SocketAddr,
        options: Arc<SimOptions>,
        identity: Option<Identity>,
    ) -> io::Result<Self> {
        let listener = bind(listen)?;
        let address = listener.local_addr()?;
        let device = Arc::new(Device::new(options, personality, index));
        let gone = CancellationToken::new();
        let port = Arc::new(Port {
            device: device.clone(),
            identity: Mutex::new(identity),
            listening: Mutex::new(Listening::until(&gone)),
            gone: gone.clone(),
            tasks: TaskTracker::new(),
        });
        port.clone().listen(listener);
        Ok(Self { device, address, port, _gone: gone.drop_guard() })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it calls itself.
    pub fn identity(&self) -> String {
        self.device.identity()
    }

    pub fn personality(&self) -> Personality {
        self.device.personality
    }

    /// What a monitor needs to get in as the first user.
    pub fn login(&self) -> Login {
        let user = self.device.options.users.first().cloned();
        let user = user.unwrap_or_else(|| SimUser::monitor("nobody", ""));
        Login {
            username: user.name,
            password: Secret::new(user.password),
            port: Some(self.address.port()),
            tls: self.device.options.tls,
            pinned: None,
        }
    }

    /// SHA-256 of its certificate, when it has one.
    pub fn fingerprint(&self) -> Option<String> {
        self.port.identity.lock().as_ref().map(|identity| identity.fingerprint.clone())
    }

    /// Makes it misbehave, from the next turn of its tasks on.
    pub fn script(&self, fault: Fault) {
        match fault {
            Fault::Drop => self.device.cut(Cut::Reset),
            Fault::Close => self.device.cut(Cut::Close),
            Fault::MuteOld => self.device.cut(Cut::Mute),
            Fault::Reboot => {
                self.device.reboot();
                self.device.cut(Cut::Close);
            }
            Fault::ResetCounters => self.device.reset_counters(),
            Fault::NewCertificate => {
                if let Ok(identity) = tls::identity() {
                    *self.port.identity.lock() = Some(identity);
                }
            }
            Fault::Refuse => {
                self.port.listening.lock().stop.cancel();
                self.device.cut(Cut::Reset);
            }
            other => self.device.misbehave(other),
        }
    }

    /// Ends everything that was scripted to last.
    pub async fn heal(&self) -> io::Result<()> {
        self.device.heal();
        let listening = self.port.listening.lock().clone();
        if listening.stop.is_cancelled() {
            listening.over.cancelled().await;
            *self.port.listening.lock() = Listening::until(&self.port.gone);
            self.port.clone().listen(bind(self.address)?);
        }
        Ok(())
    }

    /// Writes a line into its log, as something in it would.
    pub fn log(&self, topics: &str, message: &str) {
        self.device.log(topics, message.to_owned());
    }

    /// Puts the clock on its wall on.
    pub fn put_clock_on(&self, by: Duration) {
        self.device.put_clock_on(by);
    }

    /// Logins it accepted.
    pub fn logins(&self) -> u64 {
        self.device.logins.load(Ordering::Relaxed)
    }

    /// Logins it refused.
    pub fn refused_logins(&self) -> u64 {
        self.device.refused_logins.load(Ordering::Relaxed)
    }

    /// Connections it accepted.
    pub fn connections(&self) -> u64 {
        self.device.connections.load(Ordering::Relaxed)
    }

    /// Commands it was given, logins not counted.
    pub fn commands(&self) -> u64 {
        self.device.commands.load(Ordering::Relaxed)
    }
}

impl Port {
    fn listen(self: Arc<Self>, listener: TcpListener) {
        let listening = self.listening.lock().clone();
        let port = self.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = listening.stop.cancelled() => {}
                () = port.accept(listener) => {}
            }
            listening.over.cancel();
        });
    }

    async fn accept(&self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.welcome(stream),
                // Out of descriptors, most likely: give others the time to close some.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn welcome(&self, stream: TcpStream) {
        let (device, gone) = (self.device.clone(), self.gone.clone());
        let acceptor = self.identity.lock().as_ref().map(|identity| identity.acceptor.clone());
        let _ = stream.set_nodelay(true);
        let talk = async move {
            let Some(acceptor) = acceptor else { return Conversation::new(device, stream).run().await };
            if let Ok(Ok(stream)) = timeout(TLS_MAX, acceptor.accept(stream)).await {
                Conversation::new(device, stream).run().await;
            }
        };
        self.tasks.spawn(async move {
            tokio::select! {
                () = talk => {}
                () = gone.cancelled() => {}
            }
        });
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A router that comes back listens on the port it had.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
